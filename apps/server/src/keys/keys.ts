/**
 * The server's own keys: the certificate authority, the listener's certificate, the key that signs policies and assignments,
 * and the fleet's id. Made once, kept in files that only the server's user can read. The offline keys are never here.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  type CertificateWithKey,
  createAuthority,
  exportSigningKey,
  exportVerificationKey,
  fingerprintOf,
  generateSigningKey,
  importSigningKey,
  issueServerCertificate,
  type PublicJwk,
  parseCertificate,
  type SigningKey,
} from '@coreward/trust'
import { ServerError } from '../server-error.ts'
import { readIfExists, writeDurably } from './durable-file.ts'

export interface Keys {
  readonly fleetId: string
  readonly authority: CertificateWithKey
  readonly authoritySha256: string
  readonly documentKey: SigningKey
  readonly documentPublicKey: PublicJwk
}

/** Ten years: replacing the authority means enrolling every host anew. */
const authorityDays = 3650
const serverDays = 365
/** Renewed at start when less than this is left, so that a server restarted monthly never runs into the end. */
const renewWithinMilliseconds = 60 * 86_400_000

/**
 * Reads the keys below the server's folder, making on the first start those that are missing. Throws `keys-unusable` rather than
 * make new ones in the place of what cannot be read: every host would have to be enrolled anew.
 */
export async function openKeys(serverFolder: string): Promise<Keys> {
  try {
    return await readOrMake(serverFolder)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ServerError(
      'keys-unusable',
      `The server’s keys in ${serverFolder} cannot be used (${reason}). Restore its folders ca and keys from a backup.`,
      { cause },
    )
  }
}

async function readOrMake(serverFolder: string): Promise<Keys> {
  const authority = await readOrMakePair(join(serverFolder, 'ca', 'authority'), () =>
    createAuthority({ name: 'Coreward', days: authorityDays }),
  )
  const keyFile = join(serverFolder, 'keys', 'documents.pem')
  const kept = readIfExists(keyFile)
  const documentKey = kept === undefined ? await generateSigningKey() : await importSigningKey(kept)
  if (kept === undefined) writeDurably(keyFile, exportSigningKey(documentKey))
  const fleetFile = join(serverFolder, 'keys', 'fleet-id')
  const fleetId = readIfExists(fleetFile)?.trim() ?? randomUUID()
  writeDurably(fleetFile, `${fleetId}\n`)
  return {
    fleetId,
    authority,
    authoritySha256: fingerprintOf(authority.certificatePem),
    documentKey,
    documentPublicKey: exportVerificationKey(documentKey),
  }
}

/** The certificate of the agents' listener: the kept one while it has all the names and time left, else a new one. */
export async function serverCertificate(
  serverFolder: string,
  keys: Keys,
  names: readonly string[],
  now = new Date(),
): Promise<CertificateWithKey> {
  const base = join(serverFolder, 'ca', 'listener')
  const wanted = [...new Set(names)]
  const noted = readIfExists(`${base}.names`)
  const kept = readPair(base)
  const isGood =
    kept !== undefined &&
    noted === `${keys.authoritySha256}\n${wanted.join('\n')}\n` &&
    parseCertificate(kept.certificatePem).notAfter.getTime() - now.getTime() > renewWithinMilliseconds
  if (isGood) return kept
  const made = await issueServerCertificate(keys.authority, { names: wanted, days: serverDays, now })
  writePair(base, made)
  writeDurably(`${base}.names`, `${keys.authoritySha256}\n${wanted.join('\n')}\n`)
  return made
}

async function readOrMakePair(
  base: string,
  make: () => Promise<CertificateWithKey>,
): Promise<CertificateWithKey> {
  const kept = readPair(base)
  if (kept !== undefined) return kept
  const made = await make()
  writePair(base, made)
  return made
}

function readPair(base: string): CertificateWithKey | undefined {
  const certificatePem = readIfExists(`${base}.crt`)
  const privateKeyPem = readIfExists(`${base}.key`)
  if (certificatePem === undefined) return undefined
  // The key was written first, so it has been lost.
  if (privateKeyPem === undefined) throw new Error(`${base}.key is missing`)
  return { certificatePem, privateKeyPem }
}

function writePair(base: string, pair: CertificateWithKey): void {
  // The certificate last: a pair counts only when both are there.
  writeDurably(`${base}.key`, pair.privateKeyPem)
  writeDurably(`${base}.crt`, pair.certificatePem)
}
