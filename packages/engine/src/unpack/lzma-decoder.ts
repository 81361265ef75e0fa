/**
 * LZMA, the compression itself, without a container (Igor Pavlov's "LZMA specification", in the public domain). It works in steps: on the
 * compressed bytes that are in memory, up to a place in the output. The output is the dictionary. Knows no limits: its callers do.
 */
import { EVEN, normalise, readBit, readDirect, readReverse, readTree, TOP } from './range-coder.ts'
import { breakStream } from './stream-decoder.ts'

/** One symbol takes at most so many compressed bytes (20 by the specification), so a step may begin with as many at hand. */
export const SYMBOL_BYTES = 32

const IS_REP = 192
const IS_REP_G0 = 204
const IS_REP_G1 = 216
const IS_REP_G2 = 228
const IS_REP0_LONG = 240
const DISTANCE_SLOTS = 432
const DISTANCE_LOW = 688
const ALIGN = 804
const LENGTHS = 820
const REP_LENGTHS = 1334
const LITERALS = 1848
/** Within the tables for lengths: two choices, then 16 trees of 8, 16 more, and one of 256. */
const LOW = 2
const MIDDLE = 130
const HIGH = 258

/** A decoder in the middle of its stream. */
export interface LzmaDecoder {
  readonly probabilities: Uint16Array
  /** `range`, `code`, and the place in the input. */
  readonly coder: Uint32Array
  readonly lastDistances: Uint32Array
  readonly lc: number
  readonly literalMask: number
  readonly placeMask: number
  state: number
  /** What remains of a match that passed the end of its step. */
  pending: number
  /** Set by the mark that ends a stream. */
  isEnded: boolean
  /** Where the dictionary begins in the output: nothing before it may be looked at. */
  dictionaryStart: number
}

/** lc, lp and pb as one byte holds them; undefined when none does. */
export function lzmaProperties(byte: number): readonly [lc: number, lp: number, pb: number] | undefined {
  if (byte >= 225) return undefined
  return [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)]
}

/** A decoder at its beginning. */
export function createLzmaDecoder(
  [lc, lp, pb]: readonly [number, number, number],
  dictionaryStart = 0,
): LzmaDecoder {
  return {
    probabilities: new Uint16Array(LITERALS + (0x300 << (lc + lp))).fill(EVEN),
    coder: new Uint32Array(3),
    lastDistances: new Uint32Array(4),
    lc,
    literalMask: (1 << lp) - 1,
    placeMask: (1 << pb) - 1,
    state: 0,
    pending: 0,
    isEnded: false,
    dictionaryStart,
  }
}

/** As at the beginning of a stream, the output excepted. */
export function resetLzma(decoder: LzmaDecoder): void {
  decoder.probabilities.fill(EVEN)
  decoder.lastDistances.fill(0)
  decoder.state = 0
}

/** Begins with the five bytes at `at`, the first of which is always 0. */
export function startLzma({ coder }: LzmaDecoder, input: Uint8Array, at: number): void {
  if (input[at] !== 0) breakStream('its range coder does not begin with 0')
  coder[0] = 0xffffffff
  let code = 0
  for (let index = 1; index < 5; index += 1) code = ((code << 8) | (input[at + index] ?? 0)) >>> 0
  coder[1] = code
  coder[2] = at + 5
}

/**
 * Decodes until the output reaches `outEnd`, a symbol would begin behind `inEnd`, or the stream ends; tells the output's new length. `input` has
 * `SYMBOL_BYTES` more behind `inEnd`. A distance that leaves the dictionary ends the stream as damaged.
 */
export function runLzma(
  decoder: LzmaDecoder,
  input: Uint8Array,
  inEnd: number,
  output: Uint8Array,
  outAt: number,
  outEnd: number,
): number {
  const { probabilities: p, coder, lastDistances, lc, literalMask, placeMask, dictionaryStart } = decoder
  let at = outAt
  if (decoder.pending > 0) at = copyMatch(decoder, output, at, outEnd, decoder.pending)
  let range = coder[0] as number
  let code = coder[1] as number
  let from = coder[2] as number
  let state = decoder.state
  while (at < outEnd && from <= inEnd) {
    const place = (at - dictionaryStart) & placeMask
    const flag = state * 16 + place
    let probability = p[flag] as number
    if (range < TOP) {
      range = (range << 8) >>> 0
      code = ((code << 8) | (input[from++] as number)) >>> 0
    }
    let bound = Math.imul(range >>> 11, probability) >>> 0
    if (code < bound) {
      range = bound
      p[flag] = probability + ((2048 - probability) >> 5)
      const before = at > dictionaryStart ? (output[at - 1] as number) : 0
      const context = (((at - dictionaryStart) & literalMask) << lc) + (before >> (8 - lc))
      const literals = LITERALS + 0x300 * context
      let symbol = 1
      // Behind a match the byte that it would have gone on with is known not to stand here, which its bits make use of.
      let matched = state >= 7 ? (output[at - (lastDistances[0] as number) - 1] as number) : 0
      let offset = state >= 7 ? 0x100 : 0
      do {
        matched <<= 1
        const bit = matched & offset
        const index = literals + offset + bit + symbol
        probability = p[index] as number
        if (range < TOP) {
          range = (range << 8) >>> 0
          code = ((code << 8) | (input[from++] as number)) >>> 0
        }
        bound = Math.imul(range >>> 11, probability) >>> 0
        if (code < bound) {
          range = bound
          p[index] = probability + ((2048 - probability) >> 5)
          symbol <<= 1
          offset &= ~bit
        } else {
          range = (range - bound) >>> 0
          code = (code - bound) >>> 0
          p[index] = probability - (probability >> 5)
          symbol = (symbol << 1) | 1
          offset &= bit
        }
      } while (symbol < 0x100)
      output[at++] = symbol
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
      continue
    }
    coder[0] = range - bound
    coder[1] = code - bound
    coder[2] = from
    p[flag] = probability - (probability >> 5)
    decoder.state = state
    const length = readMatch(decoder, input, place)
    if (decoder.isEnded) {
      normalise(coder, input)
      return at
    }
    if ((lastDistances[0] as number) >= at - dictionaryStart) {
      decoder.pending = 0
      breakStream('it refers to what is not there')
    }
    at = copyMatch(decoder, output, at, outEnd, length)
    range = coder[0] as number
    code = coder[1] as number
    from = coder[2] as number
    state = decoder.state
  }
  if (range < TOP) {
    range = (range << 8) >>> 0
    code = ((code << 8) | (input[from++] as number)) >>> 0
  }
  coder[0] = range
  coder[1] = code
  coder[2] = from
  decoder.state = state
  return at
}

function copyMatch(
  decoder: LzmaDecoder,
  output: Uint8Array,
  at: number,
  outEnd: number,
  length: number,
): number {
  const distance = (decoder.lastDistances[0] as number) + 1
  const end = Math.min(at + length, outEnd)
  decoder.pending = at + length - end
  if (distance >= end - at && end - at > 32) output.copyWithin(at, at - distance, end - distance)
  else for (let index = at; index < end; index += 1) output[index] = output[index - distance] as number
  return end
}

/** What stands behind the bit that says that no literal comes: the new state, the last distance, and the length, which is told. */
function readMatch(decoder: LzmaDecoder, input: Uint8Array, place: number): number {
  const { probabilities: p, coder, lastDistances, state } = decoder
  if (readBit(p, IS_REP + state, coder, input) === 0) {
    lastDistances.copyWithin(1, 0, 3)
    decoder.state = state < 7 ? 7 : 10
    const length = readLength(p, LENGTHS, coder, input, place)
    lastDistances[0] = readDistance(p, coder, input, length)
    if (lastDistances[0] === 0xffffffff) decoder.isEnded = true
    return length
  }
  if (readBit(p, IS_REP_G0 + state, coder, input) === 0) {
    if (readBit(p, IS_REP0_LONG + state * 16 + place, coder, input) === 0) {
      decoder.state = state < 7 ? 9 : 11
      return 1
    }
  } else {
    let distance = lastDistances[1] as number
    if (readBit(p, IS_REP_G1 + state, coder, input) === 1) {
      if (readBit(p, IS_REP_G2 + state, coder, input) === 0) distance = lastDistances[2] as number
      else {
        distance = lastDistances[3] as number
        lastDistances[3] = lastDistances[2] as number
      }
      lastDistances[2] = lastDistances[1] as number
    }
    lastDistances[1] = lastDistances[0] as number
    lastDistances[0] = distance
  }
  decoder.state = state < 7 ? 8 : 11
  return readLength(p, REP_LENGTHS, coder, input, place)
}

function readLength(
  p: Uint16Array,
  table: number,
  coder: Uint32Array,
  input: Uint8Array,
  place: number,
): number {
  if (readBit(p, table, coder, input) === 0) return 2 + readTree(p, table + LOW + place * 8, 3, coder, input)
  if (readBit(p, table + 1, coder, input) === 0)
    return 10 + readTree(p, table + MIDDLE + place * 8, 3, coder, input)
  return 18 + readTree(p, table + HIGH, 8, coder, input)
}

function readDistance(p: Uint16Array, coder: Uint32Array, input: Uint8Array, length: number): number {
  const slot = readTree(p, DISTANCE_SLOTS + Math.min(length - 2, 3) * 64, 6, coder, input)
  if (slot < 4) return slot
  const bits = (slot >> 1) - 1
  const high = (2 | (slot & 1)) << bits
  if (slot < 14) return high + readReverse(p, DISTANCE_LOW + high - slot, bits, coder, input)
  const direct = readDirect(coder, input, bits - 4)
  return ((high + (direct << 4)) >>> 0) + readReverse(p, ALIGN, 4, coder, input)
}
