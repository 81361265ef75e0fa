/**
 * One-time tokens and the like: made at random, stored only as a hash, compared in constant time.
 * Not for passwords: a plain hash is enough here only because these secrets cannot be guessed.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

// 256 bits: beyond guessing, so an unsalted SHA-256 of it is safe to keep.
const secretBytes = 32

/** A new random secret: 43 characters of base64url, 256 bits. */
export function createSecret(): string {
  return randomBytes(secretBytes).toString('base64url')
}

/** What may be stored of a secret: its SHA-256 in lower-case hexadecimal. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

/** Whether `secret` is the one that `hash` was made of. Takes the same time whichever byte differs. */
export function secretMatches(secret: string, hash: string): boolean {
  const given = Buffer.from(hashSecret(secret), 'hex')
  const kept = Buffer.from(hash, 'hex')
  return given.length === kept.length && timingSafeEqual(given, kept)
}
