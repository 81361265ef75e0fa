/**
 * The keys of the repository's roles: one PEM file each, 0600 in a 0700 folder, and their form in TUF metadata.
 * Root and targets lie in a folder of their own, which may be taken off the machine; nothing here reads it unasked.
 */
import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  publicKeyHex,
  type SigningKey,
  signBytes,
} from '@coreward/trust'
import { Signature } from '@tufjs/models'
import { makeFolder, writeDurably } from './durable-file.ts'
import { UpdateError } from './update-error.ts'

/** A role's key, with its TUF name and its TUF description (specification §4.2, `KEY`). */
export interface RoleKey {
  readonly keyId: string
  readonly description: {
    readonly keytype: 'ed25519'
    readonly keyval: { readonly public: string }
    readonly scheme: 'ed25519'
  }
  readonly sign: (data: Uint8Array) => Signature
}

/** Reads the key of `role`. Throws `not-found` or `malformed`. */
export async function openRoleKey(folder: string, role: string): Promise<RoleKey> {
  const path = keyPath(folder, role)
  let pem: string
  try {
    pem = await readFile(path, 'utf8')
  } catch (cause) {
    throw new UpdateError('not-found', `The ${role} key ${path} cannot be read; restore it from backup.`, {
      cause,
    })
  }
  try {
    return describe(await importSigningKey(pem))
  } catch (cause) {
    throw new UpdateError('malformed', `The ${role} key ${path} is damaged; restore it from backup.`, {
      cause,
    })
  }
}

/** Reads the key of `role`, or makes it. An existing key is never replaced: clients may trust it already. */
export async function openOrCreateRoleKey(folder: string, role: string): Promise<RoleKey> {
  await makeFolder(folder, 0o700)
  const path = keyPath(folder, role)
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (!exists) await writeDurably(path, Buffer.from(exportSigningKey(await generateSigningKey())), 0o600)
  return openRoleKey(folder, role)
}

function describe(key: SigningKey): RoleKey {
  // The members in this order and without spaces are the canonical JSON that the key's name is the SHA-256 of.
  const description = {
    keytype: 'ed25519',
    keyval: { public: publicKeyHex(key) },
    scheme: 'ed25519',
  } as const
  const keyId = createHash('sha256').update(JSON.stringify(description)).digest('hex')
  const sign = (data: Uint8Array) =>
    new Signature({ keyID: keyId, sig: signBytes(key, data).toString('hex') })
  return { keyId, description, sign }
}

function keyPath(folder: string, role: string): string {
  return join(folder, `${role}.pem`)
}
