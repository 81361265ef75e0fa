import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { numberIn } from './byte-comparison.ts'
import { clamscanHits, clamscanMissing } from './clamscan.fixture.ts'
import { createMatcher, type Matcher } from './matcher.ts'
import { randomBytesContent, randomBytesLogical } from './random-bytes.fixture.ts'
import { seededRandom } from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 3)

function matcherOf(lines: readonly string[]): Matcher {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'a.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  return createMatcher(openDefinitions(bytes))
}

const namesIn = (matcher: Matcher, content: Uint8Array) =>
  matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name)

test('numbers are read from text and from memory', () => {
  const read = (text: string, kind: 'hex' | 'decimal' | 'auto' | 'raw', little = false, exact = false) =>
    numberIn(Buffer.from(text, 'latin1'), { kind, little, exact })
  assert.equal(read('12ab', 'decimal'), 12n)
  assert.equal(read('12ab', 'decimal', false, true), undefined)
  assert.equal(read(' -12', 'decimal'), -12n)
  assert.equal(read('none', 'decimal'), 0n)
  assert.equal(read('none', 'decimal', false, true), undefined)
  assert.equal(read('99999999999999999999', 'decimal'), undefined)
  assert.equal(read('0x1f', 'hex'), 31n)
  assert.equal(read('1fz', 'hex'), 31n)
  assert.equal(read('1f2e', 'hex', true), 0x2e1fn)
  assert.equal(read('123', 'hex', true), 0x2301n)
  assert.equal(read('0x12', 'auto'), 18n)
  assert.equal(read('12..', 'auto'), 12n)
  assert.equal(read('12..', 'auto', true), undefined)
  assert.equal(read('\x01\x02', 'raw'), 0x0102n)
  assert.equal(read('\x01\x02', 'raw', true), 0x0201n)
  assert.equal(read('\xff\xff\xff\xff', 'raw'), 0xffffffffn)
  assert.equal(read('\xff'.repeat(8), 'raw'), -1n)
})

test('bytes near the last match are compared, however often the pattern was found', () => {
  const abc = Buffer.from('abc').toString('hex')
  const long = Buffer.from(`${'abc11.'.repeat(100_000)}abc12.`)
  const lines = ['>>3#d2#=12', '>>3#d2#=11', '>>3#d2#>10,<13', '<<3#d2#=11'].map(
    (text, index) => `S${index};Engine:81-255,Target:0;0>1&1;${abc};0(${text})`,
  )
  assert.deepEqual(namesIn(matcherOf(lines), long), ['S0', 'S2', 'S3'])
  assert.deepEqual(namesIn(matcherOf(lines), Buffer.from('abc12.')), [])
})

test('a pattern in pieces counts from where it begins', () => {
  const pieces = `${Buffer.from('abc').toString('hex')}*${Buffer.from('xyz').toString('hex')}`
  const matcher = matcherOf([`S0;Engine:81-255,Target:0;0&1;${pieces};0(>>0#ib1#=0x61)`])
  assert.deepEqual(namesIn(matcher, Buffer.from('..abc.xyz..')), ['S0'])
})

test('comparisons of bytes hold where they hold in stock clamscan', { skip: clamscanMissing }, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-bytes-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const different: string[] = []
  let both = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const lines = Array.from({ length: 200 }, (_, index) => `S${index};${randomBytesLogical(random)}`)
    const contents = Array.from({ length: 20 }, () => randomBytesContent(random))
    const matcher = matcherOf(lines)
    const stock = clamscanHits(lines, contents, join(folder, `${seed}`), 'ldb')
    contents.forEach((content, index) => {
      const ours = new Set(namesIn(matcher, content))
      const theirs = new Set(stock[index])
      both += ours.intersection(theirs).size
      for (const name of ours.symmetricDifference(theirs)) {
        const line = lines[Number(name.slice(1))]
        const who = theirs.has(name) ? 'stock' : 'the matcher'
        different.push(
          `seed ${seed}, by ${who} alone in ${JSON.stringify(content.toString('latin1'))}: ${line}`,
        )
      }
    })
  }
  context.diagnostic(`${both} found by both, ${different.length} different`)
  assert.ok(both > 100 * seeds, 'stock found so little that this is no test')
  assert.deepEqual(different, [])
})
