/**
 * Checks that patterns, parts and elements hold only what the compiler writes: every index follows from the record before
 * it, every range lies in the pool, and every derived number is derived again and compared. A matcher may then trust
 * them all without looking.
 */
import {
  ANCHOR_MAX_BYTES,
  ANCHOR_MIN_BYTES,
  element,
  elementKinds,
  HIGHEST_TARGET,
  NEAR_MAX_DISTANCE,
  NONE,
  offsetKinds,
  PART_MAX_BYTES,
  part,
  pattern,
} from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

const EDGE_BITS = 0x3fff
/** As pattern.ts's distances: positions must stay exact when added up. */
const DISTANCE_MAX = 0x7fffffff

/** Throws DefinitionsError `malformed`. */
export function checkPatterns(views: SectionViews): void {
  const words = views.words('patterns')
  const parts = views.words('parts')
  let nextPart = 0
  for (let index = 0; index < views.counts.patterns; index += 1) {
    const field = (name: Exclude<keyof typeof pattern, 'words'>) =>
      words[index * pattern.words + pattern[name]] ?? 0
    const owner = field('signature')
    if (
      owner >= views.counts.signatures ||
      (field('logical') === NONE && (field('sub') !== 0 || field('limit') !== 1)) ||
      field('target') > HIGHEST_TARGET ||
      !isOffsetKind(field('offsetKind')) ||
      field('offset') > DISTANCE_MAX ||
      field('maxShift') > DISTANCE_MAX ||
      field('firstPart') !== nextPart ||
      field('partCount') === 0 ||
      field('partCount') > views.counts.parts - nextPart
    ) {
      throw malformed(`pattern ${index} holds an impossible value`)
    }
    for (const end = nextPart + field('partCount'); nextPart < end; nextPart += 1) {
      if (parts[nextPart * part.words + part.pattern] !== index) throw malformed(`part ${nextPart} is astray`)
    }
  }
  if (nextPart !== views.counts.parts) throw malformed('some parts belong to no pattern')
  checkParts(views)
}

function checkParts(views: SectionViews): void {
  const words = views.words('parts')
  const elements = views.words('elements')
  let nextElement = 0
  for (let index = 0; index < views.counts.parts; index += 1) {
    const field = (name: Exclude<keyof typeof part, 'words'>) => words[index * part.words + part[name]] ?? 0
    const count = field('elementCount')
    if (field('firstElement') !== nextElement || count === 0 || count > views.counts.elements - nextElement) {
      throw malformed(`part ${index} points outside`)
    }
    const anchorElement = field('anchorElement')
    const anchorAt = (nextElement + anchorElement) * element.words
    const anchorLength = field('anchorLength')
    if (
      anchorElement >= count ||
      !isFixed(elements[anchorAt + element.kind]) ||
      anchorLength < ANCHOR_MIN_BYTES ||
      anchorLength > ANCHOR_MAX_BYTES ||
      field('anchorSkip') + anchorLength > (elements[anchorAt + element.length] ?? 0)
    ) {
      throw malformed(`part ${index} has no such anchor`)
    }
    let min = 0
    let max = 0
    for (let step = 0; step < count; step += 1) {
      if (step === anchorElement) {
        const skip = field('anchorSkip')
        if (field('prefixMin') !== min + skip || field('prefixMax') !== max + skip) {
          throw malformed(`part ${index} has its anchor elsewhere`)
        }
      }
      const span = checkElement(views, elements, nextElement)
      min += span.min
      max += span.max
      nextElement += 1
    }
    if (field('lengthMin') !== min || field('lengthMax') !== max || max > PART_MAX_BYTES) {
      throw malformed(`part ${index} has another length`)
    }
    const gapMax = field('gapMax')
    if (
      field('gapMin') > DISTANCE_MAX ||
      (gapMax !== NONE && (gapMax < field('gapMin') || gapMax > DISTANCE_MAX)) ||
      field('edges') > EDGE_BITS ||
      !isNear(field('nearStart')) ||
      !isNear(field('nearEnd'))
    ) {
      throw malformed(`part ${index} holds an impossible value`)
    }
  }
  if (nextElement !== views.counts.elements) throw malformed('some elements belong to no part')
}

/** Whether an anchor may lie in an element of this kind. */
function isFixed(kind: number | undefined): boolean {
  return kind === elementKinds.literal || kind === elementKinds.folded
}

/** A kind there is, with a section's number only where it means one. */
function isOffsetKind(word: number): boolean {
  const kind = word & 0xff
  const hasSection = kind === offsetKinds.section || kind === offsetKinds.wholeSection
  return kind <= offsetKinds.lastSection && (hasSection || word === kind)
}

function isNear(word: number): boolean {
  const min = (word >>> 16) & 0xff
  const max = word >>> 24
  return word === NONE || (min <= max && max <= NEAR_MAX_DISTANCE)
}

function checkElement(
  views: SectionViews,
  elements: Uint32Array,
  index: number,
): { min: number; max: number } {
  const at = index * element.words
  const kind = elements[at + element.kind] ?? 0
  const data = elements[at + element.data] ?? 0
  const length = elements[at + element.length] ?? 0
  const count = elements[at + element.count] ?? 0
  const pool = views.counts.bytes
  switch (kind) {
    case elementKinds.literal:
    case elementKinds.masked: {
      const stored = kind === elementKinds.literal ? length : 2 * length
      if (length === 0 || count !== 0 || data + stored > pool) break
      return { min: length, max: length }
    }
    case elementKinds.oneOf:
    case elementKinds.noneOf:
      if (length === 0 || count === 0 || data + length * count > pool) break
      return { min: length, max: length }
    case elementKinds.branch: {
      if (data + length > pool) break
      const span = branchSpan(views.bytes('bytes').subarray(data, data + length), count)
      if (span === undefined) break
      return span
    }
    case elementKinds.folded:
      if (length === 0 || count !== 0 || data + length > pool) break
      if (
        views
          .bytes('bytes')
          .subarray(data, data + length)
          .some(isUpperCase)
      )
        break
      return { min: length, max: length }
    case elementKinds.line:
      if (data !== 0 || length !== 0 || count !== 0) break
      return { min: 1, max: 2 }
    default:
      if (kind > elementKinds.notNonAlnum || data !== 0 || length !== 0 || count !== 0) break
      return { min: 1, max: 1 }
  }
  throw malformed(`element ${index} holds an impossible value`)
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a
}

function branchSpan(bytes: Uint8Array, count: number): { min: number; max: number } | undefined {
  let at = 0
  let min = Number.POSITIVE_INFINITY
  let max = 0
  for (let index = 0; index < count; index += 1) {
    const length = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
    at += 2 + 2 * length
    if (length === 0 || at > bytes.length) return undefined
    min = Math.min(min, length)
    max = Math.max(max, length)
  }
  return count > 0 && at === bytes.length ? { min, max } : undefined
}
