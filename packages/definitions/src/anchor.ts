/**
 * Which bytes of a part the search goes by. A matcher finds the anchor's occurrences and looks at the rest only there,
 * so the anchor should be the bytes that files hold least often. A poor choice costs time and never a hit.
 */
import { ANCHOR_MAX_BYTES, ANCHOR_MIN_BYTES } from './layout.ts'
import type { PatternElement } from './parse/pattern.ts'

export interface Anchor {
  /** Index of the literal that holds it, in which letters may stand for either case. */
  readonly element: number
  /** Bytes into that literal. */
  readonly skip: number
  readonly length: number
}

/**
 * How often a byte stands in files, roughly, in bits of information it is worth: fill bytes nothing much, letters of text
 * and code little, the rest more. Only the order between windows matters.
 */
function worth(byte: number): number {
  if (byte === 0x00) return 1
  if (byte === 0xff || byte === 0x20) return 2
  if (byte >= 0x61 && byte <= 0x7a) return 4
  if (byte >= 0x30 && byte <= 0x39) return 4.5
  if (byte >= 0x41 && byte <= 0x5a) return 5
  return byte < 0x80 ? 5.5 : 6.5
}

/** The best window of the part's literals; undefined when none has `ANCHOR_MIN_BYTES` bytes. */
export function chooseAnchor(elements: readonly PatternElement[]): Anchor | undefined {
  let best: Anchor | undefined
  let bestWorth = 0
  elements.forEach((element, index) => {
    if (!('bytes' in element) || element.bytes.length < ANCHOR_MIN_BYTES) return
    const length = Math.min(ANCHOR_MAX_BYTES, element.bytes.length)
    for (let skip = 0; skip + length <= element.bytes.length; skip += 1) {
      const value = windowWorth(element.bytes.subarray(skip, skip + length))
      if (value > bestWorth) {
        bestWorth = value
        best = { element: index, skip, length }
      }
    }
  })
  return best
}

/** A byte that occurred in the window before is worth a quarter: runs and repeated words are common in files. */
function windowWorth(bytes: Uint8Array): number {
  const seen = new Set<number>()
  let sum = 0
  for (const byte of bytes) {
    sum += seen.has(byte) ? worth(byte) / 4 : worth(byte)
    seen.add(byte)
  }
  return sum
}
