/**
 * Logical signatures beside the naive ones, on random expressions over random patterns, with windows so small that every
 * border is met. COREWARD_ORACLE_SEEDS is how many seeds are tried; a failure names its seed.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher } from './matcher.ts'
import { naiveLogicalMatch } from './naive-logical.fixture.ts'
import { randomLogical } from './random-logical.fixture.ts'
import { randomContent, seededRandom } from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 200)
const alphabets = ['ab', 'abc \n', 'a1\r\n ', '\0\x01\xff', 'abcdefghijklmnop']

test('the matcher finds exactly the logical signatures that the naive one finds', (context) => {
  let hits = 0
  let misses = 0
  let refusals = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const options = {
      alphabet: random.pick(alphabets),
      leadBytes: 2,
      oddStarts: true,
      farthest: random.pick([3, 20, 60]),
    }
    const signatures = Array.from({ length: 8 }, () => randomLogical(random, options))
    const lines = signatures.map(({ head, patterns }, index) =>
      [
        `S${index}`,
        head,
        ...patterns.map(({ offset, hex, modifiers }) => `${offset}:${hex}${modifiers}`),
      ].join(';'),
    )
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-24T00:00:00Z',
      files: [{ name: 'random.ldb', text: lines.join('\n') }],
    })
    const refused = new Set(summary.refused.map(({ line }) => line - 1))
    refusals += refused.size
    const windowBytes = random.pick([4, 8, 64, 300, 100_000])
    const matcher = createMatcher(openDefinitions(bytes), { windowBytes })
    const examples = signatures.flatMap(({ patterns }) => patterns)
    for (const length of [0, 1, 3, 30, 200, 1000]) {
      const content = randomContent(random, examples, length, options)
      const found = matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name)
      const expected = lines.flatMap((line, index) =>
        !refused.has(index) && naiveLogicalMatch(line, content) ? [`S${index}`] : [],
      )
      const where = `seed ${seed}, window ${windowBytes}, content ${Buffer.from(content).toString('hex')}`
      assert.deepEqual(found, expected, `${where}\n${lines.join('\n')}`)
      hits += expected.length
      misses += signatures.length - refused.size - expected.length
    }
  }
  const figures = `${hits} hits, ${misses} misses and ${refusals} refusals from ${seeds} seeds`
  context.diagnostic(figures)
  assert.ok(hits > seeds && misses > seeds && refusals < seeds, `${figures} are no test`)
})
