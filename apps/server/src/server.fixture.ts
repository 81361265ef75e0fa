/**
 * A whole server for tests: real database, real keys, real certificates, in a folder of its own; called without a socket. Its
 * clock stands still unless a test moves it.
 */
import assert from 'node:assert/strict'
import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AgentEvent,
  type Answer,
  addressOf,
  type Endpoint,
  type EventContent,
  endpoints,
  type Heartbeat,
  type HostFacts,
  type Problem,
  sessionCookie,
} from '@coreward/contracts'
import { createRequest } from '@coreward/trust'
import { pino } from 'pino'
import { createServer, type Server } from './app.ts'
import { openDatabase } from './database/open.ts'
import type { Sql } from './database/sql.ts'
import type { Connection } from './http/connection.ts'
import type { Assets } from './http/console-assets.ts'
import { type Keys, openKeys } from './keys/keys.ts'
import { initializeRepository, openRepository } from './updates/updates.ts'

/** Who calls: at which listener, over which connection, with which cookie. */
export interface TestCaller {
  readonly connection: Connection
  readonly cookie?: string
}

/** An enrolled agent of a test. */
export interface TestAgent extends TestCaller {
  readonly id: string
  readonly certificatePem: string
  readonly privateKeyPem: string
}

export interface TestAnswer<E extends Endpoint = Endpoint> {
  readonly status: number
  /** What the endpoint answers with; whatever came, when it is a problem. */
  readonly body: Answer<E>
  readonly problem: Problem | undefined
  readonly headers: Headers
}

/** What of a request a test gives; a body that is text is sent as it is. */
export interface CallParts {
  readonly params?: Record<string, string>
  readonly query?: Record<string, unknown>
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface TestServer extends AsyncDisposable {
  readonly server: Server
  readonly sql: Sql
  readonly keys: Keys
  readonly folder: string
  readonly clock: { now: Date; advance: (milliseconds: number) => void }
  readonly stop: AbortController
  /** Calls an endpoint at the listener it belongs to. */
  readonly call: <E extends Endpoint>(
    endpoint: E,
    caller: TestCaller,
    parts?: CallParts,
  ) => Promise<TestAnswer<E>>
  readonly enroll: (host?: Partial<HostFacts>) => Promise<TestAgent>
  /** The first administrator, signed in. */
  readonly operator: () => Promise<TestCaller>
  readonly createToken: () => Promise<string>
  readonly send: (
    agent: TestAgent,
    contents: readonly EventContent[],
  ) => Promise<TestAnswer<typeof endpoints.sendEvents>>
}

export const plain: Connection = { address: '192.0.2.1', secure: false, certificate: undefined }
export const stranger: TestCaller = { connection: { ...plain, secure: true } }

export const hostFacts: HostFacts = {
  hostname: 'web-1',
  operatingSystem: 'Debian GNU/Linux 12',
  kernel: '6.1.0',
  architecture: 'x64',
  addresses: ['192.0.2.10'],
  machineId: null,
  processors: 2,
  memoryBytes: 4_000_000_000,
}

/** A heartbeat in which all is well. */
export function heartbeatOf(changes: Partial<Heartbeat> = {}): Heartbeat {
  return {
    sentAt: '2026-11-24T10:00:00.000Z',
    bootedAt: '2026-11-24T09:00:00.000Z',
    host: hostFacts,
    versions: { agent: '0.1.0', node: '24', engineLayout: 1, definitions: null, policy: 1 },
    findings: [],
    processes: [],
    spooledEvents: 0,
    quarantinedFiles: 0,
    ...changes,
  }
}

let sequence = 0

/** An event as an agent makes it. */
export function eventOf(content: EventContent, occurredAt = '2026-11-24T10:00:00.000Z'): AgentEvent {
  sequence += 1
  return { id: randomUUID(), sequence, occurredAt, content }
}

/** A detection's event. */
export function detectedOf(
  detectionId: string,
  changes: Partial<Extract<EventContent, { type: 'threat.detected' }>['data']> = {},
): EventContent {
  return {
    type: 'threat.detected',
    data: {
      detectionId,
      scanId: null,
      path: '/srv/www/shell.php',
      innerPath: null,
      signature: 'Coreward.Test',
      severity: 'high',
      category: 'webshell',
      description: null,
      sha256: 'a'.repeat(64),
      size: 100,
      owner: 'www-data',
      mode: 0o644,
      modifiedAt: '2026-11-24T09:30:00.000Z',
      definitionsVersion: '2026.11.24.1',
      plannedAction: 'report',
      ...changes,
    },
  }
}

/** Starts a server whose clock shows 2026-11-24 10:00 UTC, or goes on in a `folder` of one before, which then stays. */
export async function startTestServer(
  given: { folder?: string; now?: Date; assets?: Assets } = {},
): Promise<TestServer> {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'coreward-server-'))
  const clock = {
    now: given.now ?? new Date('2026-11-24T10:00:00.000Z'),
    advance(milliseconds: number) {
      clock.now = new Date(clock.now.getTime() + milliseconds)
    },
  }
  await initializeRepository(folder, join(folder, 'offline-keys'))
  const keys = await openKeys(folder)
  const sql = openDatabase(join(folder, 'coreward.sqlite'))
  const stop = new AbortController()
  const server = await createServer({
    sql,
    keys,
    logger: pino({ level: 'silent' }),
    version: '0.0.0-test',
    repository: openRepository(folder),
    agentUrl: () => 'https://localhost:8443',
    assets: given.assets ?? new Map(),
    stopping: stop.signal,
    now: () => clock.now,
  })

  const call: TestServer['call'] = async <E extends Endpoint>(
    endpoint: E,
    caller: TestCaller,
    parts: CallParts = {},
  ): Promise<TestAnswer<E>> => {
    const app = endpoint.path.startsWith('/agent/') ? server.agentApp : server.consoleApp
    const headers = new Headers(parts.headers)
    if (parts.body !== undefined && !headers.has('content-type'))
      headers.set('content-type', 'application/json')
    if (caller.cookie !== undefined) headers.set('cookie', `${sessionCookie}=${caller.cookie}`)
    const response = await app.request(
      addressOf(endpoint, parts.params, parts.query),
      {
        method: endpoint.method,
        headers,
        ...(parts.body === undefined
          ? {}
          : { body: typeof parts.body === 'string' ? parts.body : JSON.stringify(parts.body) }),
      },
      { connection: caller.connection },
    )
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const body = isJson ? await response.json() : undefined
    const problem = response.status >= 400 ? (body as Problem) : undefined
    return { status: response.status, body: body as Answer<E>, problem, headers: response.headers }
  }

  let setUp: Promise<unknown> | undefined
  let signedIn: { caller: TestCaller; expiresAt: string } | undefined
  const password = 'a long enough password'
  const operator = async (): Promise<TestCaller> => {
    setUp ??= server.operators.offerSetup().then(async (token) => {
      const body = { token, username: 'admin', password }
      signedIn = sessionOf(await call(endpoints.completeSetup, { connection: plain }, { body }))
    })
    await setUp
    if (signedIn === undefined || signedIn.expiresAt <= clock.now.toISOString()) {
      const body = { username: 'admin', password }
      signedIn = sessionOf(await call(endpoints.signIn, { connection: plain }, { body }))
    }
    return signedIn.caller
  }
  const createToken = async (): Promise<string> => {
    const body = { name: 'test', expiresInMinutes: 60 }
    return (await call(endpoints.createEnrollmentToken, await operator(), { body })).body.text
  }

  return {
    server,
    sql,
    keys,
    folder,
    clock,
    stop,
    call,
    operator,
    createToken,
    async enroll(host = {}) {
      const { csrPem, privateKeyPem } = await createRequest()
      const body = { token: await createToken(), request: csrPem, host: { ...hostFacts, ...host } }
      const { agentId, certificate } = (await call(endpoints.enroll, stranger, { body })).body
      const raw = new X509Certificate(certificate).raw
      return {
        id: agentId,
        certificatePem: certificate,
        privateKeyPem,
        connection: {
          address: '192.0.2.10',
          secure: true,
          certificate: { raw, trusted: true, reason: undefined },
        },
      }
    },
    send: (agent, contents) =>
      call(endpoints.sendEvents, agent, {
        body: { events: contents.map((content) => eventOf(content, clock.now.toISOString())) },
      }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await sql.destroy()
      if (given.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function sessionOf({ body, headers, status }: TestAnswer<typeof endpoints.signIn>) {
  assert.equal(status, 200)
  const cookie = new RegExp(`${sessionCookie}=([^;]+)`).exec(headers.get('set-cookie') ?? '')?.[1] ?? ''
  return { caller: { connection: plain, cookie }, expiresAt: body.expiresAt }
}
