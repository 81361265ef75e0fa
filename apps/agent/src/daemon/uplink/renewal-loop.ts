/**
 * Renews the certificate when two thirds of its life have passed, each time for a new key, so that a stolen key is of use for
 * days only. The former certificate is used until the new one is stored.
 */
import { endpoints } from '@coreward/contracts'
import { createRequest, parseCertificate } from '@coreward/trust'
import { Bell, backOff } from './bell.ts'
import type { Identity } from './identity.ts'
import type { Session } from './session.ts'

/** A host whose clock is ahead sees each new certificate as due again: it must not ask without a pause. In milliseconds. */
const LEAST_INTERVAL = 60_000

/** When the certificate is due for renewal, in milliseconds since 1970. */
export function renewalTime(certificate: string): number {
  const { notBefore, notAfter } = parseCertificate(certificate)
  return notBefore.getTime() + ((notAfter.getTime() - notBefore.getTime()) * 2) / 3
}

/** Runs until the session ends. `store` writes the renewed identity durably before it is used. */
export async function runRenewalLoop(session: Session, store: (identity: Identity) => void): Promise<void> {
  const never = new Bell()
  let failures = 0
  while (!session.signal.aborted) {
    const due = renewalTime(session.identity.enrollment.certificate) - Date.now()
    if (due > 0) {
      // A timer counts no time that a host sleeps: look at the clock at least every quarter of an hour.
      await never.wait(Math.min(due, 15 * 60_000), session.signal)
      continue
    }
    try {
      store(await renewed(session))
      failures = 0
      await never.wait(LEAST_INTERVAL, session.signal)
    } catch (error) {
      failures += 1
      session.log.warn({ err: error }, 'certificate not renewed')
      await never.wait(backOff(failures), session.signal)
    }
  }
}

async function renewed(session: Session): Promise<Identity> {
  const { identity } = session
  const { csrPem, privateKeyPem } = await createRequest({ agentId: identity.enrollment.agentId })
  const { certificate } = await session.call(endpoints.renewCertificate, { body: { request: csrPem } })
  return { ...identity, privateKey: privateKeyPem, enrollment: { ...identity.enrollment, certificate } }
}
