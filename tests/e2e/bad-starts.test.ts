/**
 * Starts that cannot work, as a stranger meets them: each ends with a message that names what is wrong and what to do, leaves
 * nothing running and loses nothing. And the start that must work with less: as an ordinary user.
 */
import assert from 'node:assert/strict'
import { chownSync, existsSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { eicar } from '../fixtures/eicar.ts'
import { coreward, type Product, repository, startProduct, temporaryFolder } from './product.ts'

const freePorts = ['--agent-port', '0', '--console-port', '0'] as const

/** Expects a start to fail: code 1 or 2, a reason, and nothing left. */
async function fails(product: Product, reason: RegExp): Promise<void> {
  await using failing = product
  await failing.printed(reason)
  const code = await failing.ended
  assert.ok(code === 1 || code === 2, `ended with ${code}`)
  assert.deepEqual(await failing.processes(''), [])
}

test('a port in use is named with its option, for the console and for the agents', async () => {
  await using temporary = await temporaryFolder('port')
  const blocker = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => blocker.once('listening', listening))
  const address = blocker.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const data = ['--data-folder', join(temporary.path, 'data'), '--no-scan']
  try {
    await fails(
      startProduct([...data, '--agent-port', '0', '--console-port', port]),
      new RegExp(`${port}: another program has that port\\. Stop it, or choose another with --console-port`),
    )
    await fails(
      startProduct([...data, '--agent-port', port, '--console-port', '0']),
      new RegExp(`${port}: another program has that port\\. Stop it, or choose another with --agent-port`),
    )
  } finally {
    blocker.close()
  }
})

test('a console that would be open to others without encryption does not start', async () => {
  await using temporary = await temporaryFolder('exposed')
  const options = ['--data-folder', join(temporary.path, 'data'), '--no-scan', ...freePorts]
  await fails(
    startProduct([...options, '--console-host', '0.0.0.0']),
    /open to other hosts at 0\.0\.0\.0 without encryption\. Give --console-certificate and --console-key/,
  )
})

test('an option that is none, or a port that is none, is named and ends with 2', async () => {
  await fails(startProduct(['--frobnicate']), /unknown option '--frobnicate'/)
  await fails(startProduct(['--console-port', 'eighty']), /Give a port from 0 to 65535/)
})

test('help lists what can be set', async () => {
  await using product = startProduct(['--help'])
  assert.equal(await product.ended, 0)
  for (const option of [
    '--data-folder',
    '--agent-port',
    '--console-port',
    '--scan-path',
    '--no-scan',
    '--quarantine',
    '--demo',
  ])
    assert.match(product.output(), new RegExp(option))
})

test('a data folder that is a file, and a folder that another start uses, are named', async () => {
  await using temporary = await temporaryFolder('folder')
  const file = join(temporary.path, 'file')
  await writeFile(file, 'mine\n')
  await fails(startProduct(['--data-folder', file, '--no-scan', ...freePorts]), new RegExp(file))
  const data = join(temporary.path, 'data')
  await using first = startProduct(['--data-folder', data, '--no-scan', ...freePorts])
  await first.printed(/Everything keeps running/)
  await fails(
    startProduct(['--data-folder', data, '--no-scan', ...freePorts]),
    new RegExp(`${data}[^]*(runs|running|in use)`),
  )
  const { code } = await coreward(data, ['status'])
  assert.equal(code, 0, 'the first one must not be disturbed')
})

test('damaged definitions on a host are told and fetched again', async () => {
  await using temporary = await temporaryFolder('damaged')
  const data = join(temporary.path, 'data')
  const options = ['--data-folder', data, '--no-scan', ...freePorts]
  await using first = startProduct(options)
  await first.printed(/Everything keeps running/)
  const { active } = JSON.parse((await coreward(data, ['--output', 'json', 'definitions', 'show'])).stdout)
  await first.interrupt()
  const stored = join(data, 'agent', 'daemon', 'definitions', 'sets', `${active.sha256}.definitions`)
  const { uid, gid, size } = statSync(stored)
  await writeFile(stored, Buffer.alloc(size, 'x'))
  chownSync(stored, uid, gid)
  await using second = startProduct(options)
  await second.printed(/Everything keeps running/)
  const file = join(temporary.path, 'eicar.com')
  await writeFile(file, eicar())
  const scan = await coreward(data, ['scan', file])
  assert.equal(scan.code, 1, scan.stdout + scan.stderr)
  const { stdout } = await coreward(data, ['events'])
  assert.match(stdout, /definitions\.failed|refused/i)
})

test('an ordinary user gets all of it but the guard, and is told so', {
  skip: cannotBeAnother(),
}, async () => {
  await using temporary = await temporaryFolder('ordinary')
  const home = join(temporary.path, 'home')
  const files = join(temporary.path, 'files')
  await mkdir(home)
  await mkdir(join(files, 'secret'), { recursive: true })
  const user = { uid: 65_534, gid: 65_534 }
  chownSync(home, user.uid, user.gid)
  await writeFile(join(files, 'eicar.com'), eicar(), { mode: 0o644 })
  await writeFile(join(files, 'private.txt'), 'of root\n', { mode: 0o600 })
  await mkdir(join(files, 'closed'), { mode: 0o700 })
  const environment = { HOME: home, XDG_DATA_HOME: '', npm_config_cache: join(home, '.npm') }
  await using product = startProduct([...freePorts, '--scan-path', files], { user, environment })
  await product.printed(/Everything keeps running/)
  const output = product.output()
  assert.match(output, /Started as an ordinary user/)
  assert.match(output, /DETECTED .*eicar\.com: Eicar-Test-Signature \(low\), reported, left in its place/)
  assert.match(output, /UNSCANNED .*private\.txt/)
  assert.doesNotMatch(output, /Coverage +100 %/)
  assert.ok(existsSync(join(files, 'eicar.com')))
  assert.ok(existsSync(join(home, '.local', 'share', 'coreward', 'server', 'coreward.sqlite')))
  assert.deepEqual(await product.processes('guard/main.js'), [])
  assert.equal((await product.processes('scanner/main.js')).length, 1)
  await product.interrupt()
})

/** Why the start as another user is skipped; false when it can be done. */
function cannotBeAnother(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start it as another user'
  for (let folder = repository; folder !== dirname(folder); folder = dirname(folder))
    if ((statSync(folder).mode & 0o005) !== 0o005) return `${folder} is closed to other users`
  return false
}
