import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from './compile.ts'
import { isLaterPattern, pattern, patternSub } from './layout.ts'
import { openDefinitions } from './open.ts'

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const RARE = hex('q7#zK!vj0x@Wm%')
const RARER = hex('q7#zK!vj0x@Wm%q7#zK!vj0x@Wm%')
const COMMON = hex('function')

/** Which sub-signatures are looked for in every content. */
function first(expression: string, ...subs: readonly string[]): string {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ldb', text: `S;Engine:81-255,Target:0;${expression};${subs.join(';')}` }],
  })
  assert.deepEqual(summary.refused, [])
  const { patterns, patternCount } = openDefinitions(bytes).patternTables
  const packed = Array.from(
    { length: patternCount },
    (_, index) => patterns[index * pattern.words + pattern.packed] as number,
  )
  return packed
    .filter((word) => !isLaterPattern(word))
    .map(patternSub)
    .join()
}

test('of what must all be found the rarest is looked for', () => {
  assert.equal(first('0&1&2', COMMON, RARE, RARER), '2')
  assert.equal(first('0&1', RARE, COMMON), '0')
  assert.equal(first('0&1', COMMON, `0:${COMMON}`), '1', 'at a place of its own it is rarer')
  assert.equal(first('0&1', RARE.slice(0, 8), RARE), '1', 'short ones cost more to look for')
  assert.equal(first('0&1', COMMON, `${COMMON}*${RARE}`), '1', 'the rarest part counts')
})

test('of what may be found instead of one another all is looked for, unless something rarer is asked for too', () => {
  assert.equal(first('0|1|2', COMMON, RARE, RARER), '0,1,2')
  assert.equal(first('(0|1)&2', COMMON, RARE, RARER), '2')
  assert.equal(first('(0|1)&2', RARE, RARER, COMMON), '0,1')
  assert.equal(first('(0|1|2)>1,2', COMMON, RARE, RARER), '0,1,2')
  assert.equal(first('(0&1)>2', COMMON, RARE), '1')
})

test('what may hold of nothing is no reason to look later', () => {
  assert.equal(first('0=0&1=0', COMMON, RARE), '0,1')
  assert.equal(first('0|1=0', COMMON, RARE), '0,1')
  assert.equal(first('0&1<2', COMMON, RARE), '0')
  assert.equal(first('0&1=0', COMMON, RARER), '0')
  assert.equal(first('0=2&1', RARE, COMMON), '0')
  assert.equal(first('(0|1)=0|2', RARE, RARER, COMMON), '0,1,2')
  assert.equal(first('(0&1)<3', RARE, RARER), '0,1')
})

test('a condition is asked for no more often than what triggers it', () => {
  assert.equal(first('2', COMMON, RARE, '0&1/abc/'), '1')
  assert.equal(first('1', RARE, '0(>>4#hle2#>10)'), '0')
  assert.equal(first('1&2', COMMON, '0=0/abc/', RARE), '2')
  assert.equal(first('1|2', COMMON, '0=0/abc/', RARE), '0,2')
})
