import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const main = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'coreward-clamscan-main-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'bad.ndb'), `Test.Bad:0:*:${Buffer.from('badness').toString('hex')}\n`)

function run(args: readonly string[], options: { cwd?: string; uid?: number; gid?: number } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, '--no-summary', '-d', join(folder, 'bad.ndb'), ...args],
    { cwd: folder, encoding: 'utf8', ...options },
  )
  return { code: status, stdout, stderr }
}

test('an option that is not supported is named, and nothing is scanned', () => {
  const { code, stdout, stderr } = run(['--detect-structured', 'bad.ndb'])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.match(stderr, /^ERROR: the option --detect-structured is not supported/)
  assert.equal(run(['--detect-structured=no', '--scan-pe=yes', 'bad.ndb']).code, 0)
})

test('signatures of unwanted programs are taken when they are asked for, by category', () => {
  writeFileSync(join(folder, 'unwanted.ndu'), 'PUA.Win.Tool.Marker:0:*:756e77616e746564\n')
  writeFileSync(join(folder, 'tool'), 'here is an unwanted marker')
  const scan = (...args: string[]) => run(['-d', join(folder, 'unwanted.ndu'), ...args, 'tool'])
  assert.match(scan('--detect-pua').stdout, /tool: PUA\.Win\.Tool\.Marker/)
  assert.match(scan('--detect-pua', '--include-pua=Tool').stdout, / FOUND$/m)
  for (const args of [
    [],
    ['--detect-pua', '--exclude-pua=Tool'],
    ['--detect-pua', '--include-pua=Packer'],
    ['--include-pua=Tool'],
  ]) {
    assert.match(scan(...args).stdout, /tool: OK/)
  }
  assert.match(scan('--include-pua=A', '--exclude-pua=B').stderr, /exclude each other/)
})

test('the program that is installed answers with the same exit codes', () => {
  const program = join(import.meta.dirname, '../../bin/coreward-clamscan.mjs')
  for (const [input, code] of [
    ['fine', 0],
    ['badness', 1],
  ] as const) {
    const { status } = spawnSync(process.execPath, [program, '-d', 'bad.ndb', '-'], { cwd: folder, input })
    assert.equal(status, code)
  }
  assert.equal(spawnSync(process.execPath, [program, '-d', 'missing', '-'], { cwd: folder }).status, 2)
})

test('a name with a line break in it cannot forge a line', () => {
  mkdirSync(join(folder, 'names'))
  writeFileSync(join(folder, 'names', 'a\nb: OK'), 'badness')
  assert.equal(run(['names']).stdout, 'names/a\\u{a}b: OK: Test.Bad.UNOFFICIAL FOUND\n')
})

test('a name that is not UTF-8 is scanned and printed byte by byte', () => {
  const path = Buffer.concat([Buffer.from(join(folder, 'bytes/')), Buffer.of(0x61, 0xff)])
  mkdirSync(join(folder, 'bytes'))
  writeFileSync(path, 'badness')
  const { stdout } = spawnSync(process.execPath, [main, '--no-summary', '-d', 'bad.ndb', 'bytes'], {
    cwd: folder,
  })
  assert.equal(stdout.toString('latin1'), 'bytes/a\xff: Test.Bad.UNOFFICIAL FOUND\n')
})

test('a circle of links is entered once', () => {
  mkdirSync(join(folder, 'circle'))
  writeFileSync(join(folder, 'circle/file'), 'fine')
  symlinkSync('..', join(folder, 'circle/up'))
  const { code, stdout } = run([
    '-r',
    '--follow-dir-symlinks=2',
    '--exclude-dir=names',
    '--exclude-dir=bytes',
    'circle',
  ])
  assert.equal(code, 0)
  assert.match(stdout, /^circle\/up\/circle\/up: Symbolic link$|^circle\/up\/bad\.ndb: OK$/m)
  assert.ok(stdout.split('\n').length < 12, stdout)
})

test('a dangling link that was named is told and ends with 2', () => {
  symlinkSync('nowhere', join(folder, 'dangling'))
  assert.deepEqual(run(['dangling']), {
    code: 2,
    stdout: '',
    stderr: "dangling: No such file or directory\nWARNING: dangling: Can't access file\n",
  })
  assert.equal(run(['--as-stock', 'dangling']).code, 0)
})

test('an infected file that cannot be put away is told and ends with 2', {
  skip: process.getuid?.() === 0 && !readableByOthers() && 'the checkout cannot be read by another user',
}, () => {
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'locked'))
  mkdirSync(join(folder, 'kept'))
  chmodSync(join(folder, 'kept'), 0o777)
  writeFileSync(join(folder, 'locked/bad'), 'badness')
  chmodSync(join(folder, 'locked'), 0o555)
  for (const order of ['--remove', '--move=kept']) {
    const { code, stdout, stderr } = run([order, 'locked/bad'], user)
    assert.equal(code, 2)
    assert.equal(stdout, 'locked/bad: Test.Bad.UNOFFICIAL FOUND\n')
    assert.match(stderr, /^ERROR: Can't (?:remove|move) file 'locked\/bad' \(real path: '\/.*'\): /)
  }
  assert.deepEqual(readdirSync(join(folder, 'locked')), ['bad'])
  assert.deepEqual(readdirSync(join(folder, 'kept')), [])
  chmodSync(join(folder, 'locked'), 0o755)
  assert.equal(run(['--move=missing', 'locked/bad']).code, 2)
})

function readableByOthers(): boolean {
  return spawnSync(process.execPath, [main, '--version'], { cwd: '/', uid: 65534, gid: 65534 }).status === 0
}

test('signatures that somebody tries out may match what is harmless', () => {
  writeFileSync(join(folder, 'short.ndb'), 'Test.Short:0:*:616263\n')
  writeFileSync(join(folder, 'letters'), 'xabcx')
  const { code, stdout } = run(['-d', join(folder, 'short.ndb'), 'letters'])
  assert.deepEqual([code, stdout], [1, 'letters: Test.Short.UNOFFICIAL FOUND\n'])
})

test('when no signature is left, each line that was refused is told on a line of its own', () => {
  writeFileSync(join(folder, 'none.ndb'), 'Test.None:0:*:61\nTest.Other:0:*:62\n')
  const program = [main, '--no-summary', '-d', 'none.ndb', 'letters']
  const { status, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /^ERROR: none.ndb:1: refused: .*\nERROR: none.ndb:2: refused: .*\nERROR: there is no/)
})
