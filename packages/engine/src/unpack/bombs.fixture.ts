/**
 * Files that grow when they are opened, made in memory: a zip that holds itself, zips in zips, and one mail in another. Never imported by
 * production code.
 */
import { deflateRawSync } from 'node:zlib'
import { makeZip } from './archives.fixture.ts'

/** Zips in zips as 42.zip has them: `width` in each, `depth` of them, and zeros in the innermost. */
export function nestedZips(width: number, depth: number, innermost: Uint8Array): Buffer {
  let inner: Buffer = Buffer.from(innermost)
  for (let level = 0; level < depth; level += 1) {
    const compressed = deflateRawSync(inner)
    const data = inner
    inner = makeZip(
      Array.from({ length: width }, (_, index) => ({ name: `${level}-${index}`, data, compressed })),
    )
  }
  return inner
}

/** A block that is stored (RFC 1951, section 3.2.4), without its `length` bytes. */
function stored(length: number): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt16LE(length, 1)
  header.writeUInt16LE(length ^ 0xffff, 3)
  return header
}

/** Bits as deflate packs them, from the lowest up; codes of Huffman are written the other way round. */
function packed(...fields: readonly (readonly [value: number, bits: number, isCode?: boolean])[]): Buffer {
  const all = fields.flatMap(([value, bits, isCode = false]) => {
    const row = Array.from({ length: bits }, (_, bit) => (value >>> bit) & 1)
    return isCode ? row.reverse() : row
  })
  const bytes = Buffer.alloc(Math.ceil(all.length / 8))
  for (const [index, bit] of all.entries())
    bytes[index >> 3] = (bytes[index >> 3] as number) | (bit << (index & 7))
  return bytes
}

/** Repeat the last 20 bytes: twice 10 of them, 40 bits in all (section 3.2.6). */
const REPEAT_20 = packed(
  [2, 3],
  [8, 7, true],
  [8, 5, true],
  [3, 3],
  [8, 7, true],
  [8, 5, true],
  [3, 3],
  [0, 7, true],
)
/** Repeat the last 65, and an empty block, which makes it as long. */
const REPEAT_65 = packed(
  [2, 3],
  [20, 7, true],
  [6, 3],
  [12, 5, true],
  [0, 5],
  [0, 7, true],
  [2, 3],
  [0, 7, true],
)
/** Repeat the last 102, and end. */
const REPEAT_102_LAST = packed([3, 3], [23, 7, true], [3, 4], [13, 5, true], [5, 5], [0, 7, true])

/** Thirty letters, so that header and name are sixty bytes: what is repeated has to be 65 long. */
const QUINE_NAME = 'itself-in-itself-in-itself.zip'

/** A zip whose only entry is the zip itself, after R. Cox, "Zip Files All The Way Down"; its checksum alone is wrong. */
export function zipQuine(): Buffer {
  const [ten, five] = [REPEAT_65, REPEAT_20]
  const empty = stored(0)
  const program = (head: Buffer, tail: Buffer) => [
    ...[stored(65), head, stored(65), ten],
    ...[stored(5), ten, stored(5), stored(5)],
    ...[stored(20), ten, stored(5), stored(5), stored(20), five],
    ...[stored(20), five, stored(20), five, stored(20), five],
    ...[stored(20), five, empty, empty, stored(102), five, empty, empty],
    ...[stored(102), REPEAT_102_LAST, tail, REPEAT_102_LAST],
  ]
  const [head, tail] = [Buffer.alloc(60), Buffer.alloc(98)]
  const length = Buffer.concat(program(head, tail)).length
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(8, 4)
  fields.writeUInt32LE(length, 14)
  fields.writeUInt32LE(head.length + length + tail.length, 18)
  fields.writeUInt16LE(QUINE_NAME.length, 22)
  head.write('PK\x03\x04', 'latin1')
  fields.copy(head, 4)
  head.write(QUINE_NAME, 30)
  tail.write('PK\x01\x02\x14\x00', 'latin1')
  fields.copy(tail, 6, 0, 24)
  tail.write(QUINE_NAME, 46)
  tail.write('PK\x05\x06', 76, 'latin1')
  tail.writeUInt16LE(1, 84)
  tail.writeUInt16LE(1, 86)
  tail.writeUInt32LE(76, 88)
  tail.writeUInt32LE(head.length + length, 92)
  return Buffer.concat([head, ...program(head, tail), tail])
}
