/**
 * The memory that the kernel works in: the tables, which threads may share, and for each thread a *slot* with the window, the
 * scratch and the candidates. Sizes and addresses are settled here and nowhere else.
 */
import type { PatternTables } from '@coreward/definitions'
import { LATER_FILTERS_BYTES } from './later-filters.ts'

/** A page of WebAssembly memory, and how many there may be: 4 GiB. */
const PAGE_BYTES = 64 * 1024
const PAGES_MAX = 65_536

/** What is searched at once: content and scratch lie in a core's first cache together. */
export const BLOCK_BYTES = 16 * 1024

/** The kernel reads whole words of eight bytes that may begin at the last byte of a window, or before the first. */
const GUARD_BYTES = 16

/** A list past this is better cut: it no longer fits a cache, and a content made for it would fill any memory. */
export const CANDIDATES_MAX = 64 * 1024

/** A word for each byte of a block, and the one that is written and not kept. */
const SCRATCH_BYTES = (BLOCK_BYTES + 1) * 4

/** One thread's own memory, as addresses. */
export interface KernelSlot {
  readonly memory: WebAssembly.Memory
  readonly window: number
  readonly scratch: number
  /** A bit for each part. */
  readonly settled: number
  /** LATER_FILTERS_BYTES. */
  readonly later: number
  readonly candidates: number
  /** Room for this many candidates. */
  readonly capacity: number
}

/** Memory of at least so many bytes, which threads may share and enlarge. */
export function createKernelMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({
    initial: Math.ceil(bytes / PAGE_BYTES),
    maximum: PAGES_MAX,
    shared: true,
  })
}

/**
 * Slot `index` behind the first `used` bytes of the memory, for a window of `windowBytes`. All slots of one memory must be asked for with the
 * same sizes. Memory that is not there yet is added.
 */
export function kernelSlot(
  memory: WebAssembly.Memory,
  used: number,
  index: number,
  windowBytes: number,
  tables: PatternTables,
): KernelSlot {
  // Each anchor can stand at the four places of the smallest stretch, which is never cut.
  const capacity = Math.max(CANDIDATES_MAX, 4 * tables.partCount)
  const from = aligned(used) + index * aligned(slotBytes(windowBytes, tables, capacity))
  const missing = from + slotBytes(windowBytes, tables, capacity) - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  const scratch = from + aligned(windowBytes + 2 * GUARD_BYTES)
  const settled = scratch + aligned(SCRATCH_BYTES)
  const later = settled + settledBytes(tables)
  const candidates = later + aligned(LATER_FILTERS_BYTES)
  return { memory, window: from + GUARD_BYTES, scratch, settled, later, candidates, capacity }
}

function slotBytes(windowBytes: number, tables: PatternTables, capacity: number): number {
  const own = aligned(SCRATCH_BYTES) + settledBytes(tables) + aligned(LATER_FILTERS_BYTES)
  return aligned(windowBytes + 2 * GUARD_BYTES) + own + capacity * 8
}

function settledBytes({ partCount }: PatternTables): number {
  return aligned(Math.ceil(partCount / 8))
}

/** Lines of a cache, so that no two threads write into one. */
function aligned(length: number): number {
  return Math.ceil(length / 64) * 64
}
