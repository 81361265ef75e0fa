/**
 * Archives for tests, built in memory: small writers that can also write what no honest packer would. Never imported by
 * production code.
 */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

/** EICAR's test string, joined only here at run time so that no file of ours is a detection. */
export function eicar(): Buffer {
  const halves = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*']
  return Buffer.from(halves.join(''), 'latin1')
}

export interface ZipItem {
  readonly name: string
  readonly data: Uint8Array
  /** Written without compression. */
  readonly stored?: boolean
  /** Sets the encryption bit; the data is as good as cipher text to a reader without the password. */
  readonly encrypted?: boolean
  /** Overrides the method field. */
  readonly method?: number
  /** Compressed bytes to write in place of the data's own. */
  readonly compressed?: Uint8Array
}

export interface ZipOptions {
  /** Bytes before the archive, whose offsets do not count them. */
  readonly prefix?: Uint8Array
  readonly comment?: string
  readonly zip64?: boolean
  /** Lets every directory entry point at the first entry's bytes. */
  readonly overlapping?: boolean
}

/** A zip archive (APPNOTE sections 4.3.7, 4.3.12, 4.3.16). */
export function makeZip(items: readonly ZipItem[], options: ZipOptions = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const item of items) {
    const data = Buffer.from(item.compressed ?? (item.stored ? item.data : deflateRawSync(item.data)))
    const name = Buffer.from(item.name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE((item.encrypted ? 1 : 0) | 0x800, 2)
    fields.writeUInt16LE(item.method ?? (item.stored ? 0 : 8), 4)
    fields.writeUInt32LE(crc32(item.data), 10)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(item.data.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const extra = options.zip64 ? zip64Extra(item.data.length, data.length, offset) : Buffer.alloc(0)
    const central = Buffer.alloc(46)
    central.write('PK\x01\x02\x14\x00', 'latin1')
    fields.copy(central, 6, 0, 24)
    central.writeUInt16LE(extra.length, 30)
    central.writeUInt32LE(options.overlapping ? 0 : offset, 42)
    if (options.zip64) {
      for (const field of [20, 24, 42]) central.writeUInt32LE(0xffffffff, field)
    }
    directory.push(central, name, extra)
    if (options.overlapping && locals.length > 0) continue
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, data])
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const ends = options.zip64 ? zip64Ends(items.length, central.length, offset) : Buffer.alloc(0)
  const comment = Buffer.from(options.comment ?? '')
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(options.zip64 ? 0xffff : items.length, 8)
  end.writeUInt16LE(options.zip64 ? 0xffff : items.length, 10)
  end.writeUInt32LE(options.zip64 ? 0xffffffff : central.length, 12)
  end.writeUInt32LE(options.zip64 ? 0xffffffff : offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([options.prefix ?? Buffer.alloc(0), ...locals, central, ends, end, comment])
}

function zip64Extra(size: number, compressed: number, offset: number): Buffer {
  const extra = Buffer.alloc(28)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(24, 2)
  extra.writeBigUInt64LE(BigInt(size), 4)
  extra.writeBigUInt64LE(BigInt(compressed), 12)
  extra.writeBigUInt64LE(BigInt(offset), 20)
  return extra
}

function zip64Ends(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const ends = Buffer.alloc(76)
  ends.write('PK\x06\x06', 'latin1')
  ends.writeBigUInt64LE(44n, 4)
  ends.writeBigUInt64LE(BigInt(entries), 24)
  ends.writeBigUInt64LE(BigInt(entries), 32)
  ends.writeBigUInt64LE(BigInt(directoryBytes), 40)
  ends.writeBigUInt64LE(BigInt(directoryOffset), 48)
  ends.write('PK\x06\x07', 56, 'latin1')
  ends.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64)
  ends.writeUInt32LE(1, 72)
  return ends
}

/** A POSIX tar archive. */
export async function makeTar(items: readonly { name: string; data: Uint8Array }[]): Promise<Buffer> {
  const packing = pack()
  for (const { name, data } of items) packing.entry({ name }, Buffer.from(data))
  packing.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of packing) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** One ustar header for an entry `x` (POSIX.1-1988); sizes beyond eleven octal digits as GNU writes them, in base 256. */
export function tarHeader({ typeflag, size }: { typeflag: string; size: number }): Buffer {
  const header = Buffer.alloc(512)
  header.write('x', 0)
  const digits = size.toString(8)
  if (digits.length <= 11) header.write(digits.padStart(11, '0'), 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  header.write(typeflag, 156)
  header.write('ustar\x0000', 257, 'latin1')
  return withChecksum(header)
}

/** Writes the checksum a changed header needs to pass. */
export function withChecksum(header: Buffer): Buffer {
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** A gzip member. */
export function makeGzip(data: Uint8Array): Buffer {
  return gzipSync(data)
}

/** A numbered sequence of pseudo-random bytes (xorshift32), so that a failing input can be had again. */
export function randomBytes(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed | 1
  for (let index = 0; index < length; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[index] = state & 0xff
  }
  return bytes
}

/** Pseudo-random hexadecimal digits: compressible, so that nothing of them is legible in an archive's own bytes. */
export function randomText(seed: number, length: number): Buffer {
  return Buffer.from(randomBytes(seed, length / 2).toString('hex'))
}
