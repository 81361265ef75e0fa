/**
 * Xz ("The .xz File Format", version 1.2): streams one after the other, padded or not, each of blocks, are one content. Check sums are
 * not compared, and the index is passed over: what comes out is looked at whether it is whole or not.
 */
import { applyFilter, type BlockFilter, filterKinds } from './executable-filters.ts'
import { decodeLzma2 } from './lzma2.ts'
import {
  breakStream,
  refuseStream,
  type StreamInput,
  type StreamOutput,
  streamUnpacker,
} from './stream-decoder.ts'

/** Section 2.1.1. */
const HEADER_BYTES = 12
const LZMA2 = 0x21
/** Section 2.1.1.2: how long the check behind a block is, by its kind. */
const checkBytes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]
/** Section 3.1: four filters and two sizes at most. */
const MOST_FILTERS = 4
/** Section 1.2. */
const INTEGER_BYTES = 9

/** The one content of an .xz file. */
export const unpackXz = streamUnpacker((input, output) => {
  do decodeXzStream(input, output)
  while (streamFollows(input, output))
})

function decodeXzStream(input: StreamInput, output: StreamOutput): void {
  const header = Buffer.from(input.need(HEADER_BYTES))
  if (header.toString('latin1', 0, 6) !== '\xfd7zXZ\0') breakStream('no stream where one should begin')
  const check = checkBytes[(header[7] as number) & 15] as number
  for (let words = input.byte(); words !== 0; words = input.byte()) {
    const filters = readBlockHeader(input, words)
    const start = output.length
    const from = input.position
    try {
      decodeLzma2(input, output)
    } finally {
      // Each was applied to the output of the one before, the last being LZMA2: undone from the last to the first.
      for (const filter of filters.toReversed()) {
        applyFilter(filter, output.whole().subarray(start))
        output.advance(0)
      }
    }
    const unknown = filters.find(({ kind }) => !filterKinds.has(kind))
    if (unknown !== undefined) refuseStream(`filter ${unknown.kind} of xz`)
    input.seek(input.position + padding(input.position - from) + check)
  }
  passIndex(input, output)
}

/** Section 3.1: the filters before LZMA2. `words` is its first byte, and the block header's length in words of four bytes, less one. */
function readBlockHeader(input: StreamInput, words: number): BlockFilter[] {
  const end = input.position + (words + 1) * 4 - 1
  const flags = input.byte()
  if ((flags & 0x40) !== 0) readInteger(input)
  if ((flags & 0x80) !== 0) readInteger(input)
  const filters = Array.from({ length: (flags & (MOST_FILTERS - 1)) + 1 }, (): BlockFilter => {
    const kind = readInteger(input)
    const length = readInteger(input)
    if (length > end - input.position) breakStream('a filter longer than its header')
    return { kind, properties: Uint8Array.from(input.need(length)) }
  })
  if (filters.pop()?.kind !== LZMA2) refuseStream('a filter of xz other than LZMA2')
  input.seek(end)
  return filters
}

/** Section 4: behind its mark the number of records, two integers in each. */
function passIndex(input: StreamInput, output: StreamOutput): void {
  const from = input.position - 1
  for (let records = readInteger(input); records > 0; records -= 1) {
    readInteger(input)
    readInteger(input)
    output.advance(0)
  }
  const crcAndFooter = 4 + HEADER_BYTES
  input.seek(input.position + padding(input.position - from) + crcAndFooter)
}

/** Section 2.2: zeros may stand between streams. What else stands there is no part of the content. */
function streamFollows(input: StreamInput, output: StreamOutput): boolean {
  while (input.position < input.size) {
    const { position } = input
    const word = input.take(4)
    if (word.some((byte) => byte !== 0)) {
      const follows = Buffer.from(word).toString('latin1') === '\xfd7zX'
      input.seek(position)
      return follows
    }
    output.advance(0)
  }
  return false
}

function padding(length: number): number {
  return -length & 3
}

/** Section 1.2: seven bits a byte, the lowest first. */
function readInteger(input: StreamInput): number {
  let value = 0
  for (let index = 0; index < INTEGER_BYTES; index += 1) {
    const byte = input.byte()
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return value
  }
  return breakStream('an integer without end')
}
