/**
 * A server for the uplink's tests: real HTTPS with a certificate authority of its own, client certificates checked as the
 * contract says, and answers that a test can change. It stores nothing beyond the process.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import {
  type AgentEvent,
  type Command,
  type CommandOutcome,
  type Enrollment,
  formatEnrollmentToken,
  type Heartbeat,
  type ProblemCode,
  problem,
  type ScanProgress,
} from '@coreward/contracts'
import {
  type CertificateWithKey,
  createAuthority,
  createSecret,
  exportVerificationKey,
  fingerprintOf,
  generateSigningKey,
  issueClientCertificate,
  issueServerCertificate,
  parseCertificate,
} from '@coreward/trust'

export class TestServer {
  readonly fleetId = randomUUID()
  readonly agentId = randomUUID()
  readonly heartbeats: Heartbeat[] = []
  readonly events = new Map<string, AgentEvent>()
  readonly outcomes = new Map<string, CommandOutcome>()
  readonly progress: ScanProgress[] = []
  readonly renewals: string[] = []
  commands: Command[] = []
  certificateHours = 24
  /** Of renewed certificates; those of an enrolment otherwise. */
  renewedHours: number | undefined
  /** When set, every request with a certificate is answered with this problem. */
  refuse: ProblemCode | undefined
  /** Called before events are answered; false drops the connection instead. */
  beforeEventsAnswer: () => boolean = () => true
  token = ''
  url = ''
  readonly #authority: CertificateWithKey
  readonly #key = generateSigningKey()
  readonly #server: Server
  #waiting: (() => void)[] = []

  private constructor(authority: CertificateWithKey, own: CertificateWithKey) {
    this.#authority = authority
    this.#server = createServer(
      {
        cert: own.certificatePem,
        key: own.privateKeyPem,
        ca: authority.certificatePem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error))
      },
    )
    this.newToken()
  }

  static async start(): Promise<TestServer> {
    const authority = await createAuthority({ name: 'Test fleet', days: 30 })
    const own = await issueServerCertificate(authority, { names: ['127.0.0.1', 'localhost'], days: 7 })
    const server = new TestServer(authority, own)
    await server.listen()
    return server
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  newToken(): void {
    this.token = formatEnrollmentToken(createSecret(), fingerprintOf(this.#authority.certificatePem))
  }

  /** Hands a command out to a request that waits, or to the next one. */
  command(command: Command): void {
    this.commands.push(command)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async stop(): Promise<void> {
    for (const wake of this.#waiting.splice(0)) wake()
    this.#server.close()
    this.#server.closeAllConnections()
    if (this.#server.listening) await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', this.url)
    const body = await json(request)
    const socket = request.socket as TLSSocket
    if (pathname === '/agent/v1/authority') {
      return send(response, { authority: this.#authority.certificatePem })
    }
    if (pathname === '/agent/v1/enroll') return this.#enroll(body, response)
    if (!socket.authorized) return fail(response, 'certificate.unknown')
    if (this.refuse !== undefined) return fail(response, this.refuse)
    const [, scanId] = /^\/agent\/v1\/scans\/([^/]+)\/progress$/.exec(pathname) ?? []
    const [, commandId] = /^\/agent\/v1\/commands\/([^/]+)\/outcome$/.exec(pathname) ?? []
    if (scanId !== undefined) {
      this.progress.push(body as ScanProgress)
      return send(response)
    }
    if (commandId !== undefined) {
      this.outcomes.set(commandId, body as CommandOutcome)
      this.commands = this.commands.filter((command) => command.id !== commandId)
      return send(response)
    }
    switch (pathname) {
      case '/agent/v1/heartbeat':
        this.heartbeats.push(body as Heartbeat)
        return send(response, { serverTime: new Date().toISOString(), policyVersion: 1 })
      case '/agent/v1/events': {
        const { events } = body as { events: AgentEvent[] }
        for (const event of events) this.events.set(event.id, event)
        if (!this.beforeEventsAnswer()) return void socket.destroy()
        return send(response, { recorded: events.length, known: 0 })
      }
      case '/agent/v1/commands':
        if (this.commands.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        return send(response, { commands: this.commands, policyVersion: 1 })
      case '/agent/v1/certificate': {
        const hours = this.renewedHours ?? this.certificateHours
        const certificate = await this.#issue((body as { request: string }).request, hours)
        this.renewals.push(parseCertificate(certificate).serialNumber)
        return send(response, { certificate })
      }
      default:
        return fail(response, 'route.unknown')
    }
  }

  async #enroll(body: unknown, response: ServerResponse): Promise<void> {
    const { token, request } = body as { token: string; request: string }
    if (token !== this.token) return fail(response, 'enrollment.token-unknown')
    this.token = ''
    const enrollment: Enrollment = {
      agentId: this.agentId,
      fleetId: this.fleetId,
      certificate: await this.#issue(request, this.certificateHours),
      authority: this.#authority.certificatePem,
      documentKeys: [exportVerificationKey(await this.#key)],
      updatesRoot: 'e30=',
    }
    send(response, enrollment)
  }

  #issue(request: string, hours: number): Promise<string> {
    return issueClientCertificate(this.#authority, request, { agentId: this.agentId, hours })
  }
}

async function json(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}

function send(response: ServerResponse, body?: unknown): void {
  if (body === undefined) response.writeHead(204).end()
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function fail(response: ServerResponse, code: ProblemCode): void {
  const answer = problem(code)
  response
    .writeHead(answer.status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify(answer))
}
