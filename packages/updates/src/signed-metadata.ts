/**
 * One TUF metadata file: making it from plain data, signing it, and reading it back (specification §4).
 * The models library is the judge of what is valid; nothing here verifies a signature.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Metadata, type MetadataKind, Snapshot, Targets, Timestamp } from '@tufjs/models'
import { lifetimes } from './layout.ts'
import type { RoleKey } from './role-key.ts'
import { UpdateError } from './update-error.ts'

type Json = Parameters<typeof Metadata.fromJSON>[1]

const specVersion = '1.0.31' // what @tufjs/models implements

/** A new, signed metadata file of `role`, as the bytes to write. `body` is what is the role's own. */
export function signMetadata(
  role: keyof typeof lifetimes,
  options: { readonly version: number; readonly now: Date; readonly key: RoleKey; readonly body: Json },
): Buffer {
  const kind = role === 'definitions' ? 'targets' : role
  const expires = new Date(options.now.getTime() + lifetimes[role])
  const signed: Json = {
    _type: kind,
    spec_version: specVersion,
    version: options.version,
    expires: `${expires.toISOString().slice(0, 19)}Z`,
    ...options.body,
  }
  const metadata = parse(kind, { signed, signatures: [] })
  metadata.sign((data) => options.key.sign(data))
  return Buffer.from(JSON.stringify(metadata.toJSON(), undefined, 1))
}

/** How another metadata file names this one (specification §4.4, `METAFILES`): version, length and hash, all three. */
export function metaFile(version: number, bytes: Uint8Array): Json {
  return {
    version,
    length: bytes.length,
    hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
  }
}

/** Reads a metadata file of the publisher's own. Throws `not-found` or `malformed`. */
export async function readTimestamp(path: string): Promise<Timestamp> {
  return expect(Timestamp, path, 'timestamp')
}

/** See `readTimestamp`. */
export async function readSnapshot(path: string): Promise<Snapshot> {
  return expect(Snapshot, path, 'snapshot')
}

/** See `readTimestamp`. */
export async function readTargets(path: string): Promise<Targets> {
  return expect(Targets, path, 'targets')
}

async function expect<T>(type: new (...args: never[]) => T, path: string, kind: string): Promise<T> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new UpdateError('not-found', `${path} cannot be read; make the repository first, or restore it.`, {
      cause,
    })
  }
  try {
    const { signed } = parse(kind, JSON.parse(bytes.toString('utf8')))
    if (signed instanceof type) return signed
  } catch (cause) {
    throw new UpdateError('malformed', `${path} is damaged; restore the repository from backup.`, { cause })
  }
  throw new UpdateError('malformed', `${path} is not ${kind} metadata; restore the repository from backup.`)
}

function parse(kind: string, json: Json) {
  // The overloads want one literal each; which it is was decided by the caller.
  return Metadata.fromJSON(kind as MetadataKind.Targets, json) as Metadata<Targets>
}
