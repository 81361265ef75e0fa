/**
 * Regular expressions in logical signatures beside a naive evaluation by V8's RegExp, and beside stock clamscan.
 * COREWARD_ORACLE_SEEDS is how many seeds are tried; a failure names its seed.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanHits, clamscanMissing } from './clamscan.fixture.ts'
import { createMatcher } from './matcher.ts'
import { naiveRegexMatch, randomRegexContent, randomRegexLogical } from './random-regex.fixture.ts'
import { seededRandom } from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 20)

function trial(seed: number, signatures: number) {
  const random = seededRandom(seed)
  const lines = Array.from({ length: signatures }, (_, index) => `S${index};${randomRegexLogical(random)}`)
  const contents = [6, 7, 12, 30, 60, 100].map((length) => randomRegexContent(random, length))
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'random.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  const matcher = createMatcher(openDefinitions(bytes), { workBase: 4_000_000_000 })
  const found = contents.map((content) => {
    const { hits, budgetExceeded } = matcher.match(bytesSource(content), { target: 0 })
    assert.equal(budgetExceeded, false, `seed ${seed}, content ${content.toString('hex')}`)
    return hits.map(({ name }) => name)
  })
  return { lines, contents, found }
}

test('regular expressions are found exactly where the naive evaluation finds them', (context) => {
  let hits = 0
  let misses = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { lines, contents, found } = trial(seed, 40)
    contents.forEach((content, index) => {
      for (const line of lines) {
        const [name = '', ...rest] = line.split(';')
        const expected = naiveRegexMatch(rest.join(';'), content)
        const where = `seed ${seed}, content ${content.toString('hex')}: ${line}`
        assert.equal(found[index]?.includes(name), expected, where)
        if (expected) hits += 1
        else misses += 1
      }
    })
  }
  context.diagnostic(`${hits} hits and ${misses} misses from ${seeds} seeds`)
  assert.ok(hits > 10 * seeds && misses > 10 * seeds, 'found so little that this is no test')
})

test('regular expressions are found as stock clamscan finds them', { skip: clamscanMissing }, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-regex-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const different: string[] = []
  let both = 0
  for (let seed = 1; seed <= Math.ceil(seeds / 5); seed += 1) {
    const { lines, contents, found } = trial(10_000 + seed, 120)
    const stock = clamscanHits(lines, contents, join(folder, `${seed}`), 'ldb')
    contents.forEach((content, index) => {
      for (const line of lines) {
        // One byte before the content is -1 there, which means any place.
        if (line.includes(`EOF-${content.length + 1}`)) continue
        const name = line.slice(0, line.indexOf(';'))
        const [ours, theirs] = [found[index]?.includes(name), stock[index]?.includes(name)]
        if (ours && theirs) both += 1
        if (ours === theirs) continue
        different.push(
          `seed ${seed}, by ${theirs ? 'stock' : 'the matcher'} alone in ${content.toString('hex')}: ${line}`,
        )
      }
    })
  }
  context.diagnostic(`${both} found by both, ${different.length} different`)
  assert.ok(both > seeds, 'stock found so little that this is no test')
  assert.deepEqual(different, [])
})
