/**
 * What all formats have in common: lines, comments, fields, names, functionality levels. A parser takes one line and
 * answers with a signature, or `skipped`, or throws a Refusal.
 */
import { Refusal } from './pattern.ts'

/**
 * The ClamAV functionality level whose hash and body signatures this package reads (1.4's). Lines that ask for a higher
 * one, or end at a lower one, are not for us, as the manual lays down ("Functionality Levels").
 */
const FUNCTIONALITY_LEVEL = 210

/** Longest line: ClamAV reads lines into 8 KiB (FILEBUFF); generated patterns of ours may be longer. */
const LINE_MAX_CHARACTERS = 64 * 1024

const NAME_MAX_CHARACTERS = 255

export interface Line {
  readonly number: number
  readonly text: string
}

/** The lines that hold something: no comments, nothing empty. Numbers count from 1 over all lines. */
export function* signatureLines(text: string): Generator<Line> {
  let number = 0
  for (const raw of text.split('\n')) {
    number += 1
    const line = raw.replace(/\r$/, '')
    if (line.trim() !== '' && !line.startsWith('#')) yield { number, text: line }
  }
}

/** Cuts a line at its separators. Throws Refusal when there are fewer or more fields than the format has. */
export function fieldsOf(line: string, separator: ':' | ';', least: number, most: number): string[] {
  if (line.length > LINE_MAX_CHARACTERS) throw new Refusal(`longer than ${LINE_MAX_CHARACTERS} characters`)
  const fields = line.split(separator)
  if (fields.length < least || fields.length > most) {
    throw new Refusal(
      `${fields.length} fields where ${least === most ? least : `${least} to ${most}`} belong`,
    )
  }
  return fields
}

/** Checks a signature's name: visible ASCII, so that it stays one word in logs and on ClamAV's interfaces. */
export function signatureName(text: string | undefined): string {
  if (text === undefined || !/^[\x21-\x7e]+$/.test(text)) {
    throw new Refusal('the name is empty or holds other than visible ASCII characters')
  }
  if (text.length > NAME_MAX_CHARACTERS)
    throw new Refusal(`the name is longer than ${NAME_MAX_CHARACTERS} characters`)
  return text
}

/** Whether a line's functionality levels, each of which may be absent, include ours. Throws Refusal. */
export function levelFits(least: string | undefined, most: string | undefined): boolean {
  return level(least, 0) <= FUNCTIONALITY_LEVEL && FUNCTIONALITY_LEVEL <= level(most, Number.MAX_SAFE_INTEGER)
}

function level(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise
  if (!/^\d{1,9}$/.test(text)) throw new Refusal(`"${text}" is not a functionality level`)
  return Number(text)
}
