/**
 * The range coder of LZMA ("LZMA specification", section "Range decoder"): bits by adaptive probabilities, and trees of them. The innermost
 * loop of lzma-decoder.ts has it written out, for speed; this is what is read more seldom. `coder` is range, code and place in the input.
 */

export const TOP = 0x1000000
/** The probability to begin with: one half of 2048. */
export const EVEN = 1024

/** `bits` bits, the highest first. */
export function readTree(
  p: Uint16Array,
  table: number,
  bits: number,
  coder: Uint32Array,
  input: Uint8Array,
): number {
  let symbol = 1
  for (let index = 0; index < bits; index += 1)
    symbol = (symbol << 1) | readBit(p, table + symbol, coder, input)
  return symbol - (1 << bits)
}

/** `bits` bits, the lowest first. */
export function readReverse(
  p: Uint16Array,
  table: number,
  bits: number,
  coder: Uint32Array,
  input: Uint8Array,
): number {
  let symbol = 1
  let value = 0
  for (let index = 0; index < bits; index += 1) {
    const bit = readBit(p, table + symbol, coder, input)
    symbol = (symbol << 1) | bit
    value |= bit << index
  }
  return value
}

/** `bits` bits without probabilities, the highest first. */
export function readDirect(coder: Uint32Array, input: Uint8Array, bits: number): number {
  let value = 0
  for (let index = 0; index < bits; index += 1) {
    normalise(coder, input)
    const range = (coder[0] as number) >>> 1
    const isSet = (coder[1] as number) >= range
    coder[0] = range
    if (isSet) coder[1] = (coder[1] as number) - range
    value = (value << 1) | (isSet ? 1 : 0)
  }
  return value
}

/** One bit, by the probability at `index`, which learns from it. */
export function readBit(p: Uint16Array, index: number, coder: Uint32Array, input: Uint8Array): 0 | 1 {
  normalise(coder, input)
  const range = coder[0] as number
  const code = coder[1] as number
  const probability = p[index] as number
  const bound = Math.imul(range >>> 11, probability) >>> 0
  if (code < bound) {
    coder[0] = bound
    p[index] = probability + ((2048 - probability) >> 5)
    return 0
  }
  coder[0] = range - bound
  coder[1] = code - bound
  p[index] = probability - (probability >> 5)
  return 1
}

/** Takes another byte where the range has become too small. A stream's last byte is taken so. */
export function normalise(coder: Uint32Array, input: Uint8Array): void {
  const range = coder[0] as number
  if (range >= TOP) return
  coder[0] = range << 8
  coder[1] = ((coder[1] as number) << 8) | (input[coder[2] as number] as number)
  coder[2] = (coder[2] as number) + 1
}
