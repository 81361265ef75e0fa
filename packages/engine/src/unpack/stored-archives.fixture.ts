/**
 * Archives of formats that no free tool packs, with one entry that is stored as it is. Never imported by production code.
 */
import { crc32 } from 'node:zlib'

/** RAR 5 ("RAR 5.0 archive format", General archive block format, File header). */
export function makeRar5(name: string, data: Uint8Array): Buffer {
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(data))
  const named = Buffer.from(name)
  const block = (fields: readonly number[], ...rest: Uint8Array[]) => {
    const header = Buffer.concat([...fields.map(vint), ...rest])
    const sized = Buffer.concat([vint(header.length), header])
    const check = Buffer.alloc(4)
    check.writeUInt32LE(crc32(sized))
    return Buffer.concat([check, sized])
  }
  const file = block(
    [2, 2, data.length, 4, data.length, 0x20],
    sum,
    vint(0),
    vint(1),
    vint(named.length),
    named,
  )
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'),
    block([1, 0, 0]),
    file,
    data,
    block([5, 0, 0]),
  ])
}

/** Seven bits a byte, the lowest first. */
function vint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 0x80)
  }
}

/** LHA with a header of level 0, as LHarc's own documentation has it. */
export function makeLha(name: string, data: Uint8Array): Buffer {
  const named = Buffer.from(name)
  const header = Buffer.alloc(24 + named.length)
  header.write('-lh0-', 2)
  header.writeUInt32LE(data.length, 7)
  header.writeUInt32LE(data.length, 11)
  header[19] = 0x20
  header[21] = named.length
  named.copy(header, 22)
  header.writeUInt16LE(crc16(data), 22 + named.length)
  header[0] = header.length - 2
  header[1] = header.subarray(2).reduce((sum, byte) => (sum + byte) & 0xff, 0)
  return Buffer.concat([header, data, Buffer.alloc(1)])
}

/** CRC-16 of LHA: polynomial 0xA001, from 0. */
function crc16(data: Uint8Array): number {
  let sum = 0
  for (const byte of data) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xa001
  }
  return sum
}
