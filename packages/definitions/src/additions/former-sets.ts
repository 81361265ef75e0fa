/**
 * Which lines were in which of the last sets, as a file that the compiler reads before it compiles the next and writes anew. Losing it
 * costs agents time only: a damaged one is no file.
 *
 * The file: magic (8 bytes), bytes of the head and number of digests (4 each), the head as JSON, padded with spaces to a multiple of 8,
 * the digests (8 each, ascending), for each a byte of bits, one for each set that had it, and the SHA-256 of all that.
 */
import { createHash, randomBytes } from 'node:crypto'
import { compareDigests } from './line-digests.ts'

const MAGIC = 'CRWDSETS'
const FIXED_BYTES = 16
const DIGEST_BYTES = 32
/** One bit each. */
const FORMER_SETS_MAX = 8
const COUNT_MAX = 100_000_000

/** A set that was compiled. */
export interface FormerSet {
  readonly version: string
  /** SHA-256 of its file, lower-case hexadecimal. */
  readonly sha256: string
  /** A digest of all that must be the same for lines to be compared one by one. */
  readonly settled: string
}

/** What is known of the last sets. */
export interface FormerSets {
  /** Begins what is hashed of a line. */
  readonly secret: string
  /** The oldest first; their places are their bits. */
  readonly sets: readonly FormerSet[]
  /** Sorted digests of lines (line-digests.ts). */
  readonly digests: Uint32Array
  /** For each digest, in which sets it was. */
  readonly masks: Uint8Array
}

export function noFormerSets(): FormerSets {
  const secret = randomBytes(16).toString('hex')
  return { secret, sets: [], digests: new Uint32Array(0), masks: new Uint8Array(0) }
}

/** These, and one more set with the lines of these digests; the oldest gives way when there are too many. */
export function withSet(former: FormerSets, set: FormerSet, added: Uint32Array): FormerSets {
  const isFull = former.sets.length === FORMER_SETS_MAX
  const sets = [...(isFull ? former.sets.slice(1) : former.sets), set]
  const bit = 1 << (sets.length - 1)
  const digests = new Uint32Array(former.digests.length + added.length)
  const masks = new Uint8Array(digests.length / 2)
  let count = 0
  for (let old = 0, own = 0; old < former.digests.length || own < added.length; ) {
    const order =
      own >= added.length
        ? -1
        : old >= former.digests.length
          ? 1
          : compareDigests(former.digests, old, added, own)
    const [from, at] = order <= 0 ? [former.digests, old] : [added, own]
    const before = order <= 0 ? (former.masks[old / 2] as number) >>> (isFull ? 1 : 0) : 0
    const mask = before | (order >= 0 ? bit : 0)
    if (order <= 0) old += 2
    if (order >= 0) own += 2
    if (mask === 0) continue
    digests[2 * count] = from[at] as number
    digests[2 * count + 1] = from[at + 1] as number
    masks[count] = mask
    count += 1
  }
  return {
    secret: former.secret,
    sets,
    digests: digests.subarray(0, 2 * count),
    masks: masks.subarray(0, count),
  }
}

export function encodeFormerSets({ secret, sets, digests, masks }: FormerSets): Uint8Array {
  const json = Buffer.from(JSON.stringify({ secret, sets }))
  const head = Buffer.concat([json, Buffer.alloc(-json.length & 7, ' ')])
  const bytes = Buffer.alloc(FIXED_BYTES + head.length + 4 * digests.length + masks.length + DIGEST_BYTES)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt32LE(head.length, 8)
  bytes.writeUInt32LE(masks.length, 12)
  bytes.set(head, FIXED_BYTES)
  let at = FIXED_BYTES + head.length
  bytes.set(new Uint8Array(digests.buffer, digests.byteOffset, digests.byteLength), at)
  at += digests.byteLength
  bytes.set(masks, at)
  at += masks.length
  bytes.set(createHash('sha256').update(bytes.subarray(0, at)).digest(), at)
  return bytes
}

/** Reads such a file; undefined when it is none, or damaged. */
export function decodeFormerSets(given: Uint8Array): FormerSets | undefined {
  // Of its own memory, so that words can be seen in it.
  const bytes = Buffer.from(new Uint8Array(given).buffer)
  if (bytes.length < FIXED_BYTES + DIGEST_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined
  const end = bytes.length - DIGEST_BYTES
  const at = FIXED_BYTES + bytes.readUInt32LE(8)
  const count = bytes.readUInt32LE(12)
  if (at % 8 !== 0 || count > COUNT_MAX || end !== at + 9 * count) return undefined
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end)))
    return undefined
  const { secret, sets } = JSON.parse(bytes.toString('utf8', FIXED_BYTES, at)) as Pick<
    FormerSets,
    'secret' | 'sets'
  >
  const digests = new Uint32Array(bytes.buffer, bytes.byteOffset + at, 2 * count)
  return { secret, sets, digests, masks: bytes.subarray(at + 8 * count, end) }
}
