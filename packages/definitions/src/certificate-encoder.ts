/** Trusted and blocked certificates → the sections certificates and certificateKeys. */
import { certificateFlags } from './certificate-layout.ts'
import type { CertificateSignature } from './parse/crb.ts'
import { Refusal } from './parse/pattern.ts'
import { createBytePool, createWordBuffer } from './record-buffer.ts'

export interface CertificateEncoder {
  /** Throws Refusal when there is no room for one more. */
  refuseMore(): void
  add(parsed: CertificateSignature, signature: number): void
  sections(): Record<'certificates' | 'certificateKeys', Uint8Array>
}

/** Many times as many as ClamAV's sets hold. */
const CERTIFICATES_MAX = 200_000

export function createCertificateEncoder(): CertificateEncoder {
  const found: { readonly parsed: CertificateSignature; readonly signature: number }[] = []
  return {
    refuseMore() {
      if (found.length >= CERTIFICATES_MAX)
        throw new Refusal(`there are ${CERTIFICATES_MAX} of this format already`)
    },
    add(parsed, signature) {
      found.push({ parsed, signature })
    },
    sections() {
      const records = createWordBuffer()
      const keys = createBytePool()
      // Those of one subject stay in the order in which they were given.
      found.sort((a, b) =>
        a.parsed.subject < b.parsed.subject ? -1 : a.parsed.subject > b.parsed.subject ? 1 : 0,
      )
      for (const { parsed, signature } of found) {
        const modulus = Buffer.from(parsed.modulus, 'hex')
        records.push(signature, flagsOf(parsed), parsed.notBefore, keys.place(modulus), modulus.length)
        records.push(...wordsOf(parsed.subject), ...wordsOf(parsed.serial ?? '0'.repeat(40)))
      }
      return { certificates: records.bytes(), certificateKeys: keys.bytes() }
    },
  }
}

function flagsOf({ isTrusted, mayCode, mayTime, maySign, serial }: CertificateSignature): number {
  const { trusted, hasSerial, ...may } = certificateFlags
  return (
    (isTrusted ? trusted : 0) |
    (mayCode ? may.mayCode : 0) |
    (mayTime ? may.mayTime : 0) |
    (maySign ? may.maySign : 0) |
    (serial === undefined ? 0 : hasSerial)
  )
}

/** A hash as the words that, written in little-endian order, are its bytes. */
function wordsOf(hex: string): number[] {
  const bytes = Buffer.from(hex, 'hex')
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index))
}
