/**
 * LZMA2: LZMA in chunks of at most 2 MiB, with uncompressed ones between them, as xz and 7z hold it ("The .xz File Format", section
 * 5.3.1; its chunks as xz writes them).
 */
import {
  createLzmaDecoder,
  type LzmaDecoder,
  lzmaProperties,
  resetLzma,
  runLzma,
  SYMBOL_BYTES,
  startLzma,
} from './lzma-decoder.ts'
import { breakStream, type StreamInput, type StreamOutput } from './stream-decoder.ts'

/** A chunk of LZMA has at most 64 KiB. */
const CHUNK_BYTES = 64 * 1024

/** What a chunk's first byte asks for (bits 5 and 6 of one that is compressed). */
const RESET_STATE = 1
const RESET_PROPERTIES = 2
const RESET_DICTIONARY = 3

/** Decodes to the end mark; the dictionary begins at the output's end. */
export function decodeLzma2(input: StreamInput, output: StreamOutput): void {
  let decoder: LzmaDecoder | undefined
  let dictionaryStart: number | undefined
  let isReset = false
  const chunk = new Uint8Array(CHUNK_BYTES + SYMBOL_BYTES)
  for (let control = input.byte(); control !== 0; control = input.byte()) {
    if (control < 0x80) {
      if (control > 2) breakStream('a chunk of no kind')
      if (control === 1) {
        dictionaryStart = output.length
        isReset = false
      }
      if (dictionaryStart === undefined) breakStream('its first chunk has no dictionary')
      copyChunk(input, output)
      continue
    }
    const size = ((control & 0x1f) << 16) + readSize(input)
    const compressed = readSize(input)
    const mode = (control >> 5) & 3
    if (mode === RESET_DICTIONARY) dictionaryStart = output.length
    if (dictionaryStart === undefined) breakStream('its first chunk has no dictionary')
    if (mode >= RESET_PROPERTIES) {
      decoder = createLzmaDecoder(lzmaProperties(input.byte()) ?? breakStream('its properties are none'))
      isReset = true
    } else if (decoder !== undefined && mode === RESET_STATE) resetLzma(decoder)
    if (decoder === undefined || !isReset) breakStream('a chunk without properties')
    decoder.dictionaryStart = dictionaryStart as number
    decoder.pending = 0
    const bytes = input.need(compressed)
    chunk.set(bytes)
    chunk.fill(0, compressed, compressed + SYMBOL_BYTES)
    decodeChunk(decoder, chunk, compressed, output, size)
  }
}

function decodeChunk(
  decoder: LzmaDecoder,
  chunk: Uint8Array,
  compressed: number,
  output: StreamOutput,
  size: number,
): void {
  startLzma(decoder, chunk, 0)
  const target = output.length + size
  while (output.length < target) {
    const { bytes, end } = output.room()
    const { length } = output
    const at = runLzma(decoder, chunk, compressed, bytes, length, Math.min(end, target))
    output.advance(at - length)
    if ((decoder.coder[2] as number) > compressed) breakStream('a chunk breaks off')
    if (at === length) breakStream('a chunk ends before its size')
  }
}

function copyChunk(input: StreamInput, output: StreamOutput): void {
  output.append(input.need(readSize(input)))
}

/** Sizes are written less one. */
function readSize(input: StreamInput): number {
  return input.byte() * 256 + input.byte() + 1
}
