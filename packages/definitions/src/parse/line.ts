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

/**
 * A file's text: whole, or in pieces as they are read from the disk, of any length, UTF-8. Asked for anew for each pass over
 * the file.
 */
export type SignatureText = string | (() => Iterable<Uint8Array>)

/** A line longer than this is given cut, which is long enough to be refused. */
const KEPT_MAX_BYTES = 4 * LINE_MAX_CHARACTERS + 8

const NEWLINE = 0x0a

/** The lines that hold something: no comments, nothing empty. Numbers count from 1 over all lines. */
export function* signatureLines(text: SignatureText): Generator<Line> {
  let number = 0
  for (const piece of typeof text === 'string' ? [text] : wholeLines(text())) {
    for (const raw of piece.split('\n')) {
      number += 1
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (!line.startsWith('#') && line.trim() !== '') yield { number, text: line }
    }
  }
}

/** Rules are read whole: a hundred times the largest public collection of them. */
const TEXT_MAX_BYTES = 64 * 1024 * 1024

/** All of a text. Throws Refusal when it is longer than a file of rules may be. */
export function wholeText(text: SignatureText): string {
  if (typeof text === 'string') return text
  const pieces: Buffer[] = []
  let length = 0
  for (const piece of text()) {
    length += piece.length
    if (length > TEXT_MAX_BYTES) throw new Refusal(`the file is longer than ${TEXT_MAX_BYTES} bytes`)
    // The piece's memory may be used for the next one.
    pieces.push(Buffer.from(piece))
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Pieces put together anew so that each ends where a line does, without its last line feed. */
function* wholeLines(pieces: Iterable<Uint8Array>): Generator<string> {
  let kept = Buffer.alloc(0)
  for (const piece of pieces) {
    const end = piece.lastIndexOf(NEWLINE)
    if (end === -1) {
      if (kept.length < KEPT_MAX_BYTES) kept = Buffer.concat([kept, piece.subarray(0, KEPT_MAX_BYTES)])
      continue
    }
    yield Buffer.concat([kept, piece.subarray(0, end)]).toString('utf8')
    kept = Buffer.from(piece.subarray(end + 1))
  }
  yield kept.toString('utf8')
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
