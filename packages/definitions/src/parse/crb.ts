/**
 * `.crb`: `Name;Trusted;Subject;Serial;Pubkey;Exponent;CodeSign;TimeSign;CertSign;NotBefore;Comment[;minFL[;maxFL]]` (ClamAV manual,
 * "Trusted and Revoked Certificates"). Subject and Serial are the SHA-1 of what stands in the certificate, without tag and length; an empty Serial is any.
 */
import { CERTIFICATE_KEY_MAX_BYTES } from '../certificate-layout.ts'
import { fieldsOf, levelFits, signatureName } from './line.ts'
import { Refusal } from './pattern.ts'

export interface CertificateSignature {
  readonly kind: 'certificate'
  readonly name: string
  /** Whether what it signed is trusted; else it is detected. */
  readonly isTrusted: boolean
  /** SHA-1 of its subject, hexadecimal in lower case. */
  readonly subject: string
  /** SHA-1 of its serial number; undefined for any. */
  readonly serial: string | undefined
  /** Its RSA key's modulus, hexadecimal in lower case, whole bytes, without leading zeros. */
  readonly modulus: string
  readonly mayCode: boolean
  readonly mayTime: boolean
  readonly maySign: boolean
  /** Seconds since 1970; 0 for any time. */
  readonly notBefore: number
}

/** Trust in a key that can be broken is trust in everybody. Those of 1,024 bits stand in ClamAV's own set. */
const TRUSTED_KEY_MIN_BITS = 1024

/** Reads one line. Throws Refusal. */
export function parseCrb(line: string): CertificateSignature | 'skipped' {
  const [name, trusted, subject, serial, key, exponent, code, time, sign, notBefore, , least, most] =
    fieldsOf(line, ';', 11, 13)
  const parsed = {
    kind: 'certificate' as const,
    name: signatureName(name),
    isTrusted: bit('Trusted', trusted),
    subject: sha1('Subject', subject),
    serial: serial === '' ? undefined : sha1('Serial', serial),
    modulus: modulusOf(key),
    mayCode: bit('CodeSign', code),
    mayTime: bit('TimeSign', time),
    maySign: bit('CertSign', sign),
    notBefore: secondsOf(notBefore),
  }
  if (!/^[0-9a-f]{0,16}$/i.test(exponent ?? '')) throw new Refusal(`Exponent "${exponent}" is no number`)
  const { isTrusted, modulus } = parsed
  if (isTrusted && BigInt(`0x${modulus}`) >> BigInt(TRUSTED_KEY_MIN_BITS - 1) === 0n)
    throw new Refusal(`a key of fewer than ${TRUSTED_KEY_MIN_BITS} bits is not trusted`)
  return levelFits(least, most) ? parsed : 'skipped'
}

function bit(what: string, text: string | undefined): boolean {
  if (text !== '0' && text !== '1') throw new Refusal(`${what} is "${text}" and neither 0 nor 1`)
  return text === '1'
}

function sha1(what: string, text = ''): string {
  if (!/^[0-9a-f]{40}$/i.test(text)) throw new Refusal(`${what} "${text}" is not a SHA-1 in hexadecimal`)
  return text.toLowerCase()
}

function modulusOf(text = ''): string {
  if (!/^[0-9a-f]+$/i.test(text)) throw new Refusal('Pubkey is not a number in hexadecimal')
  const digits = text.toLowerCase().replace(/^0+/, '')
  if (digits === '') throw new Refusal('Pubkey is zero')
  if (digits.length > 2 * CERTIFICATE_KEY_MAX_BYTES)
    throw new Refusal(`Pubkey is longer than ${CERTIFICATE_KEY_MAX_BYTES} bytes`)
  return digits.padStart(digits.length + (digits.length % 2), '0')
}

function secondsOf(text = ''): number {
  if (text === '') return 0
  const seconds = Number(text)
  if (!/^\d{1,10}$/.test(text) || seconds > 0xffffffff)
    throw new Refusal(`NotBefore "${text}" is not a number of seconds`)
  return seconds
}
