import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import type { CompiledSet } from '../definitions/definitions.ts'
import { definitionsSource } from './sources.ts'
import { testSet } from './test-set.ts'

const harmless = '#!/bin/sh\necho "nothing to see"\n'
const setOf = (line: string): string => {
  const { bytes } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T10:00:00.000Z',
    files: [{ name: 'test.hdb', text: `${line}\n` }],
  })
  const path = join(place, 'set')
  writeFileSync(path, bytes)
  return path
}

/** A set that sigtool 1.4.6 built of a .hdb and a .ndb file: header, and the body in base64. */
const setHeader =
  'ClamAV-VDB:25 Nov 2026 12-43 +0000:7:2:216:8f93a59a24deee8ce430df7f0a7157a6:X:me:1795610580'
const setBody = [
  'H4sIAAAAAAACA+2WPWscQQyGXftXXB1zh6TRx4y6xMHBjZPCGKdc7czgg/Masot/v4ukzAUC4Q6cfUoVekHiEbr++u377d2X',
  'i3OA8Ps6AIrRxcoJOOzHNs3tcp3E/8nS5mW3n/rLGbIT2RH/iVXX3ZyC68Pw/PFh+/D5k5Ns7l5eNwSkG6Qtp80VAICbkxOq',
  'P/qjPzdHK6IIkuFyafOye6rhwq51SJRbb2OlZMSAkFkBAzs2zqZYBDnXgTENhpBrty6aUiQTIPzZbKrhQp5hCKCRx46lDEkS',
  'UckpIqkgc+6tUeuFI1EvJDaWqAyRgpUyUPB6zv7K/6ca58g+5jgA0bHfYOXfMgwoMXa2XFGl9UqgggVasKUYw4XZfx2J+zYv',
  '25v9Yf0W3pn/05n85z/4z+tuTsF9m5fd7TS1Hw7+wRUJjI1UVAjMtBhrJtBRRdFUxdJq/zviDYEi5rQAEAAA',
].join('')
const signatureSet = Buffer.concat([Buffer.from(setHeader.padEnd(512)), Buffer.from(setBody, 'base64')])

let place: string
before(() => {
  place = mkdtempSync(join(tmpdir(), 'coreward-sources-'))
})
after(() => rmSync(place, { recursive: true }))

const sourceOf = (folder?: string) =>
  definitionsSource({
    folder,
    output: join(place, 'compiled'),
    formerSets: { file: join(place, 'former-sets'), program: 'test' },
  })
const compile = async (folder?: string) =>
  (await sourceOf(folder)).compile('2026.11.24.1', '2026-11-24T10:00:00.000Z')
const bytesOf = ({ content }: CompiledSet) => ('file' in content ? readFileSync(content.file) : content.bytes)

test('the built-in set compiles, passes its test and is the same for the same version', async () => {
  const source = await sourceOf()
  assert.match(source.sha256, /^[0-9a-f]{64}$/)
  assert.equal((await sourceOf()).sha256, source.sha256)
  const set = await source.compile('2026.11.24.1', '2026-11-24T10:00:00.000Z')
  const bytes = bytesOf(set)
  assert.equal(openDefinitions(bytes).version, '2026.11.24.1')
  const sum = Object.values(set.account.counts).reduce((total, count) => total + count, 0)
  assert.ok(sum > 10, `${sum} signatures`)
  assert.deepEqual(set.account.refused, [])
  assert.deepEqual(bytesOf(await compile()), bytes)
})

test('an administrator’s own signatures are in the set, and lines that are none are refused by file and line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-signatures-'))
  try {
    const name = 'own.ndb'
    writeFileSync(
      join(folder, name),
      `Own.Marker:0:*:${Buffer.from('a marker of ours').toString('hex')}\nnot a signature\n`,
    )
    writeFileSync(join(folder, 'notes.txt'), 'no signatures\n')
    writeFileSync(join(folder, '.hidden.ndb'), 'ignored\n')
    const source = await sourceOf(folder)
    assert.notEqual(source.sha256, (await sourceOf()).sha256)
    assert.match(source.name, /^built in, and /)
    const compiled = await source.compile('1', '2026-11-24T10:00:00.000Z')
    const set = openDefinitions(bytesOf(compiled))
    assert.equal(set.signature(set.signatureCount - 1).name, 'Own.Marker')
    assert.deepEqual(
      compiled.account.refused.map(({ file, line }) => [file, line]),
      [
        ['notes.txt', 0],
        [name, 2],
      ],
    )
    writeFileSync(join(folder, name), `Own.Other:0:*:${Buffer.from('a marker of ours').toString('hex')}\n`)
    assert.notEqual((await sourceOf(folder)).sha256, source.sha256)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is new in a set since the ones before is compiled beside it, unless less is allowed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-signatures-'))
  const line = (name: string) => `Own.${name}:0:*:${Buffer.from(`a marker for ${name}`).toString('hex')}\n`
  const allowed = `${'0'.repeat(32)}:10:Allowed\n`
  const make = async (version: string, names: string, fp: string) => {
    writeFileSync(join(folder, 'own.ndb'), [...names].map(line).join(''))
    writeFileSync(join(folder, 'own.fp'), fp)
    const compiled = await (await sourceOf(folder)).compile(version, '2026-11-24T10:00:00.000Z')
    const sha256 = createHash('sha256').update(bytesOf(compiled)).digest('hex')
    const additions = (compiled.additions ?? []).map(({ since, content }) => {
      const set = openDefinitions('file' in content ? readFileSync(content.file) : content.bytes)
      return [since, Array.from({ length: set.signatureCount }, (_, id) => set.signature(id).name)]
    })
    return { sha256, additions }
  }
  rmSync(join(place, 'former-sets'), { force: true })
  try {
    const first = await make('one', 'A', allowed)
    const second = await make('two', 'AB', allowed)
    assert.deepEqual(second.additions.at(-1), [[first.sha256], ['Own.B']])
    const third = await make('three', 'BC', allowed)
    assert.deepEqual(third.additions.slice(-2), [
      [
        [first.sha256, second.sha256],
        ['Own.B', 'Own.C'],
      ],
      [[second.sha256], ['Own.C']],
    ])
    assert.deepEqual((await make('four', 'BC', '')).additions, [])
    writeFileSync(join(place, 'former-sets'), 'spoilt')
    assert.deepEqual((await make('five', 'BCD', '')).additions, [])
    assert.equal((await make('six', 'BCDE', '')).additions.length, 1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("ClamAV's sets in the folder are opened", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-signatures-'))
  try {
    writeFileSync(join(folder, 'test.cud'), signatureSet)
    writeFileSync(join(folder, 'cut.cvd'), signatureSet.subarray(0, 600))
    const compiled = await compile(folder)
    const set = openDefinitions(bytesOf(compiled))
    assert.equal(set.signature(set.signatureCount - 1).name, 'Test.Inner')
    assert.deepEqual(
      compiled.account.refused.map(({ file, line }) => [file, line]),
      [['cut.cvd', 0]],
    )
    assert.deepEqual(
      compiled.account.sets.map(({ file, outcome, version, builtAt }) => [
        file,
        outcome,
        version,
        builtAt !== null,
      ]),
      [
        ['cut.cvd', 'refused', null, false],
        ['test.cud', 'unverified', 7, true],
      ],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a folder of signatures that is not there is named with the remedy', async () => {
  await assert.rejects(sourceOf('/nowhere/signatures'), {
    code: 'file-unreadable',
    message: /\/nowhere\/signatures cannot be read: .*--signatures/,
  })
})

test('a set that misses the EICAR test file, or finds something in a harmless script, is refused', async () => {
  const blind = setOf(`${'0'.repeat(32)}:7:Test.Nothing`)
  await assert.rejects(testSet(blind), {
    code: 'definitions-refused',
    message: /the EICAR test file is clean, a harmless script is clean\./,
  })
  const md5 = createHash('md5').update(harmless).digest('hex')
  await assert.rejects(testSet(setOf(`${md5}:${harmless.length}:Test.Wrong`)), {
    code: 'definitions-refused',
    message: /the EICAR test file is clean, a harmless script is infected\./,
  })
})

test('a compiler that comes to an end by itself is told as such, and what it refuses with its code', async () => {
  const nowhere = await definitionsSource({
    folder: undefined,
    output: join(place, 'nowhere', 'compiled'),
    formerSets: { file: join(place, 'nowhere', 'former-sets'), program: 'test' },
  })
  await assert.rejects(nowhere.compile('1', '2026-11-24T10:00:00.000Z'), {
    code: 'definitions-refused',
    message: /process that compiles definitions failed: ENOENT/,
  })
})
