/**
 * Where a body signature is to be looked for: its target and its offset, as .ndb and .ldb lines give them (ClamAV manual,
 * "Target types", "Extended signature format").
 */
import { HIGHEST_TARGET } from '../layout.ts'
import { type PatternOffset, Refusal } from './pattern.ts'

const OFFSET_MAX = 0x7fffffff
/** Twenty-four bits of a pattern's record. */
const SECTION_MAX = 0xffffff

/** PE, ELF and Mach-O: the targets whose files have entry points and sections. */
export const executableTargets = [1, 6, 9]

/** Reads a target's number. Throws Refusal. */
export function parseTarget(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) > HIGHEST_TARGET) {
    throw new Refusal(`"${text}" is not a target from 0 to ${HIGHEST_TARGET}`)
  }
  return Number(text)
}

/** Reads where a pattern may begin in contents of a target. Throws Refusal. */
export function parseOffset(text: string, target: number): PatternOffset {
  if (text === '*') return { kind: 'any' }
  const [place = '', shift, ...more] = text.split(',')
  if (more.length > 0) throw new Refusal(`"${text}" is not an offset`)
  const maxShift = shift === undefined ? 0 : numberOf(shift, text)
  if (/^(?:EP[+-]\d+|S\d+\+\d+|SE\d+|SL\+\d+|VI)$/.test(place)) {
    if (!executableTargets.includes(target)) {
      throw new Refusal(`the offset "${text}" belongs to executables, and target ${target} is none`)
    }
    return executableOffset(place, text, maxShift)
  }
  if (place.startsWith('EOF-')) return { kind: 'end', distance: numberOf(place.slice(4), text), maxShift }
  return { kind: 'start', distance: numberOf(place, text), maxShift }
}

/** An offset that depends on a program's structure. */
function executableOffset(place: string, text: string, maxShift: number): PatternOffset {
  const [, entry, section, whole, last] = /^(?:EP([+-])|S(\d+)\+|SE(\d+)$|(SL)\+)/.exec(place) ?? []
  const distance = () => numberOf(place.slice(place.search(/[+-]/) + 1), text)
  if (entry !== undefined)
    return { kind: entry === '+' ? 'entryAfter' : 'entryBefore', distance: distance(), maxShift }
  if (section !== undefined)
    return { kind: 'section', section: sectionOf(section, text), distance: distance(), maxShift }
  if (last !== undefined) return { kind: 'lastSection', distance: distance(), maxShift }
  if (whole !== undefined) {
    if (maxShift > 0) throw new Refusal(`"${text}" is not an offset: all of a section has no shift`)
    return { kind: 'wholeSection', section: sectionOf(whole, text), distance: 0, maxShift }
  }
  // As in clamscan a shift behind it says nothing.
  return { kind: 'versionInfo', distance: 0, maxShift: 0 }
}

function sectionOf(digits: string, offset: string): number {
  const section = numberOf(digits, offset)
  if (section > SECTION_MAX)
    throw new Refusal(`"${offset}" is not an offset: no program has so many sections`)
  return section
}

function numberOf(digits: string, offset: string): number {
  const value = Number(digits)
  if (!/^\d{1,10}$/.test(digits) || value > OFFSET_MAX) throw new Refusal(`"${offset}" is not an offset`)
  return value
}
