/**
 * A whole file of signatures: the format by its name's ending, one line at a time. A malformed line is refused with its
 * place and reason, and the rest of its file is read on.
 */

import { unwantedFormats } from '../unwanted-programs.ts'
import { type EntrySignature, parseCdb } from './cdb.ts'
import { type CertificateSignature, parseCrb } from './crb.ts'
import { parseDb } from './db.ts'
import { parseFp } from './fp.ts'
import { type FileTypeMagic, parseFtm } from './ftm.ts'
import type { HashSignature } from './hash-line.ts'
import { parseHdb } from './hdb.ts'
import { parseHsb } from './hsb.ts'
import { type IconSignature, parseIdb } from './idb.ts'
import { type IgnoredName, parseIgn2 } from './ign2.ts'
import { parseImp } from './imp.ts'
import { type LogicalSignature, parseLdb } from './ldb.ts'
import { type Line, type SignatureText, signatureLines, wholeText } from './line.ts'
import { type AddressHash, type LinkSignature, parseGdb, parsePdb, parseWdb } from './links.ts'
import type { MacroMember } from './macro.ts'
import { parseMdb } from './mdb.ts'
import { parseMsb } from './msb.ts'
import { type PatternSignature, parseNdb } from './ndb.ts'
import { Refusal } from './pattern.ts'
import { judgedRules, type RuleSignature } from './yara/judge-rules.ts'

/** A file as it was given: its name, of which only the ending means something, and its text. */
export interface SignatureFile {
  readonly name: string
  readonly text: SignatureText
}

/** A line that was not taken, and why. `line` counts from 1; 0 means the file as a whole. */
export interface RefusedLine {
  readonly file: string
  readonly line: number
  readonly reason: string
}

export type Parsed =
  | HashSignature
  | PatternSignature
  | MacroMember
  | LogicalSignature
  | EntrySignature
  | CertificateSignature
  | FileTypeMagic
  | LinkSignature
  | AddressHash
  | IconSignature
  | RuleSignature
  | IgnoredName

/** What a line is: a signature or an ignored name, `skipped` when it is for other functionality levels than ours, or why it is not taken. */
export interface JudgedLine {
  readonly source: Line
  readonly outcome: Parsed | 'skipped' | Refusal
}

type ParseLine = (line: string) => Parsed | 'skipped'

const formats: { readonly [ending: string]: ParseLine } = {
  hdb: parseHdb,
  hsb: parseHsb,
  mdb: parseMdb,
  msb: parseMsb,
  imp: parseImp,
  ndb: parseNdb,
  sdb: parseNdb,
  db: parseDb,
  ldb: parseLdb,
  cdb: parseCdb,
  crb: parseCrb,
  ftm: parseFtm,
  pdb: parsePdb,
  wdb: parseWdb,
  gdb: parseGdb,
  idb: parseIdb,
  fp: parseFp,
  sfp: parseFp,
  ign2: parseIgn2,
}

/** Files of YARA rules, which are read whole. */
const ruleFormats = ['yar', 'yara']

/** The format of a file by its name, in lower case. */
export function formatOf({ name }: SignatureFile): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}

/** Reads one file, line by line; never more than a piece of it is in memory. Never throws for its content. */
export function* judgedLines(file: SignatureFile): Generator<JudgedLine> {
  const format = formatOf(file)
  if (ruleFormats.includes(format)) {
    yield* rulesOf(file)
    return
  }
  const twin = Object.hasOwn(unwantedFormats, format) ? (unwantedFormats[format] ?? format) : format
  const parse = Object.hasOwn(formats, twin) ? formats[twin] : undefined
  if (parse === undefined) {
    const reason = `the format .${format} is not read; known are ${[...Object.keys(formats), ...ruleFormats].join(', ')}`
    yield { source: { number: 0, text: '' }, outcome: new Refusal(reason) }
    return
  }
  for (const source of signatureLines(file.text)) {
    yield { source, outcome: unlessRefused(() => parse(source.text)) }
  }
}

function unlessRefused<Value>(read: () => Value): Value | Refusal {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function* rulesOf({ text }: SignatureFile): Generator<JudgedLine> {
  const whole = unlessRefused(() => wholeText(text))
  if (whole instanceof Refusal) yield { source: { number: 0, text: '' }, outcome: whole }
  else yield* judgedRules(whole)
}
