/**
 * The key of an encrypted PDF that opens without a password: the standard security handler with the empty password (ISO 32000-2,
 * clause 7.6.4). Only keys are computed here; nothing is deciphered but what a key is wrapped in.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { rc4 } from './rc4.ts'

/** What a PDF says of its encryption (table 21), as far as the key depends on it. */
export interface KeyFacts {
  readonly revision: number
  /** Of the key, in bytes; 5 to 16 below revision 5. */
  readonly keyBytes: number
  readonly owner: Uint8Array
  readonly user: Uint8Array
  /** Revisions 5 and 6. */
  readonly ownerKey: Uint8Array
  readonly userKey: Uint8Array
  readonly permissions: number
  readonly encryptsMetadata: boolean
  /** The first of the trailer's /ID. */
  readonly documentId: Uint8Array
}

/** Algorithm 2, step a: what a password is filled up with, and so the empty one. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')
const NONE = Buffer.alloc(0)

/** The key, if the empty password is the user's, or in revisions 5 and 6 the owner's. Older ones have no empty password of an owner. */
export function fileKey(facts: KeyFacts): Buffer | undefined {
  if (facts.revision >= 5) return newKey(facts)
  return oldKey(facts)
}

/** Algorithms 2 and 6. */
function oldKey(facts: KeyFacts): Buffer | undefined {
  const { revision, keyBytes, owner, user, documentId } = facts
  const permissions = Buffer.alloc(4)
  permissions.writeInt32LE(facts.permissions | 0)
  const metadata = revision >= 4 && !facts.encryptsMetadata ? Buffer.alloc(4, 0xff) : NONE
  let key = md5(PADDING, owner.subarray(0, 32), permissions, documentId, metadata)
  if (revision >= 3) for (let round = 0; round < 50; round += 1) key = md5(key.subarray(0, keyBytes))
  key = key.subarray(0, keyBytes)
  // Algorithms 4 and 5.
  if (revision < 3) return PADDING.equals(rc4(key, user.subarray(0, 32))) ? key : undefined
  let sealed: Uint8Array = md5(PADDING, documentId)
  for (let round = 0; round < 20; round += 1)
    sealed = rc4(
      key.map((byte) => byte ^ round),
      sealed,
    )
  return Buffer.from(sealed).equals(user.subarray(0, 16)) ? key : undefined
}

/** Algorithm 2.A: a hash of 32 bytes, then a salt to tell the password by and one for the key. */
function newKey({ revision, owner, user, ownerKey, userKey }: KeyFacts): Buffer | undefined {
  const hash = revision === 5 ? sha256 : hardHash
  if (user.length < 48 || owner.length < 48) return undefined
  const userHash = user.subarray(0, 48)
  if (hash(user.subarray(32, 40), NONE).equals(user.subarray(0, 32)))
    return unwrapped(hash(user.subarray(40, 48), NONE), userKey)
  if (hash(owner.subarray(32, 40), userHash).equals(owner.subarray(0, 32)))
    return unwrapped(hash(owner.subarray(40, 48), userHash), ownerKey)
  return undefined
}

function unwrapped(key: Buffer, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length < 32) return undefined
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false)
  return Buffer.concat([decipher.update(wrapped.subarray(0, 32)), decipher.final()])
}

/** Algorithm 2.B for the empty password. Ends after some 64 rounds; a round more ends it with a chance of more than one in nine. */
function hardHash(salt: Uint8Array, userHash: Uint8Array): Buffer {
  let key = sha256(salt, userHash)
  for (let round = 1; ; round += 1) {
    const data = Buffer.concat([key, userHash])
    const repeated = Buffer.concat(Array.from({ length: 64 }, () => data))
    const cipher = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32)).setAutoPadding(
      false,
    )
    const sealed = Buffer.concat([cipher.update(repeated), cipher.final()])
    // The first 16 bytes as a number modulo 3, which is that of their sum.
    const sum = sealed.subarray(0, 16).reduce((total, byte) => total + byte, 0)
    key = createHash(['sha256', 'sha384', 'sha512'][sum % 3] ?? 'sha256')
      .update(sealed)
      .digest()
    if (round >= 64 && (sealed.at(-1) ?? 0) <= round - 32) return key.subarray(0, 32)
  }
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function md5(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
