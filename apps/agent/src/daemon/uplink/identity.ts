/**
 * Who this agent is to its server: address, certificate, private key, and what it trusts, all in one file, so that a key and
 * its certificate are never of two minds. The file is readable by the daemon's user only.
 */
import { join } from 'node:path'
import { Enrollment, Pem } from '@coreward/contracts'
import { readTextIfExists, writeDurably } from '@coreward/host'
import { parseCertificate } from '@coreward/trust'
import { z } from 'zod'

export const Identity = z.object({ serverUrl: z.url(), privateKey: Pem, enrollment: Enrollment })
export type Identity = Readonly<z.infer<typeof Identity>>

/** The stored identity, or undefined when this agent was never enrolled. Throws HostError, or ZodError when damaged. */
export async function readIdentity(folder: string): Promise<Identity | undefined> {
  const text = await readTextIfExists(join(folder, 'identity.json'))
  return text === undefined ? undefined : Identity.parse(JSON.parse(text))
}

/** Stores the identity in place of any former one. Throws HostError. */
export function writeIdentity(folder: string, identity: Identity): void {
  writeDurably(join(folder, 'identity.json'), `${JSON.stringify(identity)}\n`, 0o600)
}

/** Whether the identity's certificate is past its end, so that only a new enrolment helps. */
export function hasExpired({ enrollment }: Identity, now = new Date()): boolean {
  return parseCertificate(enrollment.certificate).notAfter <= now
}
