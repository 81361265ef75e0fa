/**
 * Macros, beside the signature that the manual calls equivalent, and beside stock clamscan where that finds any: it
 * evaluates a macro only when the sub-signature before it is found once more behind.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanMissing } from './clamscan.fixture.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { seededRandom } from './random-signatures.fixture.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')
const macro = (range: string, group: number) => `$\{${range}}${group}$`
const head = 'Engine:51-255,Target:0'

const ldb = [
  `S0;${head};0&1;${hex('aaa')};${macro('6-7', 12)}`,
  `S1;${head};0|1;${hex('aaa')}{3-4}${hex('bbb')};${hex('aaa')}{3-4}${hex('ccc')}`,
  `S2;${head};1;${hex('aaa')};${macro('3-20', 12)}`,
  `S3;${head};0|1;${hex('aaa')}{0-17}${hex('bbb')};${hex('aaa')}{0-17}${hex('ccc')}`,
  `S4;${head};0&1;${hex('AAA')}::i;${macro('6-7', 30)}`,
]
const ndb = [`D1:0:$12:${hex('bbb')}`, `D2:0:$12:${hex('ccc')}`, `D3:0:$30:${hex('bb')}*${hex('bdb')}`]

const matcher = matcherOfMacros()

function matcherOfMacros(): Matcher {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [
      { name: 'a.ldb', text: ldb.join('\n') },
      { name: 'a.ndb', text: ndb.join('\n') },
    ],
  })
  assert.deepEqual(summary.refused, [])
  return createMatcher(openDefinitions(bytes))
}

function namesIn(content: Uint8Array): string[] {
  return matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name)
}

test('a macro is one of its group at a distance from the beginning of the sub-signature before', () => {
  const found = (text: string) => namesIn(Buffer.from(text)).join(' ')
  assert.equal(found('aaa...bbb'), 'S0 S1 S2 S3')
  assert.equal(found('aaa....ccc'), 'S0 S1 S2 S3')
  assert.equal(found('aaa.....ccc'), 'S2 S3')
  assert.equal(found('aaa..ccc'), 'S2 S3')
  assert.equal(found('bbb...aaa'), '')
  assert.equal(found('aaa...bbd'), '')
  assert.equal(found('AaA...bb.....bdb'), 'S4')
})

test('macros and what they stand for are found in the same contents, and all that stock clamscan finds', {
  skip: clamscanMissing,
}, (context) => {
  const random = seededRandom(7)
  const pieces = ['aaa', 'bbb', 'ccc', '.', '..', '...', '....']
  const contents = Array.from({ length: 200 }, () =>
    Buffer.from(
      Array.from({ length: 3 + random.whole(6) }, () => random.pick(pieces))
        .join('')
        .padEnd(8, '.'),
    ),
  )
  const folder = mkdtempSync(join(tmpdir(), 'coreward-macros-'))
  context.after(() => rmSync(folder, { recursive: true }))
  for (const name of ['set', 'contents']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'set', 'a.ldb'), `${ldb.slice(0, 4).join('\n')}\n`)
  writeFileSync(join(folder, 'set', 'a.ndb'), `${ndb.join('\n')}\n`)
  contents.forEach((content, index) => {
    writeFileSync(join(folder, 'contents', `${index}`), content)
  })
  const options = ['--allmatch', '--no-summary', '--normalize=no', join(folder, 'contents')]
  const { stdout } = spawnSync('clamscan', [`--database=${join(folder, 'set')}`, ...options], {
    encoding: 'utf8',
  })
  let macros = 0
  contents.forEach((content, index) => {
    const ours = namesIn(content)
    const where = content.toString()
    assert.equal(ours.includes('S0'), ours.includes('S1'), where)
    assert.equal(ours.includes('S2'), ours.includes('S3'), where)
    for (const [, name = ''] of stdout.matchAll(new RegExp(`/${index}: (S\\d).UNOFFICIAL FOUND$`, 'gm'))) {
      assert.ok(ours.includes(name), `${name} by stock alone in ${where}`)
      if (name === 'S0' || name === 'S2') macros += 1
    }
  })
  assert.ok(macros > 10, `stock found ${macros} macros, which is no test`)
})
