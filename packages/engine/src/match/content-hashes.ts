/** The hashes of a content, and what they say. Only algorithms that the content's size can match are computed. */
import { createHash, type Hash } from 'node:crypto'
import { type Definitions, type HashAlgorithm, type HashTable, hashAlgorithms } from '@coreward/definitions'

export interface ContentHashes {
  update(fresh: Uint8Array): void
  /** Called once, after the last byte: the ids of the signatures whose hash this content has. */
  signatures(onHash: (algorithm: HashAlgorithm, hex: string) => void): number[]
}

/** For a content that hash signatures are not for. */
export const noHashes: ContentHashes = { update() {}, signatures: () => [] }

const fileTables = { md5: 'fileMd5', sha1: 'fileSha1', sha256: 'fileSha256' } as const

/** Begins hashing a content of `size` bytes. */
export function startContentHashes({ hashes }: Definitions, size: number): ContentHashes {
  const running: [HashAlgorithm, HashTable, Hash][] = []
  for (const name of hashAlgorithms) {
    const table = hashes[fileTables[name]]
    if (table.wants(size)) running.push([name, table, createHash(name)])
  }
  return {
    update(fresh) {
      for (const [, , hash] of running) hash.update(fresh)
    },
    signatures(onHash) {
      return running.flatMap(([name, table, hash]) => {
        const digest = hash.digest()
        onHash(name, digest.toString('hex'))
        return table.find(digest, size)
      })
    },
  }
}
