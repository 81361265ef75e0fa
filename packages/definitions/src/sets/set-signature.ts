/**
 * ClamAV's two signatures of a set. The header's is RSA without padding over the body's MD5: what comes out is the MD5 behind
 * zeros. That of the .info file, which lists the SHA-256 of each file, is RSASSA-PSS (RFC 8017) with SHA-256 and a salt of 32 bytes.
 * Both are written in digits of six bits, the lowest first.
 */
import { constants, createPublicKey, type KeyObject, publicDecrypt, verify } from 'node:crypto'

/** Whose signatures count. */
export interface SetKeys {
  readonly header: KeyObject
  readonly info: KeyObject
}

const digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'

/** Those of 2,048 bits; a longer text is no signature. */
const LONGEST_SIGNATURE = 342

const SALT_BYTES = 32
const MD5_BYTES = 16

/** The keys that ClamAV has published for its official sets: modulus and exponent. */
export const officialKeys: SetKeys = {
  header: publicKey(
    118640995551645342603070001658453189751527774412027743746599405743243142607464144767361060640655844749760788890022283424922762488917565551002467771109669598189410434699034532232228621591089508178591428456220796841621637175567590476666928698770143328137383952820383197532047771780196576957695822641224262693037n,
    100001027n,
  ),
  info: publicKey(
    11088894983048545473659556106627194923928941791795047620591658697413581043322715912172496806525381055880964520618400224333320534660299233983755341740679502866829909679955734391392668378361221524205396631090105151641270857277080310734320951653700508941717419168723942507890702904702707587451621691050754307850383399865346487203798464178537392211402786481359824461197231102895415093770394216666324484593935762408468516826633192140826667923494822045805347809932848454845886971706424360558667862775876072059437703365380209101697738577515476935085469455279994113145977994084618328482151013142393373316337519977244732747977n,
    100002049n,
  ),
}

/** Whether `signature` is one over this MD5 (lower-case hexadecimal). */
export function signsMd5(signature: string, md5: string, key: KeyObject): boolean {
  const bytes = bytesOf(signature, key)
  if (bytes === undefined) return false
  let plain: Buffer
  try {
    plain = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes)
  } catch {
    // Not below the modulus.
    return false
  }
  return plain.toString('hex') === md5.padStart(2 * plain.length, '0') && md5.length === 2 * MD5_BYTES
}

/** Whether `signature` is one over the first lines of an .info file. */
export function signsInfo(signature: string, lines: Uint8Array, key: KeyObject): boolean {
  const bytes = bytesOf(signature, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return bytes !== undefined && verify('sha256', lines, { key, padding, saltLength: SALT_BYTES }, bytes)
}

/** As a key takes it: big-endian, as long as its modulus. Undefined when it is no number of that length. */
function bytesOf(signature: string, key: KeyObject): Buffer | undefined {
  if (signature.length > LONGEST_SIGNATURE) return undefined
  const values = [...signature].reverse().map((digit) => digits.indexOf(digit))
  if (values.includes(-1)) return undefined
  const number = values.reduce((sum, value) => (sum << 6n) | BigInt(value), 0n)
  const length = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const hex = number.toString(16).padStart(2 * length, '0')
  return hex.length > 2 * length ? undefined : Buffer.from(hex, 'hex')
}

function publicKey(modulus: bigint, exponent: bigint): KeyObject {
  return createPublicKey({
    key: { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) },
    format: 'jwk',
  })
}

function base64url(number: bigint): string {
  const hex = number.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}
