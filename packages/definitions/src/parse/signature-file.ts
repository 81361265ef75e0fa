/**
 * A whole file of signatures: the format by its name's ending, one line at a time. A malformed line is refused with its
 * place and reason, and the rest of its file is read on.
 */
import { parseFp } from './fp.ts'
import type { HashSignature } from './hash-line.ts'
import { parseHdb } from './hdb.ts'
import { parseHsb } from './hsb.ts'
import { type IgnoredName, parseIgn2 } from './ign2.ts'
import { type LogicalSignature, parseLdb } from './ldb.ts'
import { type Line, signatureLines } from './line.ts'
import { type PatternSignature, parseNdb } from './ndb.ts'
import { Refusal } from './pattern.ts'

/** A file as it was given: its name, of which only the ending means something, and its text. */
export interface SignatureFile {
  readonly name: string
  readonly text: string
}

/** A line that was not taken, and why. `line` counts from 1; 0 means the file as a whole. */
export interface RefusedLine {
  readonly file: string
  readonly line: number
  readonly reason: string
}

type Parsed = HashSignature | PatternSignature | LogicalSignature | IgnoredName

export type ParsedLine = Parsed & { readonly source: Line }

export interface ParsedFile {
  readonly lines: readonly ParsedLine[]
  readonly refused: readonly RefusedLine[]
  /** Lines for other functionality levels than ours. */
  readonly skipped: number
}

type ParseLine = (line: string) => Parsed | 'skipped'

const formats: { readonly [ending: string]: ParseLine } = {
  hdb: parseHdb,
  hsb: parseHsb,
  ndb: parseNdb,
  ldb: parseLdb,
  fp: parseFp,
  sfp: parseFp,
  ign2: parseIgn2,
}

/** Reads one file. Never throws for its content. */
export function parseSignatureFile(file: SignatureFile): ParsedFile {
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
  const parse = Object.hasOwn(formats, ending) ? formats[ending] : undefined
  if (parse === undefined) {
    const reason = `the format .${ending} is not read; known are ${Object.keys(formats).join(', ')}`
    return { lines: [], refused: [{ file: file.name, line: 0, reason }], skipped: 0 }
  }
  const lines: ParsedLine[] = []
  const refused: RefusedLine[] = []
  let skipped = 0
  for (const source of signatureLines(file.text)) {
    try {
      const parsed = parse(source.text)
      if (parsed === 'skipped') skipped += 1
      else lines.push({ ...parsed, source })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused.push({ file: file.name, line: source.number, reason: error.message })
    }
  }
  return { lines, refused, skipped }
}
