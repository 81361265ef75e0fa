/**
 * Parsed patterns → the sections patterns, parts, elements and bytes. Refuses what no search can find cheaply and what
 * would match nearly every file, before anything of that pattern is written.
 */
import { type Anchor, chooseAnchor } from './anchor.ts'
import { createFilterEncoder, type FilterSections } from './filter-encoder.ts'
import {
  ELEMENT_COUNT_MAX,
  edges,
  elementKinds,
  LATER_BIT,
  LOGICAL_BIT,
  NONE,
  offsetKinds,
  PART_MAX_BYTES,
  PATTERN_LIMIT_MAX,
} from './layout.ts'
import {
  type CharacterClass,
  type Edge,
  type NearByte,
  type PatternElement,
  type PatternOffset,
  type PatternPart,
  type PlacedPattern,
  Refusal,
} from './parse/pattern.ts'
import { type Span, spanOf } from './part-length.ts'
import {
  type BytePool,
  createBytePool,
  createRecordPool,
  createWordBuffer,
  littleEndian,
} from './record-buffer.ts'

/**
 * Fixed bytes that a pattern which may begin anywhere must have in all. Two given bytes occur in most files of 64 KiB by
 * chance alone, three in one of 250; ClamAV's own search takes no fewer than three either.
 */
const UNANCHORED_MIN_BYTES = 3

const classNames: { readonly [Name in CharacterClass]: 'Word' | 'Line' | 'NonAlnum' } = {
  word: 'Word',
  line: 'Line',
  nonAlnum: 'NonAlnum',
}

export type PatternSections = FilterSections &
  Readonly<Record<'patterns' | 'places' | 'parts' | 'fringes' | 'elements' | 'reach', Uint8Array>>

export interface PatternEncoder {
  readonly pool: BytePool
  /** The sections patterns, places, parts, fringes, elements and reach, and those of the filters that find the parts. */
  sections(): PatternSections
  /** Patterns so far. */
  readonly count: number
  /** Writes one pattern. */
  add(placed: PlacedPattern, plan: readonly PlannedPart[], owner: PatternOwner): void
}

/**
 * Whose a pattern is: a signature's alone, or a sub-signature's, of which `limit` matches may matter; `isLater` when it need be looked for only
 * where something else of its signature was found.
 */
export interface PatternOwner {
  readonly signature: number
  readonly logical?: {
    readonly index: number
    readonly sub: number
    readonly limit: number
    readonly isLater: boolean
  }
}

/** A part with what is derived from it. */
export interface PlannedPart {
  readonly part: PatternPart
  readonly anchor: Anchor
  readonly prefix: Span
  readonly span: Span
}

/** Derives what a pattern's records need. Throws Refusal for a part that cannot be searched for. */
export function planPattern({ parts }: PlacedPattern): PlannedPart[] {
  return parts.map(planPart)
}

/** Refuses a pattern that is a whole signature and would match nearly everything. */
export function refuseTooGeneral({ parts, offset }: PlacedPattern): void {
  const fixedBytes = parts
    .flatMap((part) => part.elements)
    .reduce((sum, element) => sum + ('bytes' in element ? element.bytes.length : 0), 0)
  if (offset.kind === 'any' && fixedBytes < UNANCHORED_MIN_BYTES) {
    throw new Refusal(
      `fewer than ${UNANCHORED_MIN_BYTES} fixed bytes at any offset would match nearly everything`,
    )
  }
}

function planPart(part: PatternPart): PlannedPart {
  const anchor = chooseAnchor(part.elements)
  if (anchor === undefined) throw new Refusal('a part without two fixed bytes in a row')
  for (const element of part.elements) {
    if ('alternatives' in element && element.alternatives.length > ELEMENT_COUNT_MAX) {
      throw new Refusal(`a choice among more than ${ELEMENT_COUNT_MAX}`)
    }
  }
  const span = spanOf(part.elements)
  if (span.max > PART_MAX_BYTES) throw new Refusal(`a part longer than ${PART_MAX_BYTES} bytes`)
  const before = spanOf(part.elements.slice(0, anchor.element))
  return { part, anchor, span, prefix: { min: before.min + anchor.skip, max: before.max + anchor.skip } }
}

export function createPatternEncoder(): PatternEncoder {
  const patterns = createWordBuffer()
  const places = createRecordPool()
  const parts = createWordBuffer()
  const fringes = createRecordPool()
  const elements = createWordBuffer()
  const pool = createBytePool()
  const filters = createFilterEncoder()
  let patternCount = 0
  let partCount = 0
  let elementCount = 0
  let back = 0
  let ahead = 0

  function addPart({ part, anchor, prefix, span }: PlannedPart, target: number, isLater: boolean): void {
    parts.push(patternCount, elementCount, prefix.min | (prefix.max << 16), fringeOf(part))
    if (!isLater) filters.add(partCount, target, anchorRun(part, anchor), anchor.skip, anchor.length)
    partCount += 1
    for (const step of part.elements) {
      elements.push(...elementWords(step, pool))
      elementCount += 1
    }
    back = Math.max(back, prefix.max)
    ahead = Math.max(ahead, span.max)
  }

  function fringeOf({ gap, edges, nearStart, nearEnd }: PatternPart): number {
    if (gap === undefined && edges.length === 0 && nearStart === undefined && nearEnd === undefined)
      return NONE
    const { min, max = NONE } = gap ?? { min: 0 }
    return fringes.place(min, max, edgeBits(edges), nearWord(nearStart), nearWord(nearEnd))
  }

  return {
    pool,
    sections: () => ({
      patterns: patterns.bytes(),
      places: places.bytes(),
      parts: parts.bytes(),
      fringes: fringes.bytes(),
      elements: elements.bytes(),
      reach: littleEndian(Uint32Array.of(back, ahead)),
      ...filters.encode(),
    }),
    get count() {
      return patternCount
    },
    add({ target, offset }, plan, { signature, logical }) {
      const limit = Math.min(logical?.limit ?? 1, PATTERN_LIMIT_MAX)
      const isLater = logical?.isLater === true
      const packed = (target | ((logical?.sub ?? 0) << 4) | (limit << 10) | (isLater ? LATER_BIT : 0)) >>> 0
      const begins =
        offset.kind === 'any' ? NONE : places.place(kindWord(offset), offset.distance, offset.maxShift)
      patterns.push(
        logical === undefined ? signature : logical.index | LOGICAL_BIT,
        partCount,
        packed,
        begins,
      )
      for (const planned of plan) addPart(planned, target, isLater)
      patternCount += 1
    },
  }
}

/** The fixed bytes that an anchor lies in. */
function anchorRun({ elements }: PatternPart, { element }: Anchor): Uint8Array {
  const holder = elements[element]
  if (holder === undefined || !('bytes' in holder)) throw new Error('an anchor lies in no fixed bytes')
  return holder.bytes
}

/** The word of an offset's kind. */
export function kindWord(offset: PatternOffset): number {
  return offsetKinds[offset.kind] | ('section' in offset ? offset.section << 8 : 0)
}

function edgeBits(list: readonly Edge[]): number {
  let bits = 0
  for (const { side, characterClass, negated } of list) {
    if (characterClass === 'wideNonAlnum') bits |= edges[`${side}WideNonAlnum`]
    else bits |= edges[`${side}${classNames[characterClass]}${negated ? 'Not' : ''}`]
  }
  return bits
}

function nearWord(near: NearByte | undefined): number {
  if (near === undefined) return NONE
  return (near.value | (near.mask << 8) | (near.min << 16) | (near.max << 24)) >>> 0
}

function elementWords(step: PatternElement, pool: BytePool): [data: number, packed: number] {
  switch (step.kind) {
    case 'literal':
    case 'folded':
      return [pool.place(step.bytes), packedElement(elementKinds[step.kind], step.bytes.length, 0)]
    case 'masked': {
      const data = pool.place(joined([step.values, step.masks]))
      return [data, packedElement(elementKinds.masked, step.values.length, 0)]
    }
    case 'fixed': {
      const kind = step.negated ? elementKinds.noneOf : elementKinds.oneOf
      const length = step.alternatives[0]?.length ?? 0
      return [pool.place(joined(step.alternatives)), packedElement(kind, length, step.alternatives.length)]
    }
    case 'branch': {
      const data = joined(
        step.alternatives.flatMap(({ values, masks }) => [u16(values.length), values, masks]),
      )
      return [pool.place(data), packedElement(elementKinds.branch, 0, step.alternatives.length)]
    }
    case 'class': {
      const name = step.characterClass
      const kind = step.negated ? elementKinds[`not${classNames[name]}`] : elementKinds[name]
      return [0, packedElement(kind, 0, 0)]
    }
  }
}

function packedElement(kind: number, length: number, count: number): number {
  return (kind | (length << 4) | (count << 19)) >>> 0
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8)
}
