/** The hashes of a content, and what they say. Only algorithms that the content's size can match are computed. */
import { createHash, type Hash } from 'node:crypto'
import { type Definitions, type HashAlgorithm, hashAlgorithms } from '@coreward/definitions'

export interface ContentHashes {
  update(fresh: Uint8Array): void
  /** Called once, after the last byte: the ids of the signatures whose hash this content has. */
  signatures(onHash: (algorithm: HashAlgorithm, hex: string) => void): number[]
}

/** Begins hashing a content of `size` bytes. */
export function startContentHashes(definitions: Definitions, size: number): ContentHashes {
  const running: [HashAlgorithm, Hash][] = hashAlgorithms
    .filter((name) => definitions.hashes[name].wants(size))
    .map((name) => [name, createHash(name)])
  return {
    update(fresh) {
      for (const [, hash] of running) hash.update(fresh)
    },
    signatures(onHash) {
      return running.flatMap(([name, hash]) => {
        const digest = hash.digest()
        onHash(name, digest.toString('hex'))
        return definitions.hashes[name].find(digest, size)
      })
    },
  }
}
