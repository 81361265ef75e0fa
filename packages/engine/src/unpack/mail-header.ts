/**
 * The header of a mail or of one of its parts (RFC 5322, RFC 2045, RFC 2183), as far as it says how the part is read: its encoding, its
 * boundaries and its name. Readers of mail disagree about what breaks the rules, and an attacker chooses the one that
 * sees the attachment, so every reading that some would take is taken. Nothing here fails, and what is kept is bounded.
 */
import { decodeWords } from './mail-words.ts'

export type PartEncoding = 'identity' | 'binary' | 'base64' | 'quoted-printable'

/** What a header says of its part. */
export interface PartFacts {
  readonly encoding: PartEncoding
  /** False when the header says nothing of an encoding that is known. */
  readonly isEncodingKnown: boolean
  /** Lower-case, without parameters; empty when none is stated. */
  readonly type: string
  /** All that a delimiter may be, of a multipart; empty for another part. */
  readonly boundaries: readonly Buffer[]
  /** Not shown with the mail. */
  readonly isAttached: boolean
  /** The attachment's name. */
  readonly name?: string
  /** Set when a header was longer than what is looked at. */
  readonly isCut: boolean
}

/** Of one header with its continuations, less than what is seen of a line. ClamAV was seen to follow 100 KB of them. */
const HEADER_MAX_CHARACTERS = 255 * 1024
/** Of all that are kept of one part, among them those that stand twice. */
const HEADERS_MAX = 12
/** RFC 2046 (section 5.1.1) permits 70. A longer one is compared as far as this. */
const BOUNDARY_MAX_BYTES = 512
const BOUNDARIES_MAX = 8
const NAME_MAX_CHARACTERS = 1024

const field = /^([!-9;-~]{1,128})[ \t]*:/
const knownEncoding = /[78] ?bit|binary|b(?:ase)?[-_]?64|quoted/i
/** What is looked at. */
const kept = /^content-(?:type|transfer-encoding|disposition)$/
/** What follows a parameter's name. */
const parameterValue = /(?:\*\d{1,3})?(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))/y
/** A parameter may be in pieces; more of one name are not looked at. */
const PIECES_MAX = 16

interface Field {
  readonly name: string
  value: string
}

/** Whether a line is a field that says how a part is read. */
export function isPartField(line: Buffer): boolean {
  const name = field.exec(line.toString('latin1', 0, 64).trimStart())?.[1]
  return name !== undefined && kept.test(name.toLowerCase())
}

/** Takes the lines of one header and tells what it said. */
export class MailHeader {
  readonly #fields: Field[] = []
  #current: Field | undefined
  #seen = false
  #isCut = false
  /** The last line promised another one. */
  #isOpen = false
  readonly #mayBeBehindLines: boolean

  /** With `mayBeBehindLines` what stands before the first field is passed over: a mail behind other lines is one. */
  constructor(mayBeBehindLines = false) {
    this.#mayBeBehindLines = mayBeBehindLines
  }

  /**
   * `more` when the line belongs to the header, `blank` when it is the line that ends it, `body` when it is none of a header at all.
   */
  addLine(line: Buffer): 'more' | 'blank' | 'body' {
    const text = line.toString('latin1')
    const shown = text.trimStart()
    const passes = this.#seen || !this.#mayBeBehindLines
    if (shown === '') return passes ? 'blank' : 'more'
    const isIndented = text.startsWith(' ') || text.startsWith('\t')
    const match = field.exec(shown)
    const name = match?.[1]?.toLowerCase()
    // Some readers take an indented field for one, others for the rest of the line before it.
    if ((isIndented || (this.#isOpen && match === null)) && !(name !== undefined && kept.test(name))) {
      this.#append(text)
      return 'more'
    }
    if (match === null) return passes ? 'body' : 'more'
    if (isIndented) this.#append(text)
    this.#seen = true
    this.#current =
      name !== undefined && kept.test(name) && this.#fields.length < HEADERS_MAX
        ? { name, value: '' }
        : undefined
    if (this.#current !== undefined) this.#fields.push(this.#current)
    this.#append(shown.slice(match[0].length))
    return 'more'
  }

  #append(text: string): void {
    this.#isOpen = text.trimEnd().endsWith(';')
    if (this.#current === undefined) return
    const room = HEADER_MAX_CHARACTERS - this.#current.value.length
    if (text.length > room) this.#isCut = true
    this.#current.value += text.slice(0, Math.max(0, room))
  }

  facts(): PartFacts {
    const types = this.#valuesOf('content-type')
    const name = nameOf([...this.#valuesOf('content-disposition'), ...types])
    // A field may stand in the line of another one, where a line's end was lost.
    const encodings = [...this.#valuesOf('content-transfer-encoding'), ...types.flatMap(encodingsWithin)]
    return {
      encoding: encodingOf(encodings.join(' ')),
      isEncodingKnown: knownEncoding.test(encodings.join(' ')),
      type: /^[\s"']*([^\s;"']+)/.exec(types[0] ?? '')?.[1]?.toLowerCase() ?? '',
      boundaries: types.some((value) => /multipart/i.test(value))
        ? types.flatMap(boundariesOf).slice(0, BOUNDARIES_MAX)
        : [],
      ...(name === undefined ? {} : { name }),
      isAttached: this.#valuesOf('content-disposition').some((value) => /^\W*attachment/i.test(value)),
      isCut: this.#isCut,
    }
  }

  #valuesOf(name: string): readonly string[] {
    return this.#fields.filter((one) => one.name === name).map(({ value }) => value)
  }
}

function encodingsWithin(value: string): readonly string[] {
  const at = value.toLowerCase().indexOf('content-transfer-encoding')
  return at === -1 ? [] : [value.slice(at, at + 128)]
}

/** ClamAV takes whatever looks like base64 for it, among `base-64` and `b64`; and of two that contradict each other base64 hides more. */
function encodingOf(value: string): PartEncoding {
  if (/b(?:ase)?[-_]?64/i.test(value)) return 'base64'
  if (/quoted/i.test(value)) return 'quoted-printable'
  return /^\W*binary/i.test(value) ? 'binary' : 'identity'
}

/**
 * The values of a parameter, also in pieces and with a character set (RFC 2231, sections 3 and 4), the joined pieces first. It is found wherever
 * its name stands, since a quote without its other would hide it.
 */
function parameterOf(value: string, name: string): readonly string[] {
  const lower = value.toLowerCase()
  const values: string[] = []
  for (
    let at = lower.indexOf(name);
    at !== -1 && values.length < PIECES_MAX;
    at = lower.indexOf(name, at + 1)
  ) {
    if (at > 0 && /[a-z-]/.test(lower[at - 1] as string)) continue
    parameterValue.lastIndex = at + name.length
    const match = parameterValue.exec(value)
    if (match === null) continue
    const raw = match[2] === undefined ? (match[3] ?? '') : match[2].replace(/\\(.)/g, '$1')
    values.push(match[1] === '*' ? percentDecoded(raw) : raw)
  }
  return values.length > 1 ? [values.join(''), ...values] : values
}

function percentDecoded(value: string): string {
  const bytes = value
    .replace(/^[^']*'[^']*'/, '')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

/** Quotes that are none, and a quote without its other, are seen both ways. */
function boundariesOf(value: string): readonly Buffer[] {
  const stated = parameterOf(value, 'boundary').map((one) => one.slice(0, BOUNDARY_MAX_BYTES).trimEnd())
  const all = new Set(stated.flatMap((one) => [one, one.replace(/^['"]|['"]$/g, '').trim()]))
  all.delete('')
  return [...all].slice(0, BOUNDARIES_MAX).map((one) => Buffer.from(one, 'latin1'))
}

function nameOf(values: readonly string[]): string | undefined {
  for (const value of values) {
    const bounded = value.slice(0, 16 * NAME_MAX_CHARACTERS)
    const [stated = ''] = [...parameterOf(bounded, 'filename'), ...parameterOf(bounded, 'name')]
    if (stated !== '') return decodeWords(stated.slice(0, NAME_MAX_CHARACTERS))
  }
  return undefined
}
