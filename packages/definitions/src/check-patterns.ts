/**
 * Checks that patterns, parts and elements hold only what the compiler writes: every index follows from the record before
 * it or lies in its table, and every range in the pool. A matcher may then trust them all without looking. There are hundreds
 * of thousands: fields are read where they stand.
 */
import { checkElement, type ElementTables } from './check-elements.ts'
import {
  fringe,
  HIGHEST_TARGET,
  isLaterPattern,
  LOGICAL_BIT,
  NEAR_MAX_DISTANCE,
  NONE,
  offsetKinds,
  PART_MAX_BYTES,
  part,
  pattern,
  patternLimit,
  patternSub,
  patternTarget,
  place,
  reach,
} from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

const EDGE_BITS = 0x3fff
/** As pattern.ts's distances: positions must stay exact when added up. */
const DISTANCE_MAX = 0x7fffffff

/** Throws DefinitionsError `malformed`. */
export function checkPatterns(views: SectionViews): void {
  const words = views.words('patterns')
  const parts = views.words('parts')
  const { patterns, logicals, signatures, places } = views.counts
  checkPlaces(views.words('places'))
  checkFringes(views.words('fringes'))
  for (let index = 0; index < patterns; index += 1) {
    const at = index * pattern.words
    const owner = words[at + pattern.owner] as number
    const packed = words[at + pattern.packed] as number
    const begins = words[at + pattern.place] as number
    const first = words[at + pattern.firstPart] as number
    const end =
      index + 1 < patterns ? (words[at + pattern.words + pattern.firstPart] as number) : views.counts.parts
    const isPlain = owner < LOGICAL_BIT
    if (
      (isPlain ? owner >= signatures : owner - LOGICAL_BIT >= logicals) ||
      patternTarget(packed) > HIGHEST_TARGET ||
      patternLimit(packed) === 0 ||
      (isPlain && (patternSub(packed) !== 0 || patternLimit(packed) !== 1 || isLaterPattern(packed))) ||
      (begins !== NONE && begins >= places) ||
      (index === 0 && first !== 0) ||
      end <= first ||
      end > views.counts.parts
    ) {
      throw malformed(`pattern ${index} holds an impossible value`)
    }
    for (let own = first; own < end; own += 1) {
      if (parts[own * part.words + part.pattern] !== index) throw malformed(`part ${own} is astray`)
      if (own > first && parts[own * part.words + part.fringe] === NONE) {
        throw malformed(`part ${own} stands behind no gap`)
      }
    }
  }
  if (patterns === 0 && views.counts.parts !== 0) throw malformed('some parts belong to no pattern')
  checkParts(views)
}

function checkPlaces(words: Uint32Array): void {
  for (let at = 0; at < words.length; at += place.words) {
    const kind = words[at + place.offsetKind] as number
    if (
      !isOffsetKind(kind) ||
      kind === offsetKinds.any ||
      (words[at + place.offset] as number) > DISTANCE_MAX ||
      (words[at + place.maxShift] as number) > DISTANCE_MAX
    ) {
      throw malformed(`place ${at / place.words} holds an impossible value`)
    }
  }
}

function checkFringes(words: Uint32Array): void {
  for (let at = 0; at < words.length; at += fringe.words) {
    const gapMin = words[at + fringe.gapMin] as number
    const gapMax = words[at + fringe.gapMax] as number
    if (
      gapMin > DISTANCE_MAX ||
      (gapMax !== NONE && (gapMax < gapMin || gapMax > DISTANCE_MAX)) ||
      (words[at + fringe.edges] as number) > EDGE_BITS ||
      !isNear(words[at + fringe.nearStart] as number) ||
      !isNear(words[at + fringe.nearEnd] as number)
    ) {
      throw malformed(`fringe ${at / fringe.words} holds an impossible value`)
    }
  }
}

function checkParts(views: SectionViews): void {
  const words = views.words('parts')
  const tables: ElementTables = { elements: views.words('elements'), pool: views.bytes('bytes') }
  const { parts, elements, fringes } = views.counts
  let back = 0
  let ahead = 0
  for (let index = 0; index < parts; index += 1) {
    const at = index * part.words
    const first = words[at + part.firstElement] as number
    const end = index + 1 < parts ? (words[at + part.words + part.firstElement] as number) : elements
    if ((index === 0 && first !== 0) || end <= first || end > elements) {
      throw malformed(`part ${index} points outside`)
    }
    let length = 0
    for (let step = first; step < end; step += 1) length += checkElement(tables, step)
    const prefix = words[at + part.prefix] as number
    const prefixMax = prefix >>> 16
    const around = words[at + part.fringe] as number
    if (
      length > PART_MAX_BYTES ||
      (prefix & 0xffff) > prefixMax ||
      prefixMax >= length ||
      (around !== NONE && around >= fringes)
    ) {
      throw malformed(`part ${index} holds an impossible value`)
    }
    back = Math.max(back, prefixMax)
    ahead = Math.max(ahead, length)
  }
  if (parts === 0 && elements !== 0) throw malformed('some elements belong to no part')
  const stated = views.words('reach')
  if (stated.length !== reach.words || stated[reach.back] !== back || stated[reach.ahead] !== ahead) {
    throw malformed('the reach of its parts is another one')
  }
}

/** A kind there is, with a section's number only where it means one. */
function isOffsetKind(word: number): boolean {
  const kind = word & 0xff
  const hasSection = kind === offsetKinds.section || kind === offsetKinds.wholeSection
  return kind <= offsetKinds.versionInfo && (hasSection || word === kind)
}

function isNear(word: number): boolean {
  const min = (word >>> 16) & 0xff
  const max = word >>> 24
  return word === NONE || (min <= max && max <= NEAR_MAX_DISTANCE)
}
