/**
 * The agent's side of the wire. It owns the identity, enrols when an order lies ready, and runs the loops of a session:
 * heartbeat, commands, delivery, renewal. A host without a server, or one that was revoked, is protected all the same: nothing
 * here stops anything else.
 */
import { rm } from 'node:fs/promises'
import {
  type CommandOrder,
  type CommandOutcome,
  endpoints,
  type HealthFinding,
  type Heartbeat,
  type HeartbeatAnswer,
  type HostFacts,
  type ScanProgress,
} from '@coreward/contracts'
import { readTextIfExists } from '@coreward/host'
import { parseCertificate } from '@coreward/trust'
import type { Logger } from 'pino'
import type { Spool } from '../spool/spool.ts'
import { Bell, backOff } from './bell.ts'
import { runCommandLoop } from './command-loop.ts'
import { runDeliveryLoop } from './delivery-loop.ts'
import { EnrollmentOrder, enroll } from './enrollment.ts'
import { runHeartbeatLoop } from './heartbeat-loop.ts'
import { hasExpired, type Identity, readIdentity, writeIdentity } from './identity.ts'
import { ProgressReporter } from './progress-reporter.ts'
import { renewalTime, runRenewalLoop } from './renewal-loop.ts'
import { type Contact, Session } from './session.ts'
import { UplinkError } from './uplink-error.ts'

/** What the uplink is given by whoever joins the duties. */
export interface UplinkDuties {
  readonly identityFolder: string
  /** The file of the enrolment order; deleted once it was followed, or refused for good. */
  readonly orderFile: string
  readonly spool: Spool
  readonly log: Logger
  readonly hostFacts: () => HostFacts
  readonly heartbeatSeconds: () => number
  readonly collectHeartbeat: () => Promise<Heartbeat>
  /** Called before the session begins, with who this agent now is. */
  readonly onIdentity: (identity: Identity) => Promise<void>
  readonly onHeartbeatAnswer: (answer: HeartbeatAnswer) => void
  readonly onPolicyVersion: (version: number) => void
  readonly carryOut: (order: CommandOrder) => Promise<CommandOutcome>
}

/** How often a new enrolment order is looked for, in milliseconds. */
const ORDER_INTERVAL = 2_000

/** A server that is set up anew might get its table of certificates back; a revoked agent hears nothing else. */
const UNKNOWN_CERTIFICATE_RETRY = 5 * 60_000

/** Answers after which an enrolment order is of no more use. */
const lostOrder: readonly string[] = [
  'enrollment.malformed',
  'enrollment.token-unknown',
  'enrollment.token-used',
  'enrollment.token-expired',
  'enrollment.request-invalid',
]

export class Uplink {
  readonly #duties: UplinkDuties
  readonly #stop = new AbortController()
  readonly #heartbeatBell = new Bell()
  readonly #deliveryBell = new Bell()
  readonly #progress: ProgressReporter
  #session: Session | undefined
  #identity: Identity | undefined
  #refusal: UplinkError | undefined
  #enrollmentFailure: string | undefined
  #running: Promise<unknown> = Promise.resolve()

  private constructor(duties: UplinkDuties) {
    this.#duties = duties
    this.#progress = new ProgressReporter((progress) => this.#sendProgress(progress))
    duties.spool.onEnqueue(() => this.#deliveryBell.ring())
  }

  /** Reads the identity and tells of it; talks to nobody yet. Throws HostError when it cannot be read. */
  static async open(duties: UplinkDuties): Promise<Uplink> {
    const uplink = new Uplink(duties)
    try {
      uplink.#identity = await readIdentity(duties.identityFolder)
    } catch (error) {
      duties.log.error({ err: error }, 'the identity is damaged; enrol again')
      uplink.#enrollmentFailure = 'The identity file is damaged; enrol this host again.'
    }
    if (uplink.#identity !== undefined) await duties.onIdentity(uplink.#identity)
    return uplink
  }

  /** Begins to talk, until the uplink is disposed of. */
  start(): void {
    this.#running = Promise.all([this.#followOrders(), this.#holdSession()])
  }

  /** Who this agent is; undefined before enrolment. */
  get identity(): Identity | undefined {
    return this.#identity
  }

  /** Whether this agent has no certificate that a server would still take. */
  mustEnroll(): boolean {
    return this.#identity === undefined || hasExpired(this.#identity)
  }

  /** Takes the address that an enrolled agent's server moved to; whom it trusts stays. Call it before `start`. Throws HostError. */
  async follow(serverUrl: string): Promise<void> {
    const identity = this.#identity
    if (identity === undefined || identity.serverUrl === serverUrl) return
    this.#duties.log.info({ from: identity.serverUrl, to: serverUrl }, 'the server has another address')
    this.#identity = { ...identity, serverUrl }
    writeIdentity(this.#duties.identityFolder, this.#identity)
    await this.#duties.onIdentity(this.#identity)
  }

  /** How the contact is. */
  get contact(): Contact {
    return this.#session?.contact ?? { connected: false, lastContactAt: null, failure: null }
  }

  /** Until when the certificate holds; null without one. */
  get certificateExpiresAt(): string | null {
    if (this.#identity === undefined) return null
    return parseCertificate(this.#identity.enrollment.certificate).notAfter.toISOString()
  }

  /** Has the next heartbeat sent now: something important changed. */
  kick(): void {
    this.#heartbeatBell.ring()
  }

  /** The session's call and file functions. Throws UplinkError `not-enrolled`. */
  session(): Session {
    if (this.#session === undefined || this.#session.signal.aborted) {
      throw (
        this.#refusal ??
        new UplinkError('not-enrolled', 'This host is not enrolled with a server; run coreward enroll.')
      )
    }
    return this.#session
  }

  /** Tells the server how far a scan is, at most twice a second for each scan; lost when it cannot be told at once. */
  reportProgress(progress: ScanProgress): void {
    if (this.#session !== undefined) this.#progress.report(progress)
  }

  /** What is not as it should be between this agent and its server. */
  findings(now = Date.now()): HealthFinding[] {
    const findings: HealthFinding[] = []
    if (this.#enrollmentFailure !== undefined) {
      findings.push({
        code: 'server.unreachable',
        severity: 'warning',
        text: `Enrolment failed: ${this.#enrollmentFailure}`.slice(0, 1000),
      })
    }
    const expiry = this.#identity === undefined ? undefined : expiryFinding(this.#identity, now)
    // The server refuses an expired certificate too; that it is expired says more.
    if (this.#refusal !== undefined && expiry?.severity !== 'critical') {
      findings.push({
        code: 'certificate.revoked',
        severity: 'critical',
        text: `The server refuses this agent (${this.#refusal.message}). It goes on protecting this host; enrol it again.`,
      })
      return findings
    }
    const { connected, failure } = this.contact
    if (this.#refusal === undefined && !connected && failure !== null) {
      findings.push({ code: 'server.unreachable', severity: 'warning', text: failure.slice(0, 1000) })
    }
    if (expiry !== undefined) findings.push(expiry)
    return findings
  }

  /** Stops talking; calls under way are broken off. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#session?.[Symbol.asyncDispose]()
    await this.#running
  }

  /** Enrols whenever an order lies ready. */
  async #followOrders(): Promise<void> {
    const pause = new Bell()
    let failures = 0
    while (!this.#stop.signal.aborted) {
      const text = await readTextIfExists(this.#duties.orderFile).catch((error: Error) => {
        this.#enrollmentFailure = error.message
        return undefined
      })
      if (text === undefined) {
        await pause.wait(ORDER_INTERVAL, this.#stop.signal)
        continue
      }
      try {
        await this.#enroll(text)
        failures = 0
      } catch (error) {
        failures += 1
        this.#enrollmentFailure = error instanceof Error ? error.message : String(error)
        this.#duties.log.error({ err: error }, 'not enrolled')
        if (error instanceof UplinkError && lostOrder.includes(error.code)) await this.#forgetOrder(text)
        else await pause.wait(backOff(failures), this.#stop.signal)
      }
    }
  }

  async #enroll(text: string): Promise<void> {
    const identity = await enroll(orderIn(text), this.#duties.hostFacts(), this.#stop.signal)
    writeIdentity(this.#duties.identityFolder, identity)
    await this.#forgetOrder(text)
    this.#enrollmentFailure = undefined
    this.#refusal = undefined
    this.#identity = identity
    this.#duties.log.info({ server: identity.serverUrl, agentId: identity.enrollment.agentId }, 'enrolled')
    await this.#duties.onIdentity(identity)
    await this.#session?.[Symbol.asyncDispose]()
    this.#begin.ring()
  }

  /** Another order may have come meanwhile: only the one that was followed goes. */
  async #forgetOrder(text: string): Promise<void> {
    const now = await readTextIfExists(this.#duties.orderFile)
    if (now === text) await rm(this.#duties.orderFile, { force: true })
  }

  readonly #begin = new Bell()

  /** Holds a session for as long as there is an identity that the server takes. */
  async #holdSession(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const identity = this.#identity
      if (identity === undefined || this.#refusal?.code === 'certificate.revoked') {
        await this.#begin.wait(3_600_000, this.#stop.signal)
        continue
      }
      await this.#runSession(identity)
      if (this.#refusal?.code === 'certificate.unknown') {
        await this.#begin.wait(UNKNOWN_CERTIFICATE_RETRY, this.#stop.signal)
      }
    }
  }

  async #runSession(identity: Identity): Promise<void> {
    const { spool, log } = this.#duties
    const session = new Session(identity, log, this.contact.lastContactAt)
    this.#session = session
    this.#refusal = undefined
    this.#heartbeatBell.ring()
    await Promise.all([
      runHeartbeatLoop(session, {
        bell: this.#heartbeatBell,
        collect: this.#duties.collectHeartbeat,
        interval: this.#duties.heartbeatSeconds,
        onAnswer: this.#duties.onHeartbeatAnswer,
      }),
      runDeliveryLoop(session, spool, this.#deliveryBell),
      runCommandLoop(session, spool, this.#duties),
      runRenewalLoop(session, (renewed) => {
        writeIdentity(this.#duties.identityFolder, renewed)
        this.#identity = renewed
        session.renew(renewed)
        log.info('certificate renewed')
      }),
    ])
    this.#refusal = session.refusal
    await session[Symbol.asyncDispose]()
  }

  async #sendProgress(progress: ScanProgress): Promise<void> {
    const session = this.#session
    if (session === undefined || session.signal.aborted || !session.contact.connected) return
    await session
      .call(endpoints.reportProgress, { params: { scanId: progress.scanId }, body: progress })
      // The server may not have the scan's first event yet, and the next report comes soon.
      .catch((error: unknown) => this.#duties.log.debug({ err: error }, 'progress not reported'))
  }
}

function orderIn(text: string): EnrollmentOrder {
  try {
    return EnrollmentOrder.parse(JSON.parse(text))
  } catch (cause) {
    throw new UplinkError(
      'enrollment.malformed',
      'The enrolment order is not { "serverUrl": "https://…", "token": "cw1.…" }; run coreward enroll again.',
      cause,
    )
  }
}

function expiryFinding({ enrollment }: Identity, now: number): HealthFinding | undefined {
  const { notAfter } = parseCertificate(enrollment.certificate)
  if (now > notAfter.getTime()) {
    const text = `The certificate expired on ${notAfter.toISOString()}; enrol this host again.`
    return { code: 'certificate.expiring', severity: 'critical', text }
  }
  // Half of the last third has passed: renewal has been tried for long.
  if (now <= (renewalTime(enrollment.certificate) + notAfter.getTime()) / 2) return undefined
  const text = `The certificate expires on ${notAfter.toISOString()} and could not be renewed.`
  return { code: 'certificate.expiring', severity: 'warning', text }
}
