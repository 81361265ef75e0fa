/**
 * Becoming a member of a fleet: a one-time token and a key made here become a certificate.
 * Flow: ask anyone for the authority → its SHA-256 must be the token's → from here on only that authority is trusted →
 * certificate request and token → Enrollment. The private key never leaves this host, the token only to that server.
 */
import { type Enrollment, endpoints, type HostFacts, parseEnrollmentToken } from '@coreward/contracts'
import { createRequest, fingerprintOf, parseCertificate } from '@coreward/trust'
import { z } from 'zod'
import type { Identity } from './identity.ts'
import { ServerClient } from './server-client.ts'
import { UplinkError } from './uplink-error.ts'

/** What `coreward enroll` leaves for the daemon. */
export const EnrollmentOrder = z.object({ serverUrl: z.url({ protocol: /^https$/ }), token: z.string() })
export type EnrollmentOrder = Readonly<z.infer<typeof EnrollmentOrder>>

/** Enrols this host. Rejects with UplinkError; nothing is stored here. */
export async function enroll(
  order: EnrollmentOrder,
  host: HostFacts,
  signal?: AbortSignal,
): Promise<Identity> {
  const token = parseEnrollmentToken(order.token)
  if (token === undefined) {
    throw new UplinkError(
      'enrollment.malformed',
      'The enrolment token is not one; copy it whole from the console (it begins with cw1.).',
    )
  }
  const options = signal === undefined ? {} : { signal }
  const authority = await fetchAuthority(order.serverUrl, token.authoritySha256, options)
  await using client = new ServerClient({ serverUrl: order.serverUrl, authority })
  const { csrPem, privateKeyPem } = await createRequest()
  const enrollment = await client.call(
    endpoints.enroll,
    { body: { token: order.token, request: csrPem, host } },
    { ...options, timeout: 30_000 },
  )
  return {
    serverUrl: order.serverUrl,
    privateKey: privateKeyPem,
    enrollment: checked({ ...enrollment, authority }),
  }
}

async function fetchAuthority(
  serverUrl: string,
  sha256: string,
  options: { signal?: AbortSignal },
): Promise<string> {
  await using stranger = new ServerClient({ serverUrl, authority: null })
  const { authority } = await stranger.call(endpoints.authority, {}, options)
  let shown: string
  try {
    shown = fingerprintOf(authority)
  } catch (cause) {
    throw new UplinkError('server.answer', `${serverUrl} shows an authority that cannot be read.`, cause)
  }
  if (shown !== sha256) {
    throw new UplinkError(
      'server.untrusted',
      `${serverUrl} is not the server the token was made by: its authority is ${shown}, the token names ${sha256}. Check the address; make a new token if the server was set up anew.`,
    )
  }
  return authority
}

/** A certificate for somebody else would make every later call fail with no clear word. */
function checked(enrollment: Enrollment): Enrollment {
  if (parseCertificate(enrollment.certificate).agentId !== enrollment.agentId) {
    throw new UplinkError(
      'server.answer',
      'The server issued a certificate for another agent; try again with a new token.',
    )
  }
  return enrollment
}
