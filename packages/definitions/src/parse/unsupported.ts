/**
 * Formats of ClamAV that are known and not evaluated: their signatures are counted and named, so that nobody takes them for
 * loaded. What is read here is no more than that.
 */
import { signatureLines } from './line.ts'
import type { SignatureFile } from './signature-file.ts'

/** The signatures of one format that were given and are not evaluated. */
export interface UnsupportedFormat {
  readonly format: string
  readonly count: number
  /** Why, in words. */
  readonly reason: string
  /** The first of their names, where the texts tell names. */
  readonly names: readonly string[]
}

export interface UnsupportedFormats {
  /** Counts a file's signatures when its format is one of these; false otherwise. */
  take(format: string, file: SignatureFile): boolean
  list(): readonly UnsupportedFormat[]
}

/** Enough to know what they are about. */
const LISTED_NAMES = 20

interface Kind {
  readonly reason: string
  readonly namesIn: (file: SignatureFile) => Iterable<string>
}

const unwanted = 'signatures of programs that may be unwanted, which clamscan reads only when it is asked to'
const archives = 'the form before .cdb of what archives say of their entries is not read'

const kinds: { readonly [format: string]: Kind } = {
  cbc: { reason: 'bytecode, programs that ClamAV runs on a file, is not run', namesIn: bytecodeName },
  cfg: { reason: 'switches of ClamAV mean nothing here', namesIn: firstFields(':') },
  hdu: { reason: unwanted, namesIn: fieldsAt(2) },
  hsu: { reason: unwanted, namesIn: fieldsAt(2) },
  mdu: { reason: unwanted, namesIn: fieldsAt(2) },
  msu: { reason: unwanted, namesIn: fieldsAt(2) },
  ndu: { reason: unwanted, namesIn: firstFields(':') },
  ldu: { reason: unwanted, namesIn: firstFields(';') },
  cat: {
    reason: 'lists of programs that their makers signed apart from them are not read',
    namesIn: ({ name }) => [name],
  },
  info: { reason: 'the contents of a set beside it are not compared', namesIn: firstFields(':') },
  zmd: { reason: archives, namesIn: firstFields(':') },
  rmd: { reason: archives, namesIn: firstFields(':') },
  ign: { reason: 'lines are named by their number; .ign2 names signatures', namesIn: firstFields(':') },
  sign: {
    reason: 'signatures of ClamAV 1.5 beside a set are not checked; those inside it are',
    namesIn: ({ name }) => [name],
  },
  pwdb: { reason: 'encrypted entries are not opened with passwords', namesIn: firstFields(';') },
}

/** An empty account. */
export function createUnsupportedFormats(): UnsupportedFormats {
  const found = new Map<string, { count: number; names: string[] }>()
  return {
    take(format, file) {
      const kind = Object.hasOwn(kinds, format) ? kinds[format] : undefined
      if (kind === undefined) return false
      const { count, names } = found.get(format) ?? { count: 0, names: [] }
      let more = 0
      for (const name of kind.namesIn(file)) {
        more += 1
        if (names.length < LISTED_NAMES) names.push(name)
      }
      found.set(format, { count: count + more, names })
      return true
    },
    list() {
      return [...found].map(([format, { count, names }]) => ({
        format,
        count,
        reason: kinds[format]?.reason ?? '',
        names,
      }))
    },
  }
}

/** A file is one program. Its second line is the logical signature that starts it, or empty; then the file gives the name. */
function* bytecodeName(file: SignatureFile): Generator<string> {
  for (const { number, text } of signatureLines(file.text)) {
    const [, name] = (number === 2 ? /^([\x21-\x3a\x3c-\x7e]{1,255});/.exec(text) : null) ?? []
    if (name !== undefined) {
      yield name
      return
    }
    if (number > 2) break
  }
  yield file.name
}

/** The names of formats that begin with a hash or a size. */
function fieldsAt(index: number): Kind['namesIn'] {
  return function* (file) {
    for (const { text } of signatureLines(file.text))
      yield text.split(':', index + 1)[index]?.slice(0, 255) ?? ''
  }
}

function firstFields(separator: string): Kind['namesIn'] {
  return function* (file) {
    for (const { text } of signatureLines(file.text)) yield text.split(separator, 1)[0]?.slice(0, 255) ?? ''
  }
}
