/**
 * A number in some bytes of a content, compared: as clamscan 1.4.6 does it. A text that holds no number is 0, unless it must
 * be one to its end; what does not fit 64 bits is no number.
 */
import type { NumberKind, Relation } from '@coreward/definitions'

/** How a number is written in bytes. */
export interface NumberFormat {
  readonly kind: NumberKind
  readonly little: boolean
  readonly exact: boolean
}

const HEX = /^[+-]?(?:0x(?=[0-9a-f]))?[0-9a-f]*/i
const DECIMAL = /^[+-]?\d*/
const SPACE = /^[ \t-\r]*/
const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n]
/** Below this length `0x` cannot be told from a number; ClamAV then finds nothing. */
const AUTO_MIN_BYTES = 3

/** The number in these bytes; undefined where there is none. */
export function numberIn(bytes: Uint8Array, { kind, little, exact }: NumberFormat): bigint | undefined {
  if (kind === 'raw') return rawNumber(bytes, little)
  const text = Buffer.from(bytes).toString('latin1')
  if (kind === 'auto' && text.replace(SPACE, '').length < AUTO_MIN_BYTES) return undefined
  const isHex = kind === 'hex' || (kind === 'auto' && /^[ \t-\r]*0x/i.test(text))
  if (isHex) return little ? pairsNumber(text, exact) : textNumber(text, exact, HEX)
  return little ? undefined : textNumber(text, exact, DECIMAL)
}

export function compares(value: bigint, relation: Relation, bound: bigint): boolean {
  if (relation === 'equal') return value === bound
  return relation === 'more' ? value > bound : value < bound
}

function rawNumber(bytes: Uint8Array, little: boolean): bigint {
  let value = 0n
  for (const byte of little ? bytes.toReversed() : bytes) value = (value << 8n) | BigInt(byte)
  return bytes.length === 8 ? BigInt.asIntN(64, value) : value
}

function textNumber(text: string, exact: boolean, form: RegExp, length = text.length): bigint | undefined {
  const rest = text.replace(SPACE, '')
  const [number = ''] = form.exec(rest) ?? []
  const digits = number.replace(/^[+-]/, '')
  if (exact && (digits === '' || number.length !== length)) return undefined
  const isHex = form === HEX
  const value = digits === '' ? 0n : BigInt(isHex && !/^0x/i.test(digits) ? `0x${digits}` : digits)
  const signed = number.startsWith('-') ? -value : value
  return signed < LOWEST || signed > HIGHEST ? undefined : signed
}

/**
 * Pairs of digits from the last to the first, as clamscan was seen to do it: zeros stand for all from the first pair on that is none, an
 * `x` passes for a digit and then ends the number, and an exact number of odd length, which is filled up by a zero, is none.
 */
function pairsNumber(text: string, exact: boolean): bigint | undefined {
  const plain = text.replace(SPACE, '').replace(/^0x/i, '')
  if (exact && plain.length < text.length) return undefined
  const whole = plain.length % 2 === 0 || plain.length === 1 ? plain : `0${plain}`
  const [digits = ''] = (plain.length === 1 ? /^[0-9a-fx]?/i : /^(?:[0-9a-fx]{2})*/i).exec(whole) ?? []
  const pairs = digits.padEnd(whole.length & ~1, '0').match(/..?/g) ?? []
  return textNumber(pairs.toReversed().join(''), exact, HEX, text.length)
}
