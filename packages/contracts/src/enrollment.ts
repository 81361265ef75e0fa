/**
 * Enrolment: a one-time, expiring token becomes a client certificate. The agent makes its own key; the first contact pins
 * the server's authority by the fingerprint that travels inside the token's text.
 */
import { z } from 'zod'
import { HostFacts } from './agents.ts'
import { endpoint } from './endpoint.ts'
import { Id, Sha256, Timestamp } from './primitive.ts'

/** A certificate or request in PEM (RFC 7468). */
export const Pem = z.string().startsWith('-----BEGIN ').max(16_384)

/** A public key as JWK (RFC 8037), with its RFC 7638 thumbprint as `kid`. */
export const PublicKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().max(100),
  kid: z.string().max(100),
})
export type PublicKey = z.infer<typeof PublicKey>

/** What an administrator hands to a host: `cw1.SECRET.FINGERPRINT`, the fingerprint being the authority's SHA-256. */
export const EnrollmentTokenText = z.string().regex(/^cw1\.[\w-]{20,100}\.[0-9a-f]{64}$/)

/** Takes a token's text apart; undefined when it is not one. */
export function parseEnrollmentToken(text: string): { secret: string; authoritySha256: string } | undefined {
  const [, secret, authoritySha256] = EnrollmentTokenText.safeParse(text).success ? text.split('.') : []
  return secret === undefined || authoritySha256 === undefined ? undefined : { secret, authoritySha256 }
}

/** Puts a token's text together. */
export function formatEnrollmentToken(secret: string, authoritySha256: string): string {
  return `cw1.${secret}.${authoritySha256}`
}

/** What an enrolled agent keeps: who it is, whom it trusts. */
export const Enrollment = z.object({
  agentId: Id,
  fleetId: Id,
  certificate: Pem,
  authority: Pem,
  /** Keys that sign policies and assignments. */
  documentKeys: z.array(PublicKey).min(1).max(10),
  /** The first TUF root, base64. */
  updatesRoot: z.string().max(100_000),
})
export type Enrollment = z.infer<typeof Enrollment>

/** An enrolment token as the console lists it; its secret is shown once, when it is made. */
export const EnrollmentToken = z
  .object({
    id: Id,
    name: z.string(),
    createdAt: Timestamp,
    createdBy: z.string(),
    expiresAt: Timestamp,
    usedAt: Timestamp.nullable(),
    usedBy: Id.nullable(),
    state: z.enum(['usable', 'used', 'expired', 'withdrawn']),
  })
  .meta({ id: 'EnrollmentToken' })
export type EnrollmentToken = z.infer<typeof EnrollmentToken>

export const enrollmentEndpoints = {
  authority: endpoint({
    method: 'GET',
    path: '/agent/v1/authority',
    tag: 'enrollment',
    summary:
      'The server’s own certificate authority; to be trusted only when its SHA-256 is the one in the token',
    credential: 'none',
    response: z.object({ authority: Pem }),
    problems: [],
  }),
  enroll: endpoint({
    method: 'POST',
    path: '/agent/v1/enroll',
    tag: 'enrollment',
    summary: 'Exchange a one-time token and a certificate request for a client certificate',
    credential: 'enrollment-token',
    body: z.object({ token: EnrollmentTokenText, request: Pem, host: HostFacts }),
    response: Enrollment,
    problems: [
      'enrollment.token-unknown',
      'enrollment.token-used',
      'enrollment.token-expired',
      'enrollment.request-invalid',
    ],
  }),
  renewCertificate: endpoint({
    method: 'POST',
    path: '/agent/v1/certificate',
    tag: 'enrollment',
    summary: 'A new client certificate for a new key of the same agent',
    credential: 'agent',
    body: z.object({ request: Pem }),
    response: z.object({ certificate: Pem }),
    problems: ['enrollment.request-invalid'],
  }),
  listEnrollmentTokens: endpoint({
    method: 'GET',
    path: '/api/v1/enrollment-tokens',
    tag: 'enrollment',
    summary: 'Enrolment tokens, newest first, without their secrets',
    credential: 'operator',
    response: z.object({ items: z.array(EnrollmentToken) }),
    problems: [],
  }),
  createEnrollmentToken: endpoint({
    method: 'POST',
    path: '/api/v1/enrollment-tokens',
    tag: 'enrollment',
    summary: 'Make a one-time token; its text is in this answer and never again',
    credential: 'operator',
    body: z.object({
      name: z.string().min(1).max(200),
      expiresInMinutes: z
        .int()
        .min(1)
        .max(30 * 24 * 60)
        .default(60),
    }),
    response: z.object({
      token: EnrollmentToken,
      text: EnrollmentTokenText,
      /** The address and port agents reach this server at, as it knows itself. */
      serverUrl: z.string(),
      authoritySha256: Sha256,
    }),
    problems: [],
  }),
  withdrawEnrollmentToken: endpoint({
    method: 'DELETE',
    path: '/api/v1/enrollment-tokens/:tokenId',
    tag: 'enrollment',
    summary: 'Make a token unusable',
    credential: 'operator',
    params: z.object({ tokenId: Id }),
    problems: ['enrollment.token-unknown'],
  }),
}
