/**
 * What the hashes of a PE file's sections and of its list of imports say (.mdb, .msb, .imp). Only sections whose size
 * occurs in the set are hashed. As in ClamAV, a damaged structure has none.
 */
import { type Definitions, type HashAlgorithm, hashAlgorithms } from '@coreward/definitions'
import type { Executable } from '../structure/executable.ts'

const PE_TARGET = 1

const sectionTables = { md5: 'sectionMd5', sha1: 'sectionSha1', sha256: 'sectionSha256' } as const

export interface StructureHashes {
  /** The signatures that a content of `target` has, with where: a section's offset, 0 for imports. */
  signatures(target: number, structure: () => Executable | undefined): Generator<[id: number, offset: number]>
}

/** Prepares asking `definitions`, which it keeps. */
export function createStructureHashes({ hashes }: Definitions): StructureHashes {
  const imports = hashes.importMd5
  const algorithms = hashAlgorithms.filter((name) => hashes[sectionTables[name]].length > 0)
  const isAsked = algorithms.length > 0 || imports.length > 0
  const sectionIds = (executable: Executable, index: number, size: number, algorithm: HashAlgorithm) => {
    const table = hashes[sectionTables[algorithm]]
    const hex = table.wants(size) ? executable.sectionHash(index, algorithm) : undefined
    return hex === undefined ? [] : table.find(Buffer.from(hex, 'hex'), size)
  }
  const importIds = (executable: Executable) => {
    const hash = imports.length > 0 ? executable.importHash() : undefined
    return hash === undefined ? [] : imports.find(Buffer.from(hash.md5, 'hex'), hash.length)
  }

  return {
    *signatures(target, structure) {
      if (!isAsked || target !== PE_TARGET) return
      const executable = structure()
      if (executable?.format !== 'pe' || executable.damage !== undefined) return
      for (const [index, { offset, size }] of executable.sections.entries()) {
        for (const algorithm of algorithms) {
          for (const id of sectionIds(executable, index, size, algorithm)) yield [id, offset]
        }
      }
      for (const id of importIds(executable)) yield [id, 0]
    },
  }
}
