/**
 * Enrolment: a one-time token and a certificate request become an agent. The token is used up in the same transaction that
 * stores the agent, so it makes exactly one. Afterwards an agent is known by its certificate alone: issued by our authority,
 * in our table, and not revoked.
 */
import { randomUUID } from 'node:crypto'
import {
  type Answer,
  type Enrollment,
  type EnrollmentToken,
  type enrollmentEndpoints,
  formatEnrollmentToken,
  type HostFacts,
  parseEnrollmentToken,
} from '@coreward/contracts'
import {
  createSecret,
  hashSecret,
  issueClientCertificate,
  parseCertificate,
  TrustError,
} from '@coreward/trust'
import type { Agents } from '../agents/agents.ts'
import type { MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import type { Connection } from '../http/connection.ts'
import type { Keys } from '../keys/keys.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface EnrollmentNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly keys: Keys
  readonly agents: Pick<Agents, 'enroll' | 'noteCertificate' | 'state'>
  /** The first TUF root, base64. */
  readonly updatesRoot: string
  /** Where agents reach this server. */
  readonly agentUrl: () => string
  readonly now?: () => Date
}

export type Enrollments = ReturnType<typeof createEnrollment>

/** A week: an agent renews at two thirds of it, and one that was off for longer is looked at by a person. */
const certificateHours = 7 * 24

/** Makes a token and stores its hash. The text is returned here and never again. */
export async function createToken(
  change: MakeChange,
  options: { name: string; minutes: number; createdBy: string; authoritySha256: string; now: Date },
): Promise<{ token: EnrollmentToken; text: string }> {
  const secret = createSecret()
  const token = {
    id: randomUUID(),
    name: options.name,
    createdAt: options.now.toISOString(),
    createdBy: options.createdBy,
    expiresAt: new Date(options.now.getTime() + options.minutes * 60_000).toISOString(),
  }
  await change(async ({ sql, tell }) => {
    await store.insertToken(sql, { ...token, secretHash: hashSecret(secret) })
    tell({ kind: 'enrollment' })
  })
  return {
    token: { ...token, usedAt: null, usedBy: null, state: 'usable' },
    text: formatEnrollmentToken(secret, options.authoritySha256),
  }
}

/** The rules for enrolment. */
export function createEnrollment(needs: EnrollmentNeeds) {
  const { keys } = needs
  const now = needs.now ?? (() => new Date())

  const issue = async (agentId: string, request: string) => {
    try {
      const certificate = await issueClientCertificate(keys.authority, request, {
        agentId,
        hours: certificateHours,
        now: now(),
      })
      const details = parseCertificate(certificate)
      return {
        pem: certificate,
        record: {
          fingerprint: details.fingerprint,
          agentId,
          serial: details.serialNumber,
          issuedAt: now().toISOString(),
          expiresAt: details.notAfter.toISOString(),
        },
      }
    } catch (cause) {
      if (!(cause instanceof TrustError)) throw cause
      throw new ServerError('enrollment.request-invalid', cause.message, { cause })
    }
  }

  return {
    /** The authority's certificate, which a host checks against its token. */
    authority: () => ({ authority: keys.authority.certificatePem }),

    /**
     * Exchanges a token and a certificate request for an agent. Throws `enrollment.token-unknown`, `-used`, `-expired` or
     * `enrollment.request-invalid`; a token whose request was not valid stays usable.
     */
    async enroll(request: { token: string; request: string; host: HostFacts }): Promise<Enrollment> {
      const agentId = randomUUID()
      const certificate = await needs.change(async (change) => {
        const token = await findUsable(change.sql, request.token, keys.authoritySha256, now())
        const issued = await issue(agentId, request.request)
        if (!(await store.useToken(change.sql, token.id, agentId, now().toISOString()))) throw used()
        const { expiresAt } = issued.record
        await needs.agents.enroll(change, {
          id: agentId,
          host: request.host,
          certificateExpiresAt: expiresAt,
        })
        await store.insertCertificate(change.sql, issued.record)
        change.tell({ kind: 'enrollment' })
        return issued.pem
      })
      return {
        agentId,
        fleetId: keys.fleetId,
        certificate,
        authority: keys.authority.certificatePem,
        documentKeys: [keys.documentPublicKey],
        updatesRoot: needs.updatesRoot,
      }
    },

    /** A new certificate for an agent that has one. Throws `enrollment.request-invalid`. */
    async renew(agentId: string, request: string): Promise<{ certificate: string }> {
      const { pem, record } = await issue(agentId, request)
      await needs.change(async (change) => {
        await store.insertCertificate(change.sql, record)
        await needs.agents.noteCertificate(change, agentId, record.expiresAt)
      })
      return { certificate: pem }
    },

    /**
     * The agent at the other end of a connection. Throws `credential.missing`, `certificate.unknown` or `certificate.revoked`.
     */
    async authenticate({ certificate }: Connection): Promise<string> {
      if (certificate === undefined)
        throw new ServerError(
          'credential.missing',
          'Show the client certificate that enrolment gave this agent.',
        )
      if (!certificate.trusted)
        throw new ServerError(
          'certificate.unknown',
          `The client certificate is not accepted (${certificate.reason}); enrol this host with a new token.`,
        )
      const { agentId, fingerprint, notAfter } = parseCertificate(certificate.raw)
      const known = await store.findCertificate(needs.sql, fingerprint)
      // The time is checked here too: a connection may outlive its certificate.
      if (agentId === undefined || known !== agentId || notAfter <= now())
        throw new ServerError(
          'certificate.unknown',
          'The client certificate is not one that this server knows; enrol this host with a new token.',
        )
      if ((await needs.agents.state(agentId)) !== 'enrolled')
        throw new ServerError(
          'certificate.revoked',
          'This agent was revoked; enrol this host with a new token.',
        )
      return agentId
    },

    async listTokens(): Promise<{ items: EnrollmentToken[] }> {
      const tokens = await store.listTokens(needs.sql)
      return { items: tokens.map((token) => ({ ...token, state: stateOf(token, now()) })) }
    },

    /** Makes a token for one host. */
    async createToken(
      request: { name: string; expiresInMinutes: number },
      username: string,
    ): Promise<Answer<typeof enrollmentEndpoints.createEnrollmentToken>> {
      const made = await createToken(needs.change, {
        name: request.name,
        minutes: request.expiresInMinutes,
        createdBy: username,
        authoritySha256: keys.authoritySha256,
        now: now(),
      })
      return { ...made, serverUrl: needs.agentUrl(), authoritySha256: keys.authoritySha256 }
    },

    /** Makes a token unusable. Throws `enrollment.token-unknown` when there is none that could be used. */
    async withdrawToken(id: string): Promise<void> {
      await needs.change(async ({ sql, tell }) => {
        if (!(await store.withdrawToken(sql, id, now().toISOString())))
          throw new ServerError(
            'enrollment.token-unknown',
            'There is no unused token of that id to withdraw.',
          )
        tell({ kind: 'enrollment' })
      })
    },
  }
}

async function findUsable(
  sql: Sql,
  text: string,
  authoritySha256: string,
  now: Date,
): Promise<store.StoredToken> {
  const parsed = parseEnrollmentToken(text)
  const hash = parsed && hashSecret(parsed.secret)
  const token = hash === undefined ? undefined : await store.findToken(sql, hash)
  if (parsed === undefined || token === undefined || parsed.authoritySha256 !== authoritySha256)
    throw new ServerError(
      'enrollment.token-unknown',
      'This token was not made by this server; make a new one in the console.',
    )
  switch (stateOf(token, now)) {
    case 'used':
      throw used()
    case 'withdrawn':
      throw new ServerError(
        'enrollment.token-unknown',
        'This token was withdrawn; make a new one in the console.',
      )
    case 'expired':
      throw new ServerError(
        'enrollment.token-expired',
        `This token expired at ${token.expiresAt}; make a new one in the console.`,
      )
    case 'usable':
      return token
  }
}

function used(): ServerError {
  return new ServerError(
    'enrollment.token-used',
    'This token has enrolled a host already; make a new one in the console.',
  )
}

function stateOf(token: store.StoredToken, now: Date): EnrollmentToken['state'] {
  if (token.usedAt !== null) return 'used'
  if (token.withdrawnAt !== null) return 'withdrawn'
  return token.expiresAt <= now.toISOString() ? 'expired' : 'usable'
}
