/**
 * The limits of one content that is being decompressed, asked alike by every decompressor, whether of a library or of our own: its size, the
 * file's total, and how much it expands.
 */
import type { Budget } from '../budget.ts'
import { RATIO_FLOOR_BYTES } from '../limits.ts'
import type { Shortfall } from './container.ts'

/** What is said of a content that would be longer than its limit, or than what is held of one. */
export function tooLarge(bytes: number): Shortfall {
  return { reason: 'too-large', detail: `decompresses to more than ${bytes} bytes` }
}

/** Counts `added` bytes that came out, of `length` in all, from `fed` compressed ones; tells the limit that was passed. */
export function passedLimit(
  added: number,
  length: number,
  fed: number,
  budget: Budget,
): Shortfall | undefined {
  const { maxRatio, maxTotalContentBytes } = budget.limits
  if (!budget.takeContent(added)) {
    const detail = `decompresses to more than ${maxTotalContentBytes} bytes in total`
    return { reason: 'budget-exceeded', detail }
  }
  if (length > RATIO_FLOOR_BYTES && length > fed * maxRatio)
    return { reason: 'compression-ratio', detail: `expands more than ${maxRatio} to 1` }
  return undefined
}
