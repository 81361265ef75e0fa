/**
 * LZ4 ("LZ4 Frame Format Description" 1.6.4, with its legacy frames and its skippable ones, and "LZ4 Block Format Description"): frames one
 * after the other are one content. Check sums are not compared: what comes out is looked at whether it is whole or not.
 */
import { breakStream, type StreamInput, type StreamOutput, streamUnpacker } from './stream-decoder.ts'

const FRAME = 0x184d2204
const LEGACY = 0x184c2102
/** The first of sixteen. */
const SKIPPABLE = 0x184d2a50
/** The most that a block comes to, by bits 4 to 6 of the frame's second byte; a legacy one comes to 8 MiB. */
const blockBytes = [0, 0, 0, 0, 1 << 16, 1 << 18, 1 << 20, 1 << 22]
const LEGACY_BLOCK_BYTES = 1 << 23

/** The one content of an .lz4 file. */
export const unpackLz4 = streamUnpacker((input, output) => {
  for (let isFirst = true; ; isFirst = false) {
    const magic = readWord(input)
    if (magic === FRAME) decodeFrame(input, output)
    else if (magic === LEGACY) decodeLegacy(input, output)
    else if (magic !== undefined && magic >>> 4 === SKIPPABLE >>> 4) skip(input, needWord(input))
    // What else stands behind a frame is no part of the content.
    else if (isFirst) breakStream('no frame where one should begin')
    else return
  }
})

function decodeFrame(input: StreamInput, output: StreamOutput): void {
  const flags = input.byte()
  if (flags >>> 6 !== 1) breakStream('a version of LZ4 that is none')
  const most = blockBytes[(input.byte() >>> 4) & 7] as number
  const sized = (flags & 8) !== 0
  const hasDictionary = (flags & 1) !== 0
  const isIndependent = (flags & 0x20) !== 0
  skip(input, (sized ? 8 : 0) + (hasDictionary ? 4 : 0) + 1)
  const frameStart = output.length
  for (let word = needWord(input); word !== 0; word = needWord(input)) {
    const size = word & 0x7fffffff
    if (size > most) breakStream('a block longer than it may be')
    if (word >>> 31 === 1) output.append(input.need(size))
    else
      decodeBlock(Uint8Array.from(input.need(size)), output, isIndependent ? output.length : frameStart, most)
    if ((flags & 0x10) !== 0) skip(input, 4)
  }
  if ((flags & 4) !== 0) skip(input, 4)
}

/** Blocks to the end of the file, or to the next frame. */
function decodeLegacy(input: StreamInput, output: StreamOutput): void {
  for (let size = readWord(input); size !== undefined; size = readWord(input)) {
    if (size === FRAME || size === LEGACY || size >>> 4 === SKIPPABLE >>> 4) {
      input.seek(input.position - 4)
      return
    }
    if (size > input.size - input.position) breakStream('it breaks off')
    decodeBlock(Uint8Array.from(input.need(size)), output, output.length, LEGACY_BLOCK_BYTES)
  }
}

/** One block; `start` is where its dictionary begins, the blocks before it among it. */
function decodeBlock(block: Uint8Array, output: StreamOutput, start: number, most: number): void {
  const { bytes, end } = output.room(most)
  const from = output.length
  const blockEnd = from + most
  let at = from
  let place = 0
  let isCut = false
  const breakBlock = (detail: string): never => {
    output.advance(at - from)
    return breakStream(detail)
  }
  /** A length of 15 goes on in bytes, the last of which is not 255. */
  const longer = (length: number) => {
    let total = length
    for (let more = length === 15 ? 255 : 0; more === 255; total += more)
      more = block[place++] ?? breakBlock('a block breaks off')
    return total
  }
  while (place < block.length && !isCut) {
    const token = block[place++] as number
    const literals = longer(token >>> 4)
    if (place + literals > block.length) breakBlock('a block breaks off')
    if (at + literals > blockEnd) breakBlock('a block longer than it may be')
    const literalEnd = Math.min(at + literals, end)
    isCut = literalEnd < at + literals
    bytes.set(block.subarray(place, place + literalEnd - at), at)
    at = literalEnd
    place += literals
    // The last row of a block has literals alone.
    if (isCut || place >= block.length) continue
    const distance = (block[place] as number) | ((block[place + 1] ?? 0) << 8)
    place += 2
    const length = longer(token & 15) + 4
    if (distance === 0 || distance > at - start) breakBlock('it refers to what is not there')
    if (at + length > blockEnd) breakBlock('a block longer than it may be')
    const matchEnd = Math.min(at + length, end)
    isCut = matchEnd < at + length
    if (distance >= length && length > 32) bytes.copyWithin(at, at - distance, matchEnd - distance)
    else for (let index = at; index < matchEnd; index += 1) bytes[index] = bytes[index - distance] as number
    at = matchEnd
  }
  output.advance(at - from)
  // Only a limit cuts: asking for more room says which.
  if (isCut) output.room()
}

function readWord(input: StreamInput): number | undefined {
  const bytes = input.take(4)
  if (bytes.length < 4) return undefined
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
}

function needWord(input: StreamInput): number {
  return readWord(input) ?? breakStream('it breaks off')
}

function skip(input: StreamInput, length: number): void {
  input.seek(input.position + length)
}
