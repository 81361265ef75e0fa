/**
 * One line of a hash format: `hash:size:Name[:minFL[:maxFL]]` (ClamAV manual, "File hash signatures"). What hashes a
 * format may hold, and whether they detect or allow, its own file says.
 */
import { type HashAlgorithm, hashAlgorithms, hashBytes } from '../layout.ts'
import { fieldsOf, levelFits, signatureName } from './line.ts'
import { Refusal } from './pattern.ts'

export interface HashSignature {
  readonly kind: 'hash' | 'allow'
  readonly name: string
  readonly algorithm: HashAlgorithm
  readonly hash: Uint8Array
  /** In bytes; undefined for any size. */
  readonly size: number | undefined
}

/** ClamAV takes sizes below 2³² − 1 only. */
const SIZE_MAX = 0xfffffffe

/** Since this level a size may be `*`; a line must ask for it. */
const ANY_SIZE_LEVEL = 73

/** Reads a line whose hash is one of `allowed`. Throws Refusal. */
export function parseHashLine(
  line: string,
  kind: HashSignature['kind'],
  allowed: readonly HashAlgorithm[],
): HashSignature | 'skipped' {
  const [hex = '', size = '', name, least, most] = fieldsOf(line, ':', 3, 5)
  const signature = { kind, name: signatureName(name), ...hashOf(hex, allowed), size: sizeOf(size) }
  if (signature.size === undefined && !(Number(least) >= ANY_SIZE_LEVEL)) {
    throw new Refusal(`a size of * without a functionality level of ${ANY_SIZE_LEVEL} or more`)
  }
  return levelFits(least, most) ? signature : 'skipped'
}

function hashOf(hex: string, allowed: readonly HashAlgorithm[]): Pick<HashSignature, 'algorithm' | 'hash'> {
  const algorithm = hashAlgorithms.find((name) => hashBytes[name] * 2 === hex.length)
  if (algorithm === undefined || !allowed.includes(algorithm)) {
    throw new Refusal(`a hash of ${hex.length} digits where ${allowed.join(' or ')} belongs`)
  }
  if (!/^[0-9a-f]+$/i.test(hex)) throw new Refusal('the hash holds other than hexadecimal digits')
  return { algorithm, hash: new Uint8Array(Buffer.from(hex, 'hex')) }
}

function sizeOf(text: string): number | undefined {
  if (text === '*') return undefined
  const size = Number(text)
  if (!/^\d{1,10}$/.test(text) || size < 1 || size > SIZE_MAX) {
    throw new Refusal(`"${text}" is not a size from 1 to ${SIZE_MAX}, nor *`)
  }
  return size
}
