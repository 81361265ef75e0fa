import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { AgentStatus, formatEnrollmentToken } from '@coreward/contracts'
import { pathsBelow } from '@coreward/host'
import { createSecret } from '@coreward/trust'
import { eicar, stop, until } from '../daemon/agent.fixture.ts'
import { answers, type RunningAgent, startRunningAgent } from '../launcher/running-agent.fixture.ts'
import { controlClient } from './control-client.ts'

const main = join(import.meta.dirname, 'main.ts')
let folder = ''
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-cli-')))
  spawnSync('chmod', ['711', folder])
})
after(() => rmSync(folder, { recursive: true }))

function coreward(
  args: readonly string[],
  options: { input?: string; cwd?: string; env?: NodeJS.ProcessEnv; dataFolder?: string } = {},
): SpawnSyncReturns<string> {
  const { input = '', cwd = folder, env = {}, dataFolder = join(folder, 'none') } = options
  return spawnSync(process.execPath, [main, '--data-folder', dataFolder, ...args], {
    encoding: 'utf8',
    input,
    cwd,
    env: { ...process.env, ...env },
  })
}

const commands = [
  ['status'],
  ['scan'],
  ['quarantine'],
  ['quarantine', 'list'],
  ['quarantine', 'restore'],
  ['quarantine', 'delete'],
  ['definitions'],
  ['definitions', 'show'],
  ['definitions', 'update'],
  ['events'],
  ['enroll'],
  ['run'],
  ['completion'],
]

test('every command helps, with the options of all commands and exit code 0', () => {
  for (const command of [[], ...commands]) {
    const { stdout, stderr, status } = coreward([...command, '--help'])
    assert.deepEqual([status, stderr], [0, ''], command.join(' '))
    assert.match(stdout, new RegExp(`^Usage: coreward ${command.join(' ')}`))
    assert.match(stdout, /--data-folder <folder>/)
  }
  assert.match(coreward(['--help']).stdout, /Exit codes:\n +0 .*\n +1 .*detected\n +2 .*\n +3 /)
})

test('what there is not ends with 2, on standard error, with the way to what there is', () => {
  const wrong: [string[], RegExp][] = [
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['statsu'], /Did you mean status\?/],
    [['definitions', 'frob'], /unknown command 'frob'/],
    [['scan'], /missing required argument/],
    [['scan', '--quik', 'x'], /Did you mean --quiet\?/],
    [['--output', 'xml', 'status'], /Allowed choices are text, json/],
    [['events', '--limit', '0'], /whole number from 1 to 10000/],
    [['quarantine', 'delete', 'x'], /'x'.*coreward quarantine list shows the ids/],
    [['quarantine', 'restore', '../../x'], /coreward quarantine list shows the ids/],
    [['enroll'], /--server <url>/],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  ]
  for (const [args, text] of wrong) {
    const { stdout, stderr, status } = coreward(args)
    assert.deepEqual([status, stdout], [2, ''], args.join(' '))
    assert.match(stderr, /^coreward: /)
    assert.match(stderr, text)
    assert.match(stderr, /Try coreward --help/)
  }
})

test('where no agent runs, every command that asks one ends with 2 and says how to start it', () => {
  const id = '11111111-1111-4111-8111-111111111111'
  for (const args of [
    ['status'],
    ['scan', 'quick'],
    ['quarantine', 'list'],
    ['quarantine', 'restore', id],
    ['quarantine', 'delete', id],
    ['definitions', 'show'],
    ['definitions', 'update'],
    ['events'],
  ]) {
    const { stdout, stderr, status } = coreward(args)
    assert.deepEqual([status, stdout], [2, ''], args.join(' '))
    assert.match(
      stderr,
      /^coreward: No agent is running at .*: start it with coreward run, .*--data-folder\n$/,
    )
    const json = coreward([...args, '--output', 'json'])
    assert.deepEqual([json.status, json.stderr], [2, ''])
    assert.equal(JSON.parse(json.stdout).error.code, 'agent.unreachable')
  }
})

test('an order to enrol is stored for its owner alone, its token from standard input or the environment', () => {
  const token = formatEnrollmentToken(createSecret(), 'a'.repeat(64))
  const args = ['enroll', '--server', 'https://server.test:8443']
  for (const options of [{ input: `${token}\n` }, { env: { COREWARD_ENROLLMENT_TOKEN: ` ${token}` } }]) {
    const dataFolder = join(folder, 'enrolling')
    const { status, stdout, stderr } = coreward(args, { ...options, dataFolder })
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /Start it with: coreward run/)
    assert.ok(!stdout.includes(token))
    const file = pathsBelow(dataFolder).agent.daemon.enrollmentToken
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { serverUrl: 'https://server.test:8443', token })
    assert.equal(statSync(file).mode & 0o777, 0o600)
    rmSync(dataFolder, { recursive: true })
  }
})

test('an address or a token that is none is refused with the remedy, and nothing is stored', () => {
  const token = formatEnrollmentToken(createSecret(), 'a'.repeat(64))
  const dataFolder = join(folder, 'not-enrolling')
  const wrong: [string, string, RegExp][] = [
    ['http://server.test', token, /give it as https:/],
    ['server.test', token, /give it as https:/],
    ['https://server.test', 'cw1.short', /copy it whole from the console/],
    ['https://server.test', '', /copy it whole from the console/],
  ]
  for (const [server, input, text] of wrong) {
    const { status, stderr } = coreward(['enroll', '--server', server], { input, dataFolder })
    assert.equal(status, 2)
    assert.match(stderr, text)
  }
  assert.equal(existsSync(dataFolder), false)
})

test('an order that was given before the agent first ran is followed when it runs', {
  skip: process.platform !== 'linux' && 'Linux only',
}, async () => {
  const dataFolder = join(folder, 'first')
  const input = formatEnrollmentToken(createSecret(), 'a'.repeat(64))
  assert.equal(coreward(['enroll', '--server', 'https://127.0.0.1:9'], { input, dataFolder }).status, 0)
  const agent = spawn(process.execPath, [main, '--data-folder', dataFolder, 'run'], { stdio: 'ignore' })
  try {
    const call = controlClient(pathsBelow(dataFolder).agent.controlSocket)
    await until(() => answers(call))
    const failure = async () =>
      (await call('status', {})).findings.find(({ code }) => code === 'server.unreachable')?.text
    await until(async () => (await failure()) !== undefined)
    assert.match((await failure()) ?? '', /Enrolment failed: https:\/\/127\.0\.0\.1:9 cannot be reached/)
  } finally {
    await stop(agent)
  }
  assert.equal(agent.exitCode, 0)
})

describe('asked of an agent that runs', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  let agent: RunningAgent
  before(async () => {
    agent = await startRunningAgent()
  })
  after(() => agent?.[Symbol.asyncDispose]())
  afterEach(() => {
    rmSync(agent.files, { recursive: true })
    mkdirSync(agent.files, { mode: 0o700 })
  })
  const ask = (...args: string[]) => coreward(args, { dataFolder: agent.paths.data, cwd: agent.files })
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(agent.files, name), content)
  const brokenZip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300, 7)])

  test('the status is one document for programs and sections for people', () => {
    const json = ask('status', '--output', 'json')
    assert.deepEqual([json.status, json.stderr], [0, ''])
    const status = AgentStatus.parse(JSON.parse(json.stdout))
    assert.equal(status.versions.definitions, 'test-1')
    const { stdout } = ask('status')
    for (const part of ['Health ', 'Definitions ', 'PROCESS', 'scanner', 'Settings', 'not enrolled'])
      assert.ok(stdout.includes(part), part)
    assert.ok(!stdout.includes('[managed]'))
  })

  test('a scan of clean files ends with 0, and with nothing on standard error', () => {
    write('clean.txt', 'x')
    const { status, stdout, stderr } = ask('scan', 'clean.txt')
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^Scan completed\n +Scanned +1 file, 1 byte in /)
  })

  test('a scan that found something ends with 1 and names it, also where something was left out', () => {
    write('e.com', eicar())
    write('broken.zip', brokenZip)
    const { status, stdout } = ask('scan', '.')
    assert.equal(status, 1)
    assert.match(stdout, /^DETECTED {3}.*e\.com: Eicar-Test-Signature .*left in its place$/m)
    assert.match(stdout, /^UNSCANNED {2}.*broken\.zip: damaged/m)
    const json = ask('scan', '.', '--output', 'json')
    assert.equal(json.status, 1)
    const { summary, findings } = JSON.parse(json.stdout)
    assert.equal(summary.filesInfected, 1)
    assert.equal(findings.length, 2)
  })

  test('a scan that could not look at everything ends with 3', () => {
    write('broken.zip', brokenZip)
    assert.equal(ask('scan', 'broken.zip').status, 3)
  })

  test('a scan of what is not there, or of too much at once, ends with 2', () => {
    const { status, stderr } = ask('scan', 'nothing')
    assert.equal(status, 2)
    assert.match(stderr, /nothing does not exist; name a file or a folder/)
    const many = ask('scan', ...Array.from({ length: 101 }, (_, index) => `f${index}`))
    assert.equal(many.status, 2)
    assert.match(many.stderr, /100 paths at most/)
  })

  test('what was quarantined is listed, not restored while it is infected, and deleted for good', () => {
    write('e.com', eicar())
    assert.equal(ask('scan', '--quarantine', 'e.com').status, 1)
    const { items } = JSON.parse(ask('--output', 'json', 'quarantine', 'list').stdout)
    const [{ id }] = items
    assert.match(ask('quarantine', 'list').stdout, new RegExp(`${id} .*Eicar-Test-Signature .*e\\.com`))
    const refused = ask('--output', 'json', 'quarantine', 'restore', id)
    assert.equal(refused.status, 2)
    assert.equal(JSON.parse(refused.stdout).error.code, 'quarantine.infected')
    const restored = ask('quarantine', 'restore', id, '--even-if-infected', '--to', 'elsewhere')
    assert.equal(restored.stdout, `Restored ${join(agent.files, 'elsewhere')}\n`)
    assert.deepEqual(readFileSync(join(agent.files, 'elsewhere')), eicar())
    assert.equal(ask('scan', '--quarantine', 'elsewhere').status, 1)
    const [again] = JSON.parse(ask('--output', 'json', 'quarantine', 'list').stdout).items
    assert.equal(ask('quarantine', 'delete', again.id).status, 0)
    const gone = ask('quarantine', 'delete', again.id)
    assert.equal(gone.status, 2)
    assert.match(gone.stderr, /There is no item/)
    assert.match(ask('quarantine', 'list').stdout, /Nothing is in quarantine/)
  })

  test('definitions are shown, and an update without a server says what is missing', () => {
    assert.match(ask('definitions', 'show').stdout, /In use: test-1/)
    const { status, stderr } = ask('definitions', 'update')
    assert.equal(status, 2)
    assert.match(stderr, /run coreward enroll/)
  })

  test('whoever reads the answer may stop early', () => {
    for (let index = 0; index < 400; index += 1) write(`broken-${index}.zip`, brokenZip)
    assert.equal(ask('scan', '--quiet', '.').status, 3)
    const line = '"$0" "$1" --data-folder "$2" --output json events --limit 10000 | head -c 10'
    const { stdout, stderr } = spawnSync('sh', ['-c', line, process.execPath, main, agent.paths.data], {
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    assert.equal(stdout.length, 10)
    assert.ok(ask('--output', 'json', 'events', '--limit', '10000').stdout.length > 100_000)
    assert.equal(JSON.parse(ask('--output', 'json', 'events', '--limit', '2').stdout).items.length, 2)
  })

  test('a data folder behind a link is the same agent', () => {
    const link = join(folder, 'link')
    symlinkSync(agent.paths.data, link)
    assert.equal(coreward(['status'], { dataFolder: link }).status, 0)
  })

  test('a second agent on the same data folder is refused, with 2', () => {
    const { status, stderr } = ask('run')
    assert.equal(status, 2)
    assert.match(stderr, /another agent runs/)
  })
})
