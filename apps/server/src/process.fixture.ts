/**
 * The server's process for tests: main.ts started as a child on a folder of its own, and requests to it over real sockets with
 * whatever certificate a test has.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { sessionCookie } from '@coreward/contracts'
import { createRequest } from '@coreward/trust'
import { hostFacts } from './server.fixture.ts'

const main = join(import.meta.dirname, 'main.ts')

/** A folder that another user may pass through, with the server initialized in it when `initialized`. */
export async function makeDataFolder(options: { initialized: boolean; user?: number }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-process-'))
  chmodSync(folder, 0o711)
  if (options.initialized) {
    const keys = join(folder, 'offline-keys')
    const ended = await run('initialize', folder, [
      '--offline-keys-folder',
      keys,
      ...userOptions(options.user),
    ])
    assert.equal(ended.code, 0, ended.complaint)
    // The server never opens them: every test of the process shows that it runs without.
    rmSync(keys, { recursive: true })
  }
  return folder
}

export const userOptions = (user: number | undefined) =>
  user === undefined ? [] : ['--user-id', String(user), '--group-id', String(user)]

/** Runs one order to its end. */
export async function run(
  order: string,
  folder: string,
  options: readonly string[] = [],
): Promise<{ code: number | null; output: string; complaint: string }> {
  const child = spawn(process.execPath, [main, order, '--data-folder', folder, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, output, complaint }
}

export interface TestProcess {
  readonly child: ChildProcess
  readonly consoleUrl: string
  readonly agentUrl: string
  readonly setupToken: string | undefined
  /** What has been said on standard error so far. */
  readonly complaint: () => string
  /** Sends a signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<{ code: number | null; milliseconds: number }>
}

/** Starts the server on free ports, or those given, and waits until it is ready. */
export async function startProcess(
  folder: string,
  given: { options?: readonly string[]; node?: readonly string[]; agentPort?: string } = {},
): Promise<TestProcess> {
  const options = ['--console-port', '0', '--agent-port', given.agentPort ?? '0', ...(given.options ?? [])]
  const child = spawn(
    process.execPath,
    [...(given.node ?? []), main, 'serve', '--data-folder', folder, ...options],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    once(child, 'exit').then(() => assert.fail(`the server ended: ${said}`)),
  ])
  const ready = JSON.parse(line) as { consoleUrl: string; agentUrl: string; setupUrl?: string }
  return {
    child,
    consoleUrl: ready.consoleUrl,
    agentUrl: ready.agentUrl,
    setupToken: ready.setupUrl?.split('#token=')[1],
    complaint: () => said,
    async end(signal) {
      const began = performance.now()
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'exit')
      }
      return { code: child.exitCode, milliseconds: performance.now() - began }
    },
  }
}

export interface SocketAnswer {
  readonly status: number
  readonly body: string
  readonly cookie: string
}

/** Asks over a connection of its own. A body is sent as JSON. */
export async function ask(
  url: string,
  parts: { method?: string; body?: unknown; cookie?: string; cert?: string; key?: string } = {},
): Promise<SocketAnswer> {
  const { method = parts.body === undefined ? 'GET' : 'POST', body, cookie, cert, key } = parts
  const send = url.startsWith('https:') ? secureRequest : plainRequest
  const request = send(url, {
    method,
    agent: false,
    // The tests pin the authority where that is the point; elsewhere it would only be in the way.
    rejectUnauthorized: false,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    ...(cert === undefined ? {} : { cert, key }),
  })
  request.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await once(request, 'response')
  return {
    status: response.statusCode,
    body: await text(response),
    cookie: String(response.headers['set-cookie'] ?? '').split(';')[0] ?? '',
  }
}

/** Makes the first administrator and gives the session's cookie. */
export async function setUp(server: TestProcess): Promise<string> {
  const body = { token: server.setupToken, username: 'admin', password: 'a long enough password' }
  const answer = await ask(`${server.consoleUrl}/api/v1/setup`, { body })
  assert.equal(answer.status, 200, answer.body)
  assert.ok(answer.cookie.startsWith(`${sessionCookie}=`))
  return answer.cookie
}

export interface ProcessAgent {
  readonly agentId: string
  readonly cert: string
  readonly key: string
}

/** Enrols an agent with a token of the command line. */
export async function enroll(
  server: TestProcess,
  folder: string,
  options: readonly string[] = [],
): Promise<ProcessAgent> {
  const made = await run('enrollment-token', folder, options)
  assert.equal(made.code, 0, made.complaint)
  const { token } = JSON.parse(made.output) as { token: string }
  const { csrPem, privateKeyPem } = await createRequest()
  const body = { token, request: csrPem, host: hostFacts }
  const answer = await ask(`${server.agentUrl}/agent/v1/enroll`, { body })
  assert.equal(answer.status, 200, answer.body)
  const { agentId, certificate } = JSON.parse(answer.body) as { agentId: string; certificate: string }
  return { agentId, cert: certificate, key: privateKeyPem }
}
