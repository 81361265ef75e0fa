/**
 * Which bytes of a part the search goes by. A matcher finds the anchor's occurrences and looks at the rest only there,
 * so the anchor should be the bytes that files hold least often. A poor choice costs time and never a hit.
 */
import { byteCosts } from './byte-costs.ts'
import { LONG_ANCHOR_BYTES, LONG_STRIDE, MIDDLE_ANCHOR_BYTES, MIDDLE_STRIDE } from './filter-layout.ts'
import { anchorSizes } from './layout.ts'
import type { PatternElement } from './parse/pattern.ts'

export interface Anchor {
  /** Index of the literal that holds it, in which letters may stand for either case. */
  readonly element: number
  /** Bytes into that literal. */
  readonly skip: number
  /** One of `anchorSizes`. */
  readonly length: number
}

/** In how many grams an anchor of a size is entered: in one for each place that the sample may have. */
const phasesOf: Readonly<Record<number, number>> = {
  [LONG_ANCHOR_BYTES]: LONG_STRIDE,
  [MIDDLE_ANCHOR_BYTES]: MIDDLE_STRIDE,
}

const KINDS = 128

const costs = Uint8Array.from(byteCosts.join(''), (digit) =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(digit),
)

/** The best window of the part's literals, of the largest size that one of them has; undefined when none has 2 bytes. */
export function chooseAnchor(elements: readonly PatternElement[]): Anchor | undefined {
  const runs = elements.map((element) => ('bytes' in element ? element.bytes : undefined))
  const longest = runs.reduce((most, run) => Math.max(most, run?.length ?? 0), 0)
  const length = anchorSizes.find((size) => size <= longest)
  if (length === undefined) return undefined
  let best: Anchor | undefined
  let bestShare = Number.POSITIVE_INFINITY
  runs.forEach((run, element) => {
    if (run === undefined || run.length < length) return
    const shares = gramShares(run, length)
    const phases = phasesOf[length] ?? 1
    for (let skip = 0; skip + length <= run.length; skip += 1) {
      let share = 0
      for (let phase = 0; phase < phases; phase += 1) share += shares[skip + phase] as number
      if (share >= bestShare) continue
      bestShare = share
      best = { element, skip, length }
    }
  })
  return best
}

/** How rare a part is: of about one in 2 to this power of all places its fixed bytes stand at. */
export function runBits(elements: readonly PatternElement[]): number {
  return elements.reduce((sum, element) => sum + ('bytes' in element ? costOf(element.bytes) / 2 : 0), 0)
}

/** In half bits, each byte by the one before it. */
function costOf(run: Uint8Array): number {
  let cost = 0
  for (let at = 0; at < run.length; at += 1) {
    const row = at === 0 ? 0 : 1 + kindOf(run[at - 1] as number)
    cost += costs[row * KINDS + kindOf(run[at] as number)] as number
  }
  return cost
}

/** At which share of all places files hold the gram that begins at each byte of a run: each byte by the one before it. */
function gramShares(run: Uint8Array, anchorBytes: number): Float64Array {
  const gram = anchorBytes - (phasesOf[anchorBytes] ?? 1) + 1
  const shares = new Float64Array(run.length - gram + 1)
  for (let at = 0; at < shares.length; at += 1) {
    shares[at] = 2 ** (-costOf(run.subarray(at, at + gram)) / 2)
  }
  return shares
}

/** Bytes that differ in the case bit only are one kind. */
function kindOf(byte: number): number {
  return (byte & 0x1f) | ((byte & 0xc0) >> 1)
}
