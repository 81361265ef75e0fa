/**
 * The first 512 bytes of a signature set, and the first line of its .info file (ClamAV manual, "CVD file"):
 * `ClamAV-VDB:built:version:signatures:level:md5:signature:builder[:seconds]`, padded with spaces.
 */
import { Refusal } from '../parse/pattern.ts'

/** Bytes before the body. */
export const SET_HEADER_BYTES = 512

/** What a set says of itself. Nothing of it is true before its signature was seen to be right. */
export interface SetHeader {
  readonly version: number
  readonly signatureCount: number
  readonly functionalityLevel: number
  /** Of the body, in lower-case hexadecimal; undefined where the set states none. */
  readonly md5: string | undefined
  /** In ClamAV's own digits; undefined where there is none. */
  readonly signature: string | undefined
  readonly builder: string
  /** RFC 3339 in UTC; undefined where the set does not tell the second. */
  readonly builtAt: string | undefined
}

/** Until the year 9999, so that dates keep four digits. */
const SECONDS_MAX = 253_402_300_799

/** Reads the header's text, with its padding. Throws Refusal. */
export function parseSetHeader(text: string): SetHeader {
  const trimmed = text.replace(/[\s\0]+$/, '')
  if (!trimmed.startsWith('ClamAV-VDB:')) throw new Refusal('it does not begin as a signature set does')
  const [, , version, count, level, md5 = '', signature = '', builder = '', seconds, ...more] =
    trimmed.split(':')
  if (more.length > 0 || builder === '') throw new Refusal('its header has fewer or more fields than belong')
  return {
    version: numberOf('version', version),
    signatureCount: numberOf('number of signatures', count),
    functionalityLevel: numberOf('functionality level', level),
    md5: md5Of(md5),
    signature: isAbsent(signature) ? undefined : signature,
    builder,
    builtAt: timeOf(seconds),
  }
}

function numberOf(what: string, text = ''): number {
  if (!/^\d{1,10}$/.test(text)) throw new Refusal(`its header has no ${what}`)
  return Number(text)
}

function md5Of(text: string): string | undefined {
  if (isAbsent(text)) return undefined
  if (!/^[0-9a-f]{32}$/i.test(text)) throw new Refusal('its header has no MD5')
  return text.toLowerCase()
}

/** What sigtool writes for what is not there. */
function isAbsent(text: string): boolean {
  return text === 'X' || text === '*' || text === ''
}

function timeOf(seconds = ''): string | undefined {
  if (!/^\d{1,12}$/.test(seconds) || Number(seconds) > SECONDS_MAX) return undefined
  return new Date(Number(seconds) * 1000).toISOString()
}
