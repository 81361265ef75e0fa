/**
 * ClamAV's signatures for links in mails (ClamAV manual, "Phishing Signatures"): .pdb names what links must not pretend to lead to, .wdb which
 * pairs of addresses are permitted, .gdb addresses by their SHA-256. They have no names; what they find has fixed ones.
 */
import { type ExtendedRegex, fromExtendedRegex } from './extended-regex.ts'
import { fieldsOf, levelFits } from './line.ts'
import { Refusal } from './pattern.ts'

/** What an address is listed as. */
export const addressLists = ['malware', 'blocked', 'phishing', 'permitted'] as const
export type AddressList = (typeof addressLists)[number]

export type LinkRule =
  /** A host, and all below it, that is displayed. */
  | { readonly rule: 'watched-host'; readonly host: string }
  /** Fits the real address, a colon, the displayed one and a slash; or the displayed host and a slash. */
  | { readonly rule: 'watched'; readonly regex: ExtendedRegex }
  /** A real host, and all below it, that may stand behind a displayed one. */
  | { readonly rule: 'permitted-hosts'; readonly real: string; readonly displayed: string }
  | { readonly rule: 'permitted'; readonly regex: ExtendedRegex }

export interface LinkSignature {
  readonly kind: 'link'
  /** The line without its levels. */
  readonly text: string
}

export interface AddressHash {
  readonly kind: 'address'
  readonly list: AddressList
  /** SHA-256 of host and path, in hexadecimal; empty for a host's prefix, of which nothing is asked. */
  readonly hex: string
}

/** Reads one line of a .pdb file. Throws Refusal. */
export function parsePdb(line: string): LinkSignature | 'skipped' {
  return linkSignature(line, /^[RH]\d*$/)
}

/** Reads one line of a .wdb file. Throws Refusal. */
export function parseWdb(line: string): LinkSignature | 'skipped' {
  return linkSignature(line, /^[XM]$/)
}

function linkSignature(line: string, kinds: RegExp): LinkSignature | 'skipped' {
  const [, kind = '', rest] = /^([^:]*):(.*)$/s.exec(line) ?? []
  if (rest === undefined || !kinds.test(kind))
    throw new Refusal(`"${kind.slice(0, 16)}" is not a kind of line of this format`)
  const { body, fits } = withoutLevels(rest)
  const text = `${kind[0]}:${body}`
  readLinkRule(text)
  return fits ? { kind: 'link', text } : 'skipped'
}

/** Reads a line without its levels. Throws Refusal. */
export function readLinkRule(text: string): LinkRule {
  const kind = text[0]
  const body = text.slice(2)
  if (kind === 'H') return { rule: 'watched-host', host: hostOf(body) }
  if (kind === 'M') {
    const [real, displayed] = fieldsOf(body, ':', 2, 2)
    return { rule: 'permitted-hosts', real: hostOf(real), displayed: hostOf(displayed) }
  }
  if (kind === 'R') return { rule: 'watched', regex: regexOf(body) }
  if (kind === 'X') return { rule: 'permitted', regex: regexOf(body) }
  throw new Refusal('no line for links begins so')
}

/** The part at the end that says for which engines the line is: `20-`, `20-30`. The second number is the first that it is not for. */
function withoutLevels(rest: string): { readonly body: string; readonly fits: boolean } {
  const [whole, least = '', most = ''] = /:(\d{1,9})-(\d{0,9})$/.exec(rest) ?? []
  if (whole === undefined) return { body: rest, fits: true }
  const below = most === '' ? undefined : `${Number(most) - 1}`
  return { body: rest.slice(0, -whole.length), fits: below !== '-1' && levelFits(least, below) }
}

function hostOf(text = ''): string {
  // What is compared with it is in small letters.
  if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text) || text.length > 255)
    throw new Refusal(`"${text.slice(0, 64)}" is not a host in small letters`)
  return text
}

function regexOf(text: string): ExtendedRegex {
  if (text === '' || text === ':') throw new Refusal('the expression is empty')
  if (text.length > EXPRESSION_MAX_CHARACTERS)
    throw new Refusal(`the expression is longer than ${EXPRESSION_MAX_CHARACTERS} characters`)
  try {
    return fromExtendedRegex(`(${Buffer.from(text).toString('latin1')})/$`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refusal(`"${text.slice(0, 64)}" is not an extended regular expression: ${error.message}`)
  }
}

const EXPRESSION_MAX_CHARACTERS = 4096

const lists: Readonly<Record<string, AddressList>> = { S: 'malware', S1: 'blocked', S2: 'phishing' }

/** Reads one line of a .gdb file. Of hosts' prefixes (`P`) clamscan 1.4.6 was seen to ask nothing. Throws Refusal. */
export function parseGdb(line: string): AddressHash | 'skipped' {
  const { body, fits } = withoutLevels(line)
  const [name = '', kind, hex = ''] = fieldsOf(body, ':', 3, 3)
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined
  if (list === undefined) throw new Refusal(`"${name.slice(0, 16)}" is not a list of addresses`)
  if (kind === 'P') {
    if (!/^[0-9a-f]{8}$/i.test(hex)) throw new Refusal('a prefix has eight hexadecimal digits')
    return fits ? { kind: 'address', list, hex: '' } : 'skipped'
  }
  if (kind !== 'F' && !(kind === 'W' && name === 'S')) throw new Refusal(`"${kind}" is not a kind of hash`)
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Refusal('a SHA-256 has 64 hexadecimal digits')
  const address = {
    kind: 'address',
    list: kind === 'W' ? 'permitted' : list,
    hex: hex.toLowerCase(),
  } as const
  return fits ? address : 'skipped'
}
