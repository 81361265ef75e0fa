/**
 * The kernel (packages/engine/kernel) as the matcher sees it: the filters of one target over stretches of a window, candidates
 * out. The module is read when this one is imported, since a process may lose the right to read later.
 */
import { readFileSync } from 'node:fs'
import {
  BITMAP_PADDING,
  filter,
  KERNEL_VERSION,
  LONG_ANCHOR_BYTES,
  LONG_STRIDE,
  MIDDLE_ANCHOR_BYTES,
  type PatternTables,
} from '@coreward/definitions'
import { CANDIDATES_MAX, createKernelMemory, kernelSlot } from './kernel-memory.ts'
import { type ActiveFilter, LaterFilters, type SoughtPart } from './later-filters.ts'

interface KernelExports {
  version(): number
  place(window: number, scratch: number, settled: number, candidates: number): void
  setTables(starts: number, startsLog: number, anchors: number, confirm: number, confirmLog: number): void
  begin(target: number, capacity: number): void
  count(): number
  searchLong(bits: number, bytesLog: number, from: number, to: number, length: number): number
  searchMiddle(bits: number, bytesLog: number, from: number, to: number, length: number): number
  searchShort(
    bits: number,
    bytesLog: number,
    anchorBytes: number,
    from: number,
    to: number,
    length: number,
  ): number
  searchMarks(from: number, to: number, isProgram: boolean, capacity: number): number
}

/** Memory in which definitions lie from its first byte on, `length` of them; each thread takes a slot of its own number. */
export interface SharedTables {
  readonly memory: WebAssembly.Memory
  readonly length: number
  readonly slot: number
}

/** One word: a stretch so short is searched whole, however many candidates it has. */
export const SMALLEST_STRETCH_BYTES = LONG_STRIDE

/** Programs for Windows, in which other ones are looked for. */
const PROGRAM_TARGET = 1
/** Among a window's bytes, random or a program's, there is one or none. */
const MARKS_MAX = 1024

const kernelFile = new URL('../../kernel/kernel.wasm', import.meta.url)
const remedy = 'run "npm install" in the repository, which builds it'
const compiled = compile()

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(kernelFile))
  } catch (error) {
    throw new Error(`The matcher's kernel, ${kernelFile.pathname}, cannot be loaded: ${remedy}.`, {
      cause: error,
    })
  }
}

/** Where the kernel finds anchors, and the second bitmap of long ones. */
interface AnchorTables {
  readonly starts: number
  readonly startsLog: number
  readonly anchors: number
  readonly confirm: number
  readonly confirmLog: number
}

export class GramKernel {
  /** Where the content goes: as many bytes as were asked for. */
  readonly window: Uint8Array
  readonly #kernel: KernelExports
  /** Position and part, in turn. */
  readonly #candidates: Uint32Array
  readonly #marks: Uint32Array
  readonly #settled: Uint8Array
  /** Which bytes of them are not 0. */
  #settledPlaces: number[] = []
  readonly #capacity: number
  readonly #filters: ReadonlyMap<number, readonly ActiveFilter[]>
  readonly #tables: AnchorTables
  readonly #later: LaterFilters
  #tablesInUse: AnchorTables | undefined
  #active: readonly ActiveFilter[] = []
  #target = 0

  /** With `shared`, the tables are those that lie there; else they are copied into memory of this kernel's own. */
  constructor(tables: PatternTables, windowBytes: number, shared?: SharedTables) {
    const { memory, length, slot } = shared ?? { ...privateMemory(tables), slot: 0 }
    const own = kernelSlot(memory, length, slot, windowBytes, tables)
    const { window, scratch, settled, candidates, capacity } = own
    this.window = new Uint8Array(memory.buffer, window, windowBytes)
    this.#marks = new Uint32Array(memory.buffer, scratch, MARKS_MAX)
    this.#candidates = new Uint32Array(memory.buffer, candidates, 2 * capacity)
    this.#settled = new Uint8Array(memory.buffer, settled, Math.ceil(tables.partCount / 8)).fill(0)
    this.#capacity = capacity
    const instance = new WebAssembly.Instance(compiled, { env: { memory } })
    this.#kernel = instance.exports as unknown as KernelExports
    if (this.#kernel.version() !== KERNEL_VERSION) {
      throw new Error(`The matcher's kernel, ${kernelFile.pathname}, is of another version: ${remedy}.`)
    }
    const at = shared === undefined ? privateAddresses(tables) : sharedAddresses(tables)
    this.#kernel.place(window, scratch, settled, candidates)
    this.#tables = {
      starts: at.anchorStarts,
      startsLog: Math.log2(tables.anchorStarts.length - 1),
      anchors: at.anchors,
      confirm: at.confirmBits,
      confirmLog: Math.log2(tables.confirmBits.length - BITMAP_PADDING),
    }
    this.#later = new LaterFilters(memory.buffer, own.later)
    this.#filters = filtersByTarget(tables.filters, at.filterBits)
  }

  /** Searches for all that any content of this target is searched for from now on. False when that is nothing. */
  select(target: number): boolean {
    for (const place of this.#settledPlaces) this.#settled[place] = 0
    this.#settledPlaces = []
    this.#target = target
    this.#use(this.#tables)
    this.#active = this.#filters.get(target) ?? this.#filters.get(0) ?? []
    return this.#active.length > 0
  }

  /** Searches for these parts alone from now on, LATER_PARTS_MAX of them at most, in contents of the same target. */
  selectLater(sought: readonly SoughtPart[]): void {
    this.#active = this.#later.write(sought)
    this.#use(this.#later)
  }

  #use(tables: AnchorTables): void {
    if (tables === this.#tablesInUse) return
    const { starts, startsLog, anchors, confirm, confirmLog } = tables
    this.#kernel.setTables(starts, startsLog, anchors, confirm, confirmLog)
    this.#tablesInUse = tables
  }

  /** A part need not be found any more until `select` is called. Candidates that are there already stay. */
  settle(part: number): void {
    const place = part >>> 3
    const bits = this.#settled[place] as number
    if (bits === 0) this.#settledPlaces.push(place)
    this.#settled[place] = bits | (1 << (part & 7))
  }

  /**
   * Looks for anchors that begin from `from`, a multiple of 4, up to `to`, within the first `length` bytes of the window; of those that a
   * sampled gram finds, a few that begin up to three bytes before. Answers with their number, or with undefined when they are too many:
   * then the stretch must be cut, which is never so for the smallest.
   */
  search(from: number, to: number, length: number): number | undefined {
    const kernel = this.#kernel
    kernel.begin(this.#target, to - from > SMALLEST_STRETCH_BYTES ? CANDIDATES_MAX : this.#capacity)
    for (const { anchorBytes, bits, bytesLog } of this.#active) {
      const complete =
        anchorBytes === LONG_ANCHOR_BYTES
          ? kernel.searchLong(bits, bytesLog, from, to, length)
          : anchorBytes === MIDDLE_ANCHOR_BYTES
            ? kernel.searchMiddle(bits, bytesLog, from, to, length)
            : kernel.searchShort(bits, bytesLog, anchorBytes, from, to, length)
      if (complete === 0) return undefined
    }
    return kernel.count()
  }

  /** Places in the window, from `from` up to `to`, at which an archive or a program may begin; the first MARKS_MAX of them. */
  marks(from: number, to: number): number[] {
    const count = this.#kernel.searchMarks(from, to, this.#target === PROGRAM_TARGET, MARKS_MAX)
    return Array.from(this.#marks.subarray(0, count), (address) => address - this.window.byteOffset)
  }

  /** The place in the window of candidate `index` of the last search. */
  position(index: number): number {
    return this.#candidates[2 * index] as number
  }

  /** The part whose anchor may stand there. */
  part(index: number): number {
    return this.#candidates[2 * index + 1] as number
  }
}

type TableName = 'anchorStarts' | 'anchors' | 'confirmBits' | 'filterBits'
const tableNames: readonly TableName[] = ['anchorStarts', 'anchors', 'confirmBits', 'filterBits']

function sharedAddresses(tables: PatternTables): Record<TableName, number> {
  return Object.fromEntries(tableNames.map((name) => [name, tables[name].byteOffset])) as Record<
    TableName,
    number
  >
}

function privateAddresses(tables: PatternTables): Record<TableName, number> {
  let end = 0
  const at = tableNames.map((name) => {
    const start = end
    end += Math.ceil(tables[name].byteLength / 8) * 8
    return [name, start]
  })
  return Object.fromEntries(at) as Record<TableName, number>
}

function privateMemory(tables: PatternTables): { memory: WebAssembly.Memory; length: number } {
  const length = tableNames.reduce((sum, name) => sum + Math.ceil(tables[name].byteLength / 8) * 8, 0)
  const memory = createKernelMemory(length)
  const at = privateAddresses(tables)
  for (const name of tableNames) {
    const { buffer, byteOffset, byteLength } = tables[name]
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer, byteOffset, byteLength), at[name])
  }
  return { memory, length }
}

function filtersByTarget(words: Uint32Array, bitsAt: number): Map<number, ActiveFilter[]> {
  const filters = new Map<number, ActiveFilter[]>()
  for (let at = 0; at < words.length; at += filter.words) {
    const target = words[at + filter.target] as number
    const list = filters.get(target) ?? []
    list.push({
      anchorBytes: words[at + filter.anchorBytes] as number,
      bits: bitsAt + (words[at + filter.bits] as number),
      bytesLog: words[at + filter.bytesLog] as number,
    })
    filters.set(target, list)
  }
  return filters
}
