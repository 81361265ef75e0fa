import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { defaultDataFolder } from '@coreward/host'
import { type Config, readConfig, usage } from './config.ts'

let folder = ''
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-config-')))
})
after(() => rmSync(folder, { recursive: true }))

test('without arguments the daemon works alone on the default folder', () => {
  const config = read([])
  assert.equal(config.paths.data, defaultDataFolder())
  assert.equal(config.guard, false)
  assert.deepEqual(
    [config.user, config.serverUrl, config.token, config.logLevel],
    [undefined, undefined, undefined, 'info'],
  )
  assert.deepEqual([config.quickPaths, config.degradations], [[], []])
})

test('every argument arrives where it belongs', () => {
  const config = read([
    ...['--data-folder', folder, '--guard', '--uid', '990', '--gid', '991', '--log-level', 'debug'],
    ...['--quick-path', '/srv/a', '--quick-path', 'b', '--degraded', 'x', '--degraded', 'y'],
    ...['--server', 'https://server.test:8443'],
  ])
  assert.equal(config.paths.data, folder)
  assert.equal(config.guard, true)
  assert.deepEqual(config.user, { uid: 990, gid: 991 })
  assert.deepEqual(config.quickPaths, ['/srv/a', resolve('b')])
  assert.deepEqual(config.degradations, ['x', 'y'])
  assert.equal(config.serverUrl, 'https://server.test:8443')
  assert.equal(config.logLevel, 'debug')
})

test('a data folder behind a link is taken by its real path, also before it exists', () => {
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  assert.equal(read(['--data-folder', join(folder, 'link')]).paths.data, join(folder, 'real'))
  assert.equal(read(['--data-folder', join(folder, 'link/a/b')]).paths.data, join(folder, 'real/a/b'))
})

test('a bad argument is named together with its remedy', () => {
  const bad: [string[], RegExp][] = [
    [['--nonsense'], /--nonsense.*; --help tells/],
    [['something'], /something.*; --help tells/],
    [['--server'], /--server.*; --help tells/],
    [['--log-level', 'loud'], /--log-level loud .*give debug, info/],
    [['--uid', '5'], /--uid and --gid go together/],
    [['--uid', '0', '--gid', '0'], /whole numbers above 0/],
    [['--uid', '5x', '--gid', '5'], /whole numbers above 0/],
    [['--server', 'server.test'], /--server server\.test .*https:\/\/HOST:8443/],
    [['--server', 'http://server.test'], /--server http:.*https:\/\/HOST:8443/],
    [['--token-file', join(folder, 'none')], /--token-file .*none cannot be read.*name a file/],
    [['--data-folder', ''], /--data-folder is empty; name/],
  ]
  for (const [args, text] of bad) assert.throws(() => readConfig(args, {}), text, args.join(' '))
})

test('the token is taken out of the environment, whatever else is wrong', () => {
  const env = { COREWARD_ENROLLMENT_TOKEN: ' cw1.a\n', OTHER: 'x' }
  assert.equal(read([], env).token, 'cw1.a')
  assert.deepEqual(env, { OTHER: 'x' })
  const again = { COREWARD_ENROLLMENT_TOKEN: 'cw1.a' }
  assert.throws(() => readConfig(['--nonsense'], again))
  assert.deepEqual(again, {})
})

test('a token file goes before the environment, and no token is an argument', () => {
  writeFileSync(join(folder, 'token'), 'cw1.file\n')
  const env = { COREWARD_ENROLLMENT_TOKEN: 'cw1.environment' }
  assert.equal(read(['--token-file', join(folder, 'token')], env).token, 'cw1.file')
  assert.deepEqual(env, {})
  assert.throws(() => readConfig(['--token', 'cw1.a'], {}), /--token/)
})

test('the daemon itself says what is wrong and ends with 2, and helps with 0', () => {
  const main = join(import.meta.dirname, 'main.ts')
  const bad = spawnSync(process.execPath, [main, '--nonsense'], { encoding: 'utf8' })
  assert.equal(bad.status, 2)
  assert.match(bad.stderr, /^coreward daemon: .*--nonsense.*\n$/)
  const help = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' })
  assert.equal(help.status, 0)
  assert.equal(help.stdout, usage)
})

function read(args: string[], env: NodeJS.ProcessEnv = {}): Config {
  const config = readConfig(args, env)
  assert.ok(config !== 'help')
  return config
}
