/**
 * Bzip2: streams one after the other, each of blocks of up to 900,000 bytes, are one content. The blocks' checks are not compared: what comes
 * out is looked at whether it is whole or not. The format as Joe Tsai's "bzip2 format specification" describes it.
 */
import { type BitInput, readBits } from './bit-input.ts'
import { readBlock } from './bzip2-block.ts'
import {
  breakStream,
  refuseStream,
  STEP_BYTES,
  type StreamInput,
  type StreamOutput,
  streamUnpacker,
} from './stream-decoder.ts'

const BLOCK_MAGIC = 0x314159265359
const END_MAGIC = 0x177245385090
const LEVEL_BYTES = 100_000

/** The one content of a .bz2 file. */
export const unpackBzip2 = streamUnpacker(decodeBzip2)

/** Decodes all streams. What stands behind the last one is no part of the content. */
function decodeBzip2(input: StreamInput, output: StreamOutput): void {
  const block = new Uint32Array(9 * LEVEL_BYTES)
  do {
    const level = (input.need(4)[3] as number) - 0x30
    const bits: BitInput = { input, held: 0, count: 0 }
    for (;;) {
      const magic = readBits(bits, 24) * 2 ** 24 + readBits(bits, 24)
      readBits(bits, 16)
      readBits(bits, 16)
      if (magic === END_MAGIC) break
      if (magic !== BLOCK_MAGIC) breakStream('no block where one should begin')
      decodeBlock(bits, block, level * LEVEL_BYTES, output)
    }
    // A stream ends with a whole byte, and the next begins right behind it.
    input.seek(input.position - (bits.count >> 3))
  } while (streamFollows(input))
}

function streamFollows(input: StreamInput): boolean {
  const { position } = input
  const head = Buffer.from(input.take(4)).toString('latin1')
  input.seek(position)
  return /^BZh[1-9]/.test(head)
}

/** Undoes the sorting and the first run lengths of one block. */
function decodeBlock(bits: BitInput, block: Uint32Array, most: number, output: StreamOutput): void {
  const isRandomised = readBits(bits, 1) === 1
  const origin = readBits(bits, 24)
  const { length, counts } = readBlock(bits, block, most, () => output.advance(0))
  if (origin >= length) breakStream('a block that begins outside itself')
  // Where the bytes of each value begin once they are sorted, and from there the chain from each byte to the next.
  for (let value = 0, sum = 0; value < 256; value += 1) {
    const count = counts[value] as number
    counts[value] = sum
    sum += count
  }
  for (let index = 0; index < length; index += 1) {
    const value = (block[index] as number) & 0xff
    const at = counts[value] as number
    counts[value] = at + 1
    block[at] = (block[at] as number) | (index << 8)
  }
  writeBlock(block, length, origin, isRandomised, output)
}

/** Four equal bytes are followed by a number of more of them. */
function writeBlock(
  block: Uint32Array,
  length: number,
  origin: number,
  isRandomised: boolean,
  output: StreamOutput,
): void {
  // Blocks were shuffled so by versions of before 1997, by a table that nothing else describes.
  if (isRandomised) refuseStream('a block of a kind that no packer has made since 1997')
  let next = (block[origin] as number) >>> 8
  let run = 0
  let last = -1
  let pending = 0
  for (let index = 0; index < length || pending > 0; ) {
    const { bytes, end } = output.room(STEP_BYTES)
    let at = output.length
    const from = at
    while (at < end) {
      if (pending > 0) {
        const count = Math.min(pending, end - at)
        bytes.fill(last, at, at + count)
        at += count
        pending -= count
        continue
      }
      if (index >= length) break
      const entry = block[next] as number
      next = entry >>> 8
      const value = entry & 0xff
      index += 1
      if (run === 4) {
        pending = value
        run = 0
        continue
      }
      run = value === last ? run + 1 : 1
      last = value
      bytes[at++] = value
    }
    output.advance(at - from)
  }
}
