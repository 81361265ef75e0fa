/**
 * Parsed patterns → the sections patterns, parts, elements and bytes. Refuses what no search can find cheaply and what
 * would match nearly every file, before anything of that pattern is written.
 */
import { type Anchor, chooseAnchor } from './anchor.ts'
import { createFilterEncoder, type FilterSections } from './filter-encoder.ts'
import { edges, elementKinds, NONE, offsetKinds, PART_MAX_BYTES } from './layout.ts'
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
import { type BytePool, createBytePool, createWordBuffer, type WordBuffer } from './record-buffer.ts'

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

export interface PatternEncoder {
  readonly patterns: WordBuffer
  readonly parts: WordBuffer
  readonly elements: WordBuffer
  readonly pool: BytePool
  /** Builds what finds the parts' anchors. */
  filters(): FilterSections
  /** Patterns so far. */
  readonly count: number
  /** Writes one pattern. */
  add(placed: PlacedPattern, plan: readonly PlannedPart[], owner: PatternOwner): void
}

/** Whose a pattern is: a signature's alone, or a sub-signature's, of which `limit` matches may matter. */
export interface PatternOwner {
  readonly signature: number
  readonly logical?: { readonly index: number; readonly sub: number; readonly limit: number }
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
  const span = spanOf(part.elements)
  if (span.max > PART_MAX_BYTES) throw new Refusal(`a part longer than ${PART_MAX_BYTES} bytes`)
  const before = spanOf(part.elements.slice(0, anchor.element))
  return { part, anchor, span, prefix: { min: before.min + anchor.skip, max: before.max + anchor.skip } }
}

export function createPatternEncoder(): PatternEncoder {
  const patterns = createWordBuffer()
  const parts = createWordBuffer()
  const elements = createWordBuffer()
  const pool = createBytePool()
  const filters = createFilterEncoder()
  let patternCount = 0
  let partCount = 0
  let elementCount = 0

  function addPart({ part, anchor, prefix, span }: PlannedPart, target: number): void {
    const { gap = { min: 0, max: undefined } } = part
    parts.push(patternCount, elementCount, part.elements.length, gap.min, gap.max ?? NONE)
    parts.push(anchor.element, anchor.skip, anchor.length, prefix.min, prefix.max, span.min, span.max)
    parts.push(edgeBits(part.edges), nearWord(part.nearStart), nearWord(part.nearEnd))
    filters.add(target, anchorRun(part, anchor), anchor.skip, anchor.length)
    partCount += 1
    for (const step of part.elements) {
      elements.push(...elementWords(step, pool))
      elementCount += 1
    }
  }

  return {
    patterns,
    parts,
    elements,
    pool,
    filters: () => filters.encode(),
    get count() {
      return patternCount
    },
    add({ target, offset, parts: own }, plan, { signature, logical }) {
      const place = offset.kind === 'any' ? { distance: 0, maxShift: 0 } : offset
      patterns.push(signature, target, kindWord(offset), place.distance, place.maxShift)
      patterns.push(partCount, own.length, logical?.index ?? NONE, logical?.sub ?? 0, logical?.limit ?? 1)
      for (const planned of plan) addPart(planned, target)
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

function elementWords(step: PatternElement, pool: BytePool): [number, number, number, number] {
  switch (step.kind) {
    case 'literal':
    case 'folded':
      return [elementKinds[step.kind], pool.place(step.bytes), step.bytes.length, 0]
    case 'masked':
      return [elementKinds.masked, pool.place(joined([step.values, step.masks])), step.values.length, 0]
    case 'fixed': {
      const kind = step.negated ? elementKinds.noneOf : elementKinds.oneOf
      const length = step.alternatives[0]?.length ?? 0
      return [kind, pool.place(joined(step.alternatives)), length, step.alternatives.length]
    }
    case 'branch': {
      const data = joined(
        step.alternatives.flatMap(({ values, masks }) => [u16(values.length), values, masks]),
      )
      return [elementKinds.branch, pool.place(data), data.length, step.alternatives.length]
    }
    case 'class': {
      const name = step.characterClass
      return [step.negated ? elementKinds[`not${classNames[name]}`] : elementKinds[name], 0, 0, 0]
    }
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8)
}
