/**
 * BinHex 4.0 (RFC 1741, appendix A): one file of a Macintosh with its two forks, in letters of 6 bits with runs of a byte counted. Checksums are not
 * compared: what is damaged is scanned all the same.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { placeOfBytes } from './byte-search.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { settleDecoded } from './decoded.ts'
import { sliceSource } from './slice-source.ts'

const BLOCK_BYTES = 64 * 1024
const COLON = 0x3a
const RUN = 0x90

const OUTSIDE = 255
const values = new Uint8Array(256).fill(OUTSIDE)
for (const [index, letter] of [
  ...'!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr',
].entries())
  values[letter.charCodeAt(0)] = index

/** Behind the name: version, type, creator, flags, lengths of both forks, checksum. */
const HEADER_BYTES = 1 + 4 + 4 + 2 + 4 + 4 + 2
const CHECKSUM_BYTES = 2

/** The data fork under the file's name, and the resource fork if there is one. */
export async function* unpackBinhex(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  if (!budget.takeEntry()) {
    yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
    return
  }
  const { heldBytes } = budget
  const buffer = createContentBuffer(heldBytes, Math.min(source.size, heldBytes))
  const fits = decodeInto(buffer, source, budget)
  const { bytes, shortfall } = settleDecoded(buffer, fits, budget)
  yield* forks(bytes, shortfall)
}

const LINE = Buffer.from('(This file must be converted with BinHex')

/** The first file that stands behind other lines of a text; one at its beginning is told from the text's type. */
export async function* unpackBinhexWithin(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const at = placeOfBytes(source, LINE, 0, budget.check)
  if (at > 0) yield* unpackBinhex(sliceSource(source, at, source.size - at), budget)
}

function* forks(bytes: Uint8Array, shortfall: Shortfall | undefined): Generator<UnpackedPart> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const nameLength = file[0] ?? 0
  const lengthsAt = 1 + nameLength + 11
  const dataAt = 1 + nameLength + HEADER_BYTES
  if (file.length < dataAt) {
    yield {
      kind: 'unscanned',
      shortfall: shortfall ?? { reason: 'damaged', detail: 'its header breaks off' },
    }
    return
  }
  const label = entryLabel(file.toString('latin1', 1, 1 + nameLength))
  const resourceAt = dataAt + file.readUInt32BE(lengthsAt) + CHECKSUM_BYTES
  yield* fork(file, label, dataAt, file.readUInt32BE(lengthsAt), shortfall)
  yield* fork(file, entryLabel(`${label} resources`), resourceAt, file.readUInt32BE(lengthsAt + 4), shortfall)
}

function* fork(
  file: Buffer,
  label: string,
  start: number,
  stated: number,
  shortfall: Shortfall | undefined,
): Generator<UnpackedPart> {
  if (stated === 0) return
  const content = file.subarray(start, start + stated)
  const missing = shortfall ?? ({ reason: 'damaged', detail: 'the file breaks off' } as const)
  if (content.length === 0) yield { kind: 'unscanned', label, shortfall: missing }
  else if (content.length === stated) yield { kind: 'content', label, content: bytesSource(content) }
  else yield { kind: 'content', label, content: bytesSource(content), shortfall: missing }
}

/** Decodes all between the first colon that begins a line and the next one; false when it did not fit. */
function decodeInto(buffer: ContentBuffer, source: ByteSource, budget: Budget): boolean {
  let isInside = false
  let isLineStart = true
  let bits = 0
  let bitCount = 0
  let last = 0
  let isRun = false
  // A run stands for up to 255 bytes, and takes two.
  const output = new Uint8Array(BLOCK_BYTES)
  let length = 0
  const flush = () => {
    const fits = buffer.append(output.subarray(0, length))
    length = 0
    return fits
  }
  const put = (byte: number, count: number): boolean => {
    if (length + count > output.length && !flush()) return false
    output.fill(byte, length, length + count)
    length += count
    return true
  }
  const take = (byte: number): boolean => {
    if (isRun) {
      isRun = false
      // None is the byte itself; the byte has been written once.
      if (byte === 0) last = RUN
      return put(last, byte === 0 ? 1 : byte - 1)
    }
    isRun = byte === RUN
    if (isRun) return true
    last = byte
    return put(byte, 1)
  }
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    budget.check()
    for (const letter of source.read(at, Math.min(BLOCK_BYTES, source.size - at))) {
      if (!isInside) {
        isInside = letter === COLON && isLineStart
        isLineStart = letter === 0x0a || letter === 0x0d
        continue
      }
      if (letter === COLON) return flush()
      const value = values[letter] as number
      if (value === OUTSIDE) continue
      bits = ((bits << 6) | value) & 0xffff
      bitCount += 6
      if (bitCount < 8) continue
      bitCount -= 8
      if (!take((bits >>> bitCount) & 0xff)) return false
    }
  }
  return flush()
}
