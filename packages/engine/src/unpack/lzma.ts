/**
 * LZMA alone (.lzma: "LZMA specification", section "LZMA file format"; no magic) and lzip (.lz: IETF draft-diaz-lzip). Lzip's members are
 * one content. Their check sums are not compared: what comes out is looked at whether it is whole or not.
 */
import {
  createLzmaDecoder,
  type LzmaDecoder,
  lzmaProperties,
  runLzma,
  SYMBOL_BYTES,
  startLzma,
} from './lzma-decoder.ts'
import { breakStream, type StreamInput, type StreamOutput, streamUnpacker } from './stream-decoder.ts'

const FEED_BYTES = 64 * 1024

const HEADER_BYTES = 13
const UNKNOWN_SIZE = 0xffffffffffffffffn

/** The one content of an .lzma file. */
export const unpackLzma = streamUnpacker((input, output) => {
  const header = input.need(HEADER_BYTES)
  const fields = new DataView(header.buffer, header.byteOffset, HEADER_BYTES)
  const properties = lzmaProperties(fields.getUint8(0)) ?? breakStream('its properties are none')
  const size = fields.getBigUint64(5, true)
  decodeLzma(createLzmaDecoder(properties), input, output, size === UNKNOWN_SIZE ? undefined : Number(size))
})

const LZIP_TRAILER_BYTES = 20

/** The one content of an .lz file. */
export const unpackLzip = streamUnpacker((input, output) => {
  do {
    const header = input.need(6)
    if (header[4] !== 1) breakStream(`version ${header[4]} of lzip`)
    decodeLzma(createLzmaDecoder([3, 0, 2], output.length), input, output, undefined)
    input.need(LZIP_TRAILER_BYTES)
  } while (memberFollows(input))
})

function memberFollows(input: StreamInput): boolean {
  const { position } = input
  const follows = Buffer.from(input.take(4)).toString('latin1') === 'LZIP'
  input.seek(position)
  return follows
}

/**
 * Decodes one stream to its mark, or to `size` bytes. The input stands behind its last byte then. A stream whose size is known may have a
 * mark as well, which is passed over.
 */
function decodeLzma(
  decoder: LzmaDecoder,
  input: StreamInput,
  output: StreamOutput,
  size: number | undefined,
): void {
  const target = size === undefined ? Number.POSITIVE_INFINITY : output.length + size
  const chunk = new Uint8Array(FEED_BYTES + SYMBOL_BYTES)
  let start = input.position
  let end = fill(chunk, 0, input)
  startLzma(decoder, chunk, 0)
  const place = () => decoder.coder[2] as number
  while (!decoder.isEnded && output.length < target) {
    const isLast = end < FEED_BYTES
    const inEnd = isLast ? end : end - SYMBOL_BYTES
    const { bytes, end: roomEnd } = output.room()
    const { length } = output
    const at = runLzma(decoder, chunk, inEnd, bytes, length, Math.min(roomEnd, target))
    input.seek(start + Math.min(place(), end))
    output.advance(at - length)
    if (place() > end) breakStream('it breaks off')
    if (decoder.isEnded || place() <= inEnd) continue
    if (isLast) breakStream('it breaks off')
    chunk.copyWithin(0, place(), end)
    const kept = end - place()
    start += place()
    decoder.coder[2] = 0
    input.seek(start + kept)
    end = fill(chunk, kept, input)
  }
  input.seek(start + place())
}

/** Fills the chunk behind what is kept of it; zeros stand behind the input's end. Tells how much there is. */
function fill(chunk: Uint8Array, kept: number, input: StreamInput): number {
  const bytes = input.take(FEED_BYTES - kept)
  chunk.set(bytes, kept)
  chunk.fill(0, kept + bytes.length)
  return kept + bytes.length
}
