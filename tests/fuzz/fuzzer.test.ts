/** The fuzzer's own parts: counters change nothing, changes can be had again, and counts are added once. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { seededRandom } from '../../packages/engine/src/match/random-signatures.fixture.ts'
import { startCoverage } from './coverage.ts'
import { type FuzzTarget, mustHold } from './fuzz-target.ts'
import { instrument } from './instrument.ts'
import { mutate } from './mutate.ts'
import { rowsIn, withRows } from './report.ts'
import { fuzz } from './session.ts'
import { shrink } from './shrink.ts'

const root = join(import.meta.dirname, '../..')

test('counters stand where a branch was taken, and the lines stay as they were', () => {
  const source = [
    '(() => {',
    '  const f = (a: number): string => (a > 1 ? "x" + (a as number) : "none")',
    '  function g(a: number) {',
    '    if (a) return f(a)',
    '    else for (const b of [1, 2]) if (b > a && b > 1) return String(b)',
    '    switch (a) { case 0: return "zero" }',
    '    return a ?? 5',
    '  }',
    '  return [g(0), g(1), g(2)]',
    '})()',
  ].join('\n')
  const { source: counted, counters } = instrument(source, 0)
  assert.equal(counted.split('\n').length, source.split('\n').length)
  const hits = new Uint32Array(counters)
  const run = (text: string) => runInNewContext(stripTypeScriptTypes(text), { __hits: hits }) as string[]
  assert.equal(run(counted).join(), run(source).join())
  assert.ok(hits.some((count) => count > 1) && hits.some((count) => count === 0))
})

test('every module of the engine and of the definitions takes its counters', () => {
  const files = globSync('packages/{engine,definitions}/src/**/*.ts', { cwd: root })
  for (const file of files) {
    const { source } = instrument(readFileSync(join(root, file), 'utf8'), 0)
    assert.doesNotThrow(() => stripTypeScriptTypes(source), file)
  }
  assert.ok(files.length > 100)
})

test('the same seed gives the same changes', () => {
  const changes = (seed: number) => {
    const random = seededRandom(seed)
    const corpus = [Buffer.from('one 17'), Buffer.from('another')]
    const sources = { random, corpus, words: [Buffer.from('word')], longest: 50 }
    return Array.from({ length: 500 }, () => mutate(random.pick(corpus), sources).toString('hex'))
  }
  assert.deepEqual(changes(7), changes(7))
  assert.notDeepEqual(changes(7), changes(8))
  assert.ok(new Set(changes(7)).size > 300)
})

/** Fails for what begins with a magic and states a large length, as a parser with a fault would. */
const faulty: FuzzTarget = {
  name: 'faulty',
  seeds: () => [Buffer.from('nothing')],
  words: ['MAGIC'],
  run(input) {
    const text = Buffer.from(input).toString('latin1')
    mustHold(
      !(text.startsWith('MAGIC') && input.length > 9 && input[9] === 0xff),
      'the length is not believed',
    )
    return text.length
  },
}

test('a fault behind a word of the format is found, and made small', async () => {
  const inputs: Uint8Array[] = []
  const options = { runs: 60_000, seconds: 60, seed: 3 }
  await fuzz(faulty, startCoverage(), undefined, options, {
    onProgress: () => {},
    onFault: (_, input) => inputs.push(Uint8Array.from(input)),
  })
  const [first] = inputs
  assert.ok(first !== undefined)
  assert.equal(Buffer.from(await shrink(faulty, first)).toString('latin1'), 'MAGIC\0\0\0\0\xff')
})

test('counts are added to the rows of the page, and summed up for each target', () => {
  const page = withRows('# Page\n\n## Counts\nold\n', [
    { date: '2026-11-25', target: 'zip', executions: 10, seconds: 1, findings: 1 },
    { date: '2026-11-24', target: 'zip', executions: 5, seconds: 1, findings: 0 },
    { date: '2026-11-25', target: 'line:ndb', executions: 7, seconds: 2, findings: 0 },
  ])
  assert.match(page, /^# Page\n\n## Counts\n/)
  assert.match(page, /\| zip \| 15 \| 1 \|/)
  assert.equal(withRows(page, rowsIn(page)), page)
})
