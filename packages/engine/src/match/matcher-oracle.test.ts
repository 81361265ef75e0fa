/**
 * The matcher beside the naive one, on random signatures and contents, with windows so small that every border is met.
 * COREWARD_ORACLE_SEEDS is how many seeds are tried; a failure names its seed.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher } from './matcher.ts'
import { naiveMatch } from './naive.fixture.ts'
import { randomContent, randomSignature, seededRandom } from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 300)
const alphabets = ['ab', 'abc \n', 'a1\r\n ', '\0\x01\xff', 'abcdefghijklmnop']

test('the matcher finds exactly what the naive matcher finds, wherever window borders fall', (context) => {
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
    const signatures = Array.from({ length: 12 }, () => randomSignature(random, options))
    const text = signatures.map(({ offset, hex }, index) => `S${index}:0:${offset}:${hex}`).join('\n')
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-24T00:00:00Z',
      files: [{ name: 'random.ndb', text }],
    })
    const refused = new Set(summary.refused.map(({ line }) => line - 1))
    refusals += refused.size
    const windowBytes = random.pick([4, 8, 64, 300, 100_000])
    const matcher = createMatcher(openDefinitions(bytes), { windowBytes })
    for (const length of [0, 1, 3, 30, 200, 500, 2000]) {
      const content = randomContent(random, signatures, length, options)
      const found = matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name)
      const expected = signatures.flatMap(({ offset, hex }, index) =>
        !refused.has(index) && naiveMatch(offset, hex, content) ? [`S${index}`] : [],
      )
      assert.deepEqual(
        found,
        expected,
        `seed ${seed}, window ${windowBytes}, content ${Buffer.from(content).toString('hex')}\n${text}`,
      )
      hits += expected.length
      misses += signatures.length - refused.size - expected.length
    }
  }
  const figures = `${hits} hits, ${misses} misses and ${refusals} refusals from ${seeds} seeds`
  context.diagnostic(figures)
  assert.ok(hits > seeds && misses > seeds && refusals < seeds, `${figures} are no test`)
})
