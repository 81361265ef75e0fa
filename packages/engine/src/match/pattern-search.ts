/**
 * The patterns of one content: filters name candidates, parts are matched there, sequences of parts make patterns. Holds
 * what one content has gathered so far and the work it has cost; begun anew for each content.
 */
import {
  fringe,
  LATER_PARTS_MAX,
  LOGICAL_BIT,
  NONE,
  offsetKinds,
  type PatternTables,
  part,
  pattern,
  patternTarget,
  place,
} from '@coreward/definitions'
import type { Executable } from '../structure/executable.ts'
import type { ContentWindow } from './content-window.ts'
import { ExecutablePlaces } from './executable-places.ts'
import type { ExpressionEvaluator } from './expression-evaluator.ts'
import { type GramKernel, SMALLEST_STRETCH_BYTES } from './kernel.ts'
import { BLOCK_BYTES, CANDIDATES_MAX } from './kernel-memory.ts'
import type { SoughtPart } from './later-filters.ts'
import { LogicalSearch } from './logical-search.ts'
import { partAnchor } from './part-anchor.ts'
import { PartMatcher } from './part-matcher.ts'
import { type Gap, PartSequences } from './part-sequence.ts'

/** Steps between two looks at the scan's clock: some milliseconds. */
const CHECK_STEPS = 1_000_000

/** Bytes that are searched once more for the price of a step: contents that ask for many searches come to an end. */
const PASS_BYTES_PER_STEP = 8

export class PatternSearch {
  /** Patterns that are whole signatures and were found, by index, with the content's offset where each begins. */
  readonly found = new Map<number, number>()
  /** What was found of logical signatures. */
  readonly logicals: LogicalSearch
  /** The work allowed was used up, or the memory for unfinished patterns. */
  exceeded = false
  readonly #tables: PatternTables
  readonly #window: ContentWindow
  readonly #parts: PartMatcher
  readonly #sequences = new PartSequences()
  readonly #kernel: GramKernel
  #keys = new Float64Array(4096)
  #target = 0
  /** Patterns that are still to be looked for; undefined until it is known which. */
  #awaited: number[] | undefined
  #hasFilters = false
  /** Where the content's patterns may begin. */
  readonly places = new ExecutablePlaces()
  #check: () => void = () => {}
  #nextCheck = 0

  constructor(
    tables: PatternTables,
    window: ContentWindow,
    kernel: GramKernel,
    evaluator: ExpressionEvaluator,
  ) {
    this.#tables = tables
    this.#window = window
    this.#kernel = kernel
    this.logicals = new LogicalSearch(tables, evaluator)
    this.#parts = new PartMatcher(tables, window)
  }

  /**
   * Forgets the content before and begins one of this target, which may cost `workLimit` steps. `check` is called every
   * few milliseconds; what it throws passes through.
   */
  begin(target: number, workLimit: number, check: () => void, structure: () => Executable | undefined): void {
    this.found.clear()
    this.logicals.clear()
    this.exceeded = false
    this.#sequences.clear()
    this.#parts.work = 0
    this.#parts.workLimit = workLimit
    this.#check = check
    this.places.begin(structure)
    this.#nextCheck = 0
    this.#target = target
    this.#awaited = undefined
    this.#hasFilters = this.#kernel.select(target)
  }

  /** Steps that the content may still cost. */
  get workLeft(): number {
    return Math.max(0, this.#parts.workLimit - this.#parts.work)
  }

  /** Counts steps that were taken elsewhere for this content. */
  spend(steps: number): void {
    this.#parts.work += steps
  }

  /**
   * Begins to look, from the content's first byte on, for patterns that are asked for beside what was found of logical signatures. False
   * when there are none, or no more.
   */
  beginLater(): boolean {
    this.#awaited ??= this.logicals.awaited(this.#target, this.#window.size)
    const sought: SoughtPart[] = []
    let index = this.#awaited.at(-1)
    for (; index !== undefined; index = this.#awaited.at(-1)) {
      const parts = this.#soughtParts(index)
      if (sought.length > 0 && sought.length + parts.length > LATER_PARTS_MAX) break
      this.#awaited.pop()
      sought.push(...parts)
    }
    if (sought.length === 0) return false
    this.#parts.work += Math.ceil(this.#window.size / PASS_BYTES_PER_STEP)
    this.#sequences.clear()
    this.#kernel.selectLater(sought)
    this.#hasFilters = true
    return true
  }

  /** The parts of a pattern with the bytes they are searched by; none, when it has more than can be looked for at once. */
  #soughtParts(index: number): SoughtPart[] {
    const first = this.#tables.patterns[index * pattern.words + pattern.firstPart] as number
    const end = this.#partsEnd(index)
    if (end - first > LATER_PARTS_MAX) return []
    const sought: SoughtPart[] = []
    for (let part = first; part < end; part += 1) {
      const bytes = partAnchor(this.#tables, part)
      if (bytes !== undefined) sought.push({ part, bytes })
    }
    return sought
  }

  /** Searches a stretch of the window. False once there is no point in going on. */
  step(from: number, to: number): boolean {
    if (!this.#hasFilters) return false
    for (let at = from; at < to; at += BLOCK_BYTES) {
      this.#check()
      if (!this.#searchBlock(at, Math.min(to, at + BLOCK_BYTES))) return false
    }
    return true
  }

  #searchBlock(from: number, to: number): boolean {
    const count = this.#gather(from, to)
    if (count === undefined) {
      const middle = from + Math.ceil((to - from) / 2 / SMALLEST_STRETCH_BYTES) * SMALLEST_STRETCH_BYTES
      return this.#searchBlock(from, middle) && this.#searchBlock(middle, to)
    }
    const keys = this.#keys
    for (let index = 0; index < count; index += 1) {
      const key = keys[index] as number
      this.#tryCandidate(Math.floor(key / 2 ** 32), key % 2 ** 32)
      if (!this.#mayGoOn()) return false
    }
    return this.#mayGoOn()
  }

  #mayGoOn(): boolean {
    const { work, workLimit } = this.#parts
    if (work > this.#nextCheck) {
      this.#check()
      this.#nextCheck = work + CHECK_STEPS
    }
    this.exceeded = work > workLimit || this.#sequences.overflowed || this.logicals.overflowed
    return !this.exceeded
  }

  /**
   * Puts the candidates of a block into `#keys`, as `position · 2³² + part` in ascending order, which sequences rely on, and answers with
   * their number; with undefined when they are too many for one list: the block must be halved. Each filter has them in that order by itself.
   */
  #gather(from: number, to: number): number | undefined {
    const kernel = this.#kernel
    const count = kernel.search(from, to, this.#window.length)
    this.#parts.work += count ?? CANDIDATES_MAX
    if (count === undefined) return undefined
    if (count > this.#keys.length) this.#keys = new Float64Array(2 * count)
    const keys = this.#keys
    let isInOrder = true
    let before = -1
    for (let index = 0; index < count; index += 1) {
      const key = kernel.position(index) * 2 ** 32 + kernel.part(index)
      keys[index] = key
      isInOrder &&= key > before
      before = key
    }
    if (!isInOrder) keys.subarray(0, count).sort()
    return count
  }

  #tryCandidate(anchorAt: number, index: number): void {
    const { parts, patterns } = this.#tables
    const at = index * part.words
    const owner = parts[at + part.pattern] as number
    const target = patternTarget(patterns[owner * pattern.words + pattern.packed] as number)
    if (target !== 0 && target !== this.#target) return
    if (this.#isSettled(owner)) return
    const number = index - (patterns[owner * pattern.words + pattern.firstPart] as number)
    const prefix = parts[at + part.prefix] as number
    const earliest = Math.max(0, anchorAt - (prefix >>> 16))
    const latest = anchorAt - (prefix & 0xffff)
    this.#parts.work += latest - earliest
    for (let start = earliest; start <= latest && this.#parts.work <= this.#parts.workLimit; start += 1) {
      const offset = this.#window.base + start
      const origin = this.#originOf(owner, index, number, offset)
      if (origin === undefined || !this.#parts.match(index, start)) continue
      if (index + 1 < this.#partsEnd(owner)) {
        this.#await(index, origin)
        continue
      }
      if ((patterns[owner * pattern.words + pattern.owner] as number) < LOGICAL_BIT)
        this.found.set(owner, origin)
      else this.logicals.add(owner, offset, origin)
      if (this.#isSettled(owner)) {
        this.#settle(owner)
        return
      }
    }
  }

  /** Whether more matches of a pattern would say nothing new. */
  #isSettled(owner: number): boolean {
    return this.found.has(owner) || this.logicals.isSettled(owner)
  }

  #settle(owner: number): void {
    const { patterns } = this.#tables
    const first = patterns[owner * pattern.words + pattern.firstPart] as number
    const end = this.#partsEnd(owner)
    for (let index = first; index < end; index += 1) this.#kernel.settle(index)
  }

  /** Where the parts of a pattern end: where those of the next begin, or all of them. */
  #partsEnd(owner: number): number {
    const { patterns, partCount } = this.#tables
    return patterns[(owner + 1) * pattern.words + pattern.firstPart] ?? partCount
  }

  /** Where the pattern began if this part may begin at `offset`; undefined when it may not. */
  #originOf(owner: number, index: number, number: number, offset: number): number | undefined {
    if (number === 0) return this.#mayBeginAt(owner, offset) ? offset : undefined
    const origin = this.#sequences.originBefore(index - 1, offset, this.#gapBefore(index))
    if (origin === undefined || !this.#isInVersionInfo(owner)) return origin
    return this.places.isVersionString(offset) ? origin : undefined
  }

  /** Each part of such a pattern stands there, as in ClamAV. */
  #isInVersionInfo(owner: number): boolean {
    const { patterns, places } = this.#tables
    const begins = patterns[owner * pattern.words + pattern.place] as number
    return begins !== NONE && places[begins * place.words + place.offsetKind] === offsetKinds.versionInfo
  }

  #mayBeginAt(owner: number, offset: number): boolean {
    const { patterns, places } = this.#tables
    const begins = patterns[owner * pattern.words + pattern.place] as number
    if (begins === NONE) return true
    const at = begins * place.words
    const word = places[at + place.offsetKind] as number
    if (word === offsetKinds.versionInfo) return this.places.isVersionString(offset)
    const distance = places[at + place.offset] as number
    const maxShift = places[at + place.maxShift] as number
    const range = this.places.range(word, distance, maxShift, this.#window.size)
    return range !== undefined && offset >= range[0] && offset <= range[1]
  }

  /** A part that is not its pattern's last was matched: its ends are kept for the next one. */
  #await(index: number, origin: number): void {
    const gap = this.#gapBefore(index + 1)
    const { ends, endCount } = this.#parts
    this.#parts.work += endCount
    for (let end = 0; end < endCount; end += 1) {
      this.#sequences.add(index, this.#window.base + (ends[end] as number), origin, gap)
    }
  }

  #gapBefore(index: number): Gap {
    const { parts, fringes } = this.#tables
    const at = (parts[index * part.words + part.fringe] as number) * fringe.words
    const max = fringes[at + fringe.gapMax] as number
    return { min: fringes[at + fringe.gapMin] as number, max: max === NONE ? undefined : max }
  }
}
