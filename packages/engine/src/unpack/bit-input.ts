/**
 * Bits out of a compressed stream, the highest of each byte first.
 */
import type { StreamInput } from './stream-decoder.ts'

/** The lowest `count` bits of `held` have been read from the input and not been taken. */
export interface BitInput {
  readonly input: StreamInput
  held: number
  count: number
}

/** Takes up to 24 bits, the highest first. */
export function readBits(bits: BitInput, count: number): number {
  while (bits.count < count) {
    bits.held = (bits.held << 8) | bits.input.byte()
    bits.count += 8
  }
  bits.count -= count
  return (bits.held >>> bits.count) & (2 ** count - 1)
}
