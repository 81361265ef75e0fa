/** A source that holds its reader to the contract of byte-source.ts, and a budget that is small. */
import { type Budget, createBudget } from '../../packages/engine/src/budget.ts'
import { type ByteSource, bytesSource } from '../../packages/engine/src/byte-source.ts'
import { EngineError } from '../../packages/engine/src/engine-error.ts'
import { resolveLimits } from '../../packages/engine/src/limits.ts'
import { mustHold } from './fuzz-target.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Bytes that may be read of an input in all: a thousand times those of the longest. */
const READ_MAX_BYTES = 256 * MiB

/** Small enough to be reached by an input of some kilobytes. */
export const fuzzLimits = resolveLimits({
  maxContentBytes: 256 * KiB,
  maxTotalContentBytes: 512 * KiB,
  maxEntries: 100,
  maxDepth: 8,
  timeLimitMilliseconds: 2000,
})

export function fuzzBudget(): Budget {
  return createBudget(fuzzLimits, () => false)
}

/** Every read is answered from the same memory, as a file's is: who keeps a view of the one before has other bytes. */
export function checkedSource(content: Uint8Array): ByteSource {
  const inner = bytesSource(content)
  const buffer = new Uint8Array(content.length)
  let total = 0
  return {
    size: content.length,
    read(offset, length) {
      mustHold(
        Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0,
        `a read of ${length} bytes at ${offset}`,
      )
      const from = inner.read(offset, length)
      total += from.length
      mustHold(total <= READ_MAX_BYTES, `more than ${READ_MAX_BYTES} bytes were read of ${content.length}`)
      buffer.set(from)
      return buffer.subarray(0, from.length)
    },
  }
}

/** Whether a budget ended the work: then the outcome depends on the clock. Any other error is thrown on. */
export function isTimeOut(error: unknown): boolean {
  if (error instanceof EngineError && error.code === 'timed-out') return true
  throw error
}
