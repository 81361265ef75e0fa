/** The trusted and blocked certificates of a set, found by their subject. Keys are read when one is to be used. */
import {
  CERTIFICATE_HASH_BYTES,
  CERTIFICATE_KEY_MAX_BYTES,
  certificate,
  certificateFlags,
} from './certificate-layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface CertificateRecord {
  /** The signature's id. */
  readonly signature: number
  readonly isTrusted: boolean
  readonly mayCode: boolean
  readonly mayTime: boolean
  readonly maySign: boolean
  /** Seconds since 1970; 0 for any time. */
  readonly notBefore: number
  /** SHA-1 of its serial number's content; undefined for any. */
  readonly serial: Buffer | undefined
  /** Reads its RSA key's modulus: big-endian, without leading zeros. Throws as Definitions.signature does. */
  modulus(): Buffer
}

export interface CertificateTable {
  readonly length: number
  /** Those of a subject, by the SHA-1 of its content, in the order of the texts. */
  find(subject: Uint8Array): readonly CertificateRecord[]
}

const RECORD_BYTES = certificate.words * 4
const SUBJECT_AT = certificate.subject * 4
const SERIAL_AT = certificate.serial * 4

/** Checks the records. Throws DefinitionsError `malformed`. */
export function certificateTable(views: SectionViews): CertificateTable {
  const section = views.bytes('certificates')
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.length)
  const length = views.counts.certificates
  const word = (index: number, field: number) => bytes.readUInt32LE(index * RECORD_BYTES + field * 4)
  const subject = (index: number) => hashAt(bytes, index * RECORD_BYTES + SUBJECT_AT)
  const serial = (index: number) => hashAt(bytes, index * RECORD_BYTES + SERIAL_AT)
  const allFlags = Object.values(certificateFlags).reduce((sum, flag) => sum | flag, 0)
  for (let index = 0; index < length; index += 1) {
    const [offset, bytesOfKey] = [word(index, certificate.keyOffset), word(index, certificate.keyLength)]
    const flags = word(index, certificate.flags)
    if (
      word(index, certificate.signature) >= views.counts.signatures ||
      flags > allFlags ||
      bytesOfKey === 0 ||
      bytesOfKey > CERTIFICATE_KEY_MAX_BYTES ||
      offset + bytesOfKey > views.counts.certificateKeys ||
      ((flags & certificateFlags.hasSerial) === 0 && serial(index).some((byte) => byte !== 0)) ||
      (index > 0 && subject(index - 1).compare(subject(index)) > 0)
    ) {
      throw malformed(`certificate ${index} holds an impossible value`)
    }
  }

  function recordAt(index: number): CertificateRecord {
    const flags = word(index, certificate.flags)
    const has = (flag: keyof typeof certificateFlags) => (flags & certificateFlags[flag]) !== 0
    const [offset, bytesOfKey] = [word(index, certificate.keyOffset), word(index, certificate.keyLength)]
    return {
      signature: word(index, certificate.signature),
      isTrusted: has('trusted'),
      mayCode: has('mayCode'),
      mayTime: has('mayTime'),
      maySign: has('maySign'),
      notBefore: word(index, certificate.notBefore),
      serial: has('hasSerial') ? Buffer.from(serial(index)) : undefined,
      modulus: () => Buffer.from(views.stored('certificateKeys', offset, bytesOfKey)),
    }
  }

  return {
    length,
    find(wanted) {
      let [low, high] = [0, length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (subject(middle).compare(wanted) < 0) low = middle + 1
        else high = middle
      }
      const found: CertificateRecord[] = []
      for (; low < length && subject(low).compare(wanted) === 0; low += 1) found.push(recordAt(low))
      return found
    },
  }
}

function hashAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at, at + CERTIFICATE_HASH_BYTES)
}
