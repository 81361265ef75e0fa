/** Where everything stands of trusted and blocked certificates in a definitions file: what layout.ts is for the rest. */

/** What is known of one certificate. Fields in words. */
export const certificate = {
  words: 15,
  signature: 0,
  /** The bits of `certificateFlags`. */
  flags: 1,
  /** Nothing is trusted for its sake that was signed before; seconds since 1970, 0 for any time. */
  notBefore: 2,
  /** The modulus of its RSA key in `certificateKeys`, big-endian, without leading zeros: offset, and bytes. */
  keyOffset: 3,
  keyLength: 4,
  /** SHA-1 of its subject's content: 20 bytes in the order in which they are written. */
  subject: 5,
  /** SHA-1 of its serial number's content, likewise; zeros where any number will do. */
  serial: 10,
} as const

export const certificateFlags = {
  /** Else what it signed is detected. */
  trusted: 1,
  mayCode: 2,
  mayTime: 4,
  maySign: 8,
  hasSerial: 16,
} as const

export const CERTIFICATE_HASH_BYTES = 20

/** RSA of 16,384 bits: what OpenSSL takes at most. */
export const CERTIFICATE_KEY_MAX_BYTES = 2048
