/**
 * What a small set touches: of whose surface (surface.ts) nothing is among that, of that file nothing in the set could be found. Says
 * no only where it is certain.
 */
import {
  type HashAlgorithm,
  type HashTableName,
  hashAlgorithms,
  hashTableNames,
  logical,
  pattern,
  patternTarget,
} from '../layout.ts'
import type { Definitions } from '../open.ts'
import { HASH_PREFIX_BYTES, surfaceBits, targetBit } from '../surface.ts'

/** What is known of a file that was clean. */
export interface TouchedFile {
  /** In bytes. */
  readonly size: number
  /** As Surface.bits of the engine. */
  readonly bits: number
  /** The first bytes of one of its hashes, as words; undefined when it was not computed. */
  hash(algorithm: HashAlgorithm): HashPrefix | undefined
}

/** The first eight bytes of a hash, as little-endian words. */
export type HashPrefix = readonly [low: number, high: number]

/**
 * What must be read of the file again: nothing, since nothing of the set could be found in it; it, against the set alone; or it, against all
 * signatures, since what the set finds depends on others.
 */
export type Rereading = 'nothing' | 'additions' | 'whole'

export interface Reach {
  rereading(file: TouchedFile): Rereading
}

const PE_TARGET = 1
const fileTables: Readonly<Record<HashAlgorithm, HashTableName>> = {
  md5: 'fileMd5',
  sha1: 'fileSha1',
  sha256: 'fileSha256',
}

/** Reads what a set touches, and keeps some bytes for each of its hashes. Throws what reading its stored part throws. */
export function reachOf(definitions: Definitions): Reach {
  const bits = bitsOf(definitions)
  const tables = hashAlgorithms.map((algorithm) => {
    const table = definitions.hashes[fileTables[algorithm]]
    return { algorithm, isEmpty: table.length === 0, prefixes: prefixesOf(table.listed()) }
  })
  const hasHashes = tables.some(({ isEmpty }) => !isEmpty)
  const isForAll = (bits & targetBit(0)) !== 0
  return {
    rereading(file) {
      if ((file.bits & surfaceBits.handled) !== 0) return 'whole'
      return touches(file) ? 'additions' : 'nothing'
    },
  }

  function touches(file: TouchedFile): boolean {
    // In an empty file there is no content to look for anything in.
    if (file.size === 0 && file.bits === 0) return false
    if (isForAll || (file.bits & bits) !== 0) return true
    if (hasHashes && (file.bits & surfaceBits.severalHashed) !== 0) return true
    return tables.some(({ algorithm, prefixes }) => {
      const ofSize = [prefixes.get(file.size), prefixes.get(undefined)]
      if (ofSize.every((those) => those === undefined)) return false
      const own = file.hash(algorithm)
      return own === undefined || ofSize.some((those) => those?.has(keyOf(own)) === true)
    })
  }
}

/** By size, undefined for any: what the hashes begin with. */
type Prefixes = ReadonlyMap<number | undefined, ReadonlySet<number>>

function prefixesOf(listed: Iterable<readonly [hash: Buffer, size: number | undefined]>): Prefixes {
  const prefixes = new Map<number | undefined, Set<number>>()
  for (const [hash, size] of listed) {
    const those = prefixes.get(size) ?? new Set()
    those.add(keyOf(prefixIn(hash)))
    prefixes.set(size, those)
  }
  return prefixes
}

/** 53 bits of the 64: fewer only mean that a file is read for nothing. */
function keyOf([low, high]: HashPrefix): number {
  return (low & 0x1fffff) * 2 ** 32 + high
}

function prefixIn(hash: Buffer): HashPrefix {
  return [hash.readUInt32LE(0), hash.readUInt32LE(HASH_PREFIX_BYTES / 2)]
}

/** The targets of a set's patterns, of its hashes of programs' parts, and entries. A rule may ask for anything. */
function bitsOf({ patternTables, hashes, entryRules, rules }: Definitions): number {
  const { patterns, patternCount, logicals, logicalCount } = patternTables
  let bits = rules.length > 0 ? targetBit(0) : 0
  if (entryRules.length > 0) bits |= surfaceBits.entries
  for (let index = 0; index < patternCount; index += 1) {
    bits |= targetBit(patternTarget(patterns[index * pattern.words + pattern.packed] as number))
  }
  for (let index = 0; index < logicalCount; index += 1) {
    bits |= targetBit(logicals[index * logical.words + logical.target] as number)
  }
  const ofParts = hashTableNames.filter((name) => !Object.values(fileTables).includes(name))
  if (ofParts.some((name) => hashes[name].length > 0)) bits |= targetBit(PE_TARGET)
  return bits
}
