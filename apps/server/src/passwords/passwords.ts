/**
 * Passwords: argon2id (RFC 9106) hashes in the PHC string form, and nothing else. Whoever asks for an unknown user waits as
 * long as for a known one, because a hash is always computed.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// RFC 9106 section 4, the second recommended option (64 MiB, three passes), with one lane: the pool has few threads.
const cost = { memory: 65_536, passes: 3, parallelism: 1 }
const saltBytes = 16
const tagBytes = 32

/** Hashes a password for storing. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const tag = await compute(password, salt, cost)
  const { memory, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
}

/** Whether the password is the one the hash was made of. Without a hash it takes as long, and is false. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? '')
  if (parts === null) {
    await compute(password, randomBytes(saltBytes), cost)
    return false
  }
  const [, memory, passes, parallelism, salt = '', tag = ''] = parts
  const expected = Buffer.from(tag, 'base64')
  const found = await compute(
    password,
    Buffer.from(salt, 'base64'),
    { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    expected.length,
  )
  return timingSafeEqual(found, expected)
}

function compute(password: string, salt: Buffer, with_: typeof cost, tagLength = tagBytes): Promise<Buffer> {
  // NFC, so that a password typed on another keyboard is the same bytes (RFC 8265 section 4.2.2).
  return derive('argon2id', { message: password.normalize('NFC'), nonce: salt, tagLength, ...with_ })
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
