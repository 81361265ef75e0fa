/**
 * Normalised text: the form that signatures for target 7 are matched against (ClamAV manual, "Target types"; what it is
 * byte by byte was seen in `sigtool --ascii-normalise` 1.4.6). Letters are lower case, white space is one blank, and
 * bytes that are neither are left out: control characters, zeros, and everything above 127. So text in UTF-16 reads as
 * its letters do.
 */
import type { ByteSource } from '../byte-source.ts'

const BLOCK_BYTES = 256 * 1024

const BLANK = 0x20

/** What becomes of each byte: 0 for nothing. */
const table = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === BLANK || (byte >= 0x09 && byte <= 0x0d)) return BLANK
  if (byte < BLANK || byte > 0x7f) return 0
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
})

/** The normalised form of a whole text, never longer than it. `check` is called for each block. */
export function normaliseText(source: ByteSource, check: () => void): Uint8Array {
  const normalised = new Uint8Array(source.size)
  let length = 0
  let last = 0
  for (let at = 0; at < source.size; ) {
    check()
    const block = source.read(at, Math.min(BLOCK_BYTES, source.size - at))
    for (let index = 0; index < block.length; index += 1) {
      const byte = table[block[index] as number] as number
      // Written in any case and kept or not: no branch that text could mislead.
      normalised[length] = byte
      const kept = byte === 0 || (byte === BLANK && last === BLANK) ? 0 : 1
      length += kept
      last = byte === 0 ? last : byte
    }
    at += block.length
  }
  return normalised.subarray(0, length)
}
