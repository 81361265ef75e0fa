/**
 * Encrypted containers: a file's content in the age format (age-encryption.org/v1), so that nothing runs or matches it by chance and any
 * age tool opens it with the key. Content streams through; memory stays bounded.
 */
import { createHash, type Hash } from 'node:crypto'
import { fsyncSync, readSync, writeSync } from 'node:fs'
import { readTextIfExists, writeDurably } from '@coreward/host'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { VerbError } from '../verbs/verb-error.ts'

/** Read at a time, in bytes: age's own chunk. */
const CHUNK = 64 * 1024

export interface ContainerKey {
  readonly identity: string
  readonly recipient: string
}

/** What was written: how much content, and its SHA-256 in hex. */
export interface Content {
  readonly size: number
  readonly sha256: string
}

/** Reads the key file, or makes it on first use (0600). Throws HostError. */
export async function openContainerKey(path: string): Promise<ContainerKey> {
  let identity = (await readTextIfExists(path))?.trim()
  if (identity === undefined) {
    identity = await generateX25519Identity()
    writeDurably(path, `${identity}\n`, 0o600)
  }
  try {
    return { identity, recipient: await identityToRecipient(identity) }
  } catch (error) {
    const text = `${path} is not an age key; put the right one back, or move the whole quarantine folder away.`
    throw new VerbError('quarantine-damaged', text, error)
  }
}

/** Encrypts everything from one descriptor into another and flushes it. */
export async function encryptInto(key: ContainerKey, from: number, to: number): Promise<Content> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(key.recipient)
  const hash = createHash('sha256')
  const count = { size: 0 }
  await writeAll(await encrypter.encrypt(contentOf(from, hash, count)), to)
  fsyncSync(to)
  return { size: count.size, sha256: hash.digest('hex') }
}

/**
 * Decrypts a container; its content goes into `to` when given, and is only checked when not. Throws VerbError `quarantine-damaged`
 * for anything that is not exactly what was put in by this key.
 */
export async function decryptInto(key: ContainerKey, from: number, to?: number): Promise<Content> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(key.identity)
  const hash = createHash('sha256')
  let plain: ReadableStream<Uint8Array>
  try {
    plain = await decrypter.decrypt(contentOf(from))
  } catch (error) {
    throw damaged(error)
  }
  let size = 0
  const reader = plain.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => Promise.reject(damaged(error)))
    if (done) return { size, sha256: hash.digest('hex') }
    hash.update(value)
    size += value.length
    if (to !== undefined) writeWhole(to, value)
  }
}

function damaged(cause: unknown): VerbError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new VerbError('quarantine-damaged', `A quarantine container cannot be decrypted: ${reason}`, cause)
}

function contentOf(fd: number, hash?: Hash, count?: { size: number }): ReadableStream<Uint8Array> {
  let position = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = new Uint8Array(CHUNK)
        const length = readSync(fd, chunk, 0, CHUNK, position)
        position += length
        if (length === 0) {
          controller.close()
          return
        }
        const bytes = chunk.subarray(0, length)
        hash?.update(bytes)
        if (count !== undefined) count.size += length
        controller.enqueue(bytes)
      },
    },
    { highWaterMark: 1 },
  )
}

async function writeAll(stream: ReadableStream<Uint8Array>, fd: number): Promise<void> {
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    writeWhole(fd, value)
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
}
