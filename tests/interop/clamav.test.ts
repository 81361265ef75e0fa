import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { Scanner } from '@coreward/engine'
import { makeSignatures, type SignatureFile, writeSignatures } from '../../bench/signatures.ts'
import { eicar, tarGzOf, zipOf } from '../fixtures/eicar.ts'

const builtin = join(import.meta.dirname, '../../packages/definitions/builtin')
const testFiles = '/usr/share/clamav-testfiles'
const hasClamscan = spawnSync('clamscan', ['--version']).status === 0
const withoutClamscan = hasClamscan ? false : 'clamscan is not installed'
const withoutTestFiles = existsSync(testFiles) ? withoutClamscan : 'clamav-testfiles is not installed'

/** The one program inside all of ClamAV's test files, by its MD5 and length. */
const testProgram: SignatureFile = {
  name: 'test-program.hdb',
  text: 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n',
}

/** Containers whose type is known by content but whose program may stay unseen: by kind or by compression method. */
const notOpened = [
  'clam.7z',
  'clam.arj',
  'clam.cab',
  'clam.exe.bz2',
  'clam.bz2.zip',
  'clam.d64.zip',
  'clam.impl.zip',
]

/** A temporary folder that is removed when its block ends. */
function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'coreward-interop-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** What stock clamscan says of each path: a signature's name, or nothing when it says OK. Any complaint is an error. */
function clamscan(database: string, paths: readonly string[]): Map<string, string> {
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [`--database=${database}`, '--no-summary', ...paths],
    {
      encoding: 'utf8',
    },
  )
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
  assert.equal(stderr, '')
  const found = [...stdout.matchAll(/^(.*): (\S+?)(?:\.UNOFFICIAL)? FOUND$/gm)]
  return new Map(found.map(([, path = '', signature = '']) => [path, signature]))
}

/** What our engine says of each path: a signature's name, `unscanned REASON`, or `clean`. */
async function coreward(
  files: readonly SignatureFile[],
  paths: readonly string[],
): Promise<Map<string, string>> {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [...files],
  })
  assert.deepEqual(summary.refused, [])
  await using scanner = await Scanner.start({ definitions: bytes, workers: 1 })
  const said = new Map<string, string>()
  for (const path of paths) {
    const fd = openSync(path, 'r')
    const { verdict } = await scanner.scan({ fd }).finally(() => closeSync(fd))
    if (verdict.outcome === 'infected') said.set(path, verdict.detections[0]?.signature ?? '')
    else said.set(path, verdict.outcome === 'clean' ? 'clean' : `unscanned ${verdict.unscanned[0]?.reason}`)
  }
  return said
}

test('stock clamscan accepts every line of the built-in pack, and both find EICAR with it, also in containers', {
  skip: withoutClamscan,
}, async () => {
  using folder = temporaryFolder()
  const set = makeSignatures(builtin, { hashes: 0, patterns: 0 })
  const database = join(folder.path, 'database')
  mkdirSync(database)
  writeSignatures(database, set)
  const paths = ['plain', 'zipped.zip', 'nested.tar.gz'].map((name) => join(folder.path, name))
  const [plain = '', zipped = '', nested = ''] = paths
  writeFileSync(plain, eicar())
  writeFileSync(zipped, zipOf('eicar.com', eicar()))
  writeFileSync(nested, await tarGzOf('inner.zip', zipOf('eicar.com', eicar())))
  const theirs = clamscan(database, paths)
  const ours = await coreward(set.files, paths)
  for (const path of paths) {
    assert.match(theirs.get(path) ?? 'nothing', /eicar/i, path)
    assert.equal(ours.get(path), theirs.get(path), path)
  }
})

test("of ClamAV's test files, the program is found in containers that are opened, and known ones that are not are never clean", {
  skip: withoutTestFiles,
}, async () => {
  using folder = temporaryFolder()
  writeSignatures(folder.path, { files: [testProgram], lines: 1, sha256: '' })
  const paths = readdirSync(testFiles).map((name) => join(testFiles, name))
  const theirs = clamscan(folder.path, paths)
  assert.equal(
    theirs.size,
    paths.length,
    'stock clamscan itself does not find the program in every test file',
  )
  const ours = await coreward([testProgram], paths)
  for (const name of ['clam.exe', 'clam.zip', 'clam.tar.gz', 'clam_cache_emax.tgz']) {
    assert.equal(ours.get(join(testFiles, name)), 'ClamAV-Test-File', name)
  }
  for (const name of notOpened) assert.notEqual(ours.get(join(testFiles, name)), 'clean', name)
})
