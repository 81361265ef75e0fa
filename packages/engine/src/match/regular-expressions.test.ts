import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { createMatcher, type Matcher, type MatcherOptions } from './matcher.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')
const head = 'Engine:81-255,Target:0'
const abc = hex('abc')

function matcherOf(lines: readonly string[], options?: MatcherOptions): Matcher {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'a.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  return createMatcher(openDefinitions(bytes), options)
}

function hitsOf(matcher: Matcher, content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  return matcher
    .match(bytesSource(bytes), { target: 0 })
    .hits.map(({ name }) => name)
    .join(' ')
}

/** Signatures `abc` and one expression, found when the expression is. */
const each = (expressions: readonly string[]) =>
  matcherOf(expressions.map((text, index) => `S${index};${head};0&1;${abc};${text}`))

test('without an offset an expression is found anywhere, once its trigger holds', () => {
  const matcher = each([
    '0/foo/',
    '0=2/foo/',
    '0/^foo/',
    '0/^foo/m',
    '0/FOO/i',
    '0/f.o/',
    '0/f.o/s',
    '0/f o o/x',
  ])
  assert.equal(hitsOf(matcher, 'foo.abc'), 'S0 S2 S3 S4 S5 S6 S7')
  assert.equal(hitsOf(matcher, 'abc\nfoo'), 'S0 S3 S4 S5 S6 S7')
  assert.equal(hitsOf(matcher, 'abcabc\xfff\noo f\no'), 'S6')
  assert.equal(hitsOf(matcher, 'foo'), '')
  assert.equal(hitsOf(matcher, 'abcabcfoo'), 'S0 S1 S4 S5 S6 S7')
})

test('an offset hides what is before it, and says where a match begins', () => {
  const matcher = each([
    '3:0/foo/',
    '3:0/foo/r',
    '3,2:0/foo/',
    '3,4:0/foo/e',
    '3:0/^foo/',
    '3:0/(?<=c)foo/',
    'EOF-3:0/foo/',
  ])
  assert.equal(hitsOf(matcher, 'abcfoo'), 'S0 S1 S2 S3 S4 S6')
  assert.equal(hitsOf(matcher, 'abc.foo.'), 'S1 S2 S3')
  assert.equal(hitsOf(matcher, 'abc..foo'), 'S1 S2 S6')
  assert.equal(hitsOf(matcher, 'abc...foo..'), 'S1')
  assert.equal(hitsOf(matcher, 'foo.abc'), '')
  assert.equal(hitsOf(each(['1000:0/$/', 'EOF-1000:0/$/']), 'abc.foo'), '')
})

test('with the flag g all matches count, without it the first', () => {
  const counts = [0, 1, 2, 3, 4]
  const counted = (expression: string) =>
    matcherOf(counts.map((count) => `N${count};${head};0&1=${count};${abc};${expression}`))
  assert.equal(hitsOf(counted('0/aa/g'), 'abcaaaaa'), 'N2')
  assert.equal(hitsOf(counted('0/aa/'), 'abcaaaaa'), 'N1')
  assert.equal(hitsOf(counted('0/aa/g'), 'abc'), 'N0')
  assert.equal(hitsOf(counted('3:0/fo/g'), 'abcfofo.fo'), 'N2')
  assert.equal(hitsOf(counted('3:0/fo/gr'), 'abcfofo.fo'), 'N3')
  assert.equal(hitsOf(counted('4,4:0/fo/g'), 'abc.fofofofo'), 'N3')
  assert.equal(hitsOf(counted('4,4:0/fo/ge'), 'abc.fofofofo'), 'N2')
  assert.equal(hitsOf(counted('0/o\\Kx/g'), 'abcoxox'), 'N2')
  assert.equal(hitsOf(counted('0/(?=b)/g'), 'abcb'), 'N2', 'matches of nothing are counted, and end')
})

test('a trigger may ask for expressions before it, and for what is not there', () => {
  const matcher = matcherOf([
    `Chain;${head};3;${abc};0/foo/;0/bar/g;1&2>1/baz/`,
    `Absent;${head};0|1;${abc};0=0/foo/`,
    `Either;${head};0|1;${abc};0>5/foo/`,
  ])
  assert.equal(hitsOf(matcher, 'abc foo bar bar baz'), 'Chain Absent Either')
  assert.equal(hitsOf(matcher, 'abc foo bar baz'), 'Absent Either')
  assert.equal(hitsOf(matcher, 'foo bar bar baz'), 'Absent')
  assert.equal(hitsOf(matcher, 'bar bar baz'), '')
})

test('expressions are over bytes, in the whole language of PCRE', () => {
  const matcher = each([
    '0/\\xff\\x00{2}\\x80/',
    '0/(a|b)\\1(?=c)/',
    '0/(?<!x)q(?>z*+)!/',
    '0/(?<two>\\d\\d)-\\k<two>/',
    '0/\\x5bé\\x5d/',
  ])
  assert.equal(hitsOf(matcher, 'abc\xff\0\0\x80'), 'S0')
  assert.equal(hitsOf(matcher, 'abcaac abc'), 'S1')
  assert.equal(hitsOf(matcher, 'abc qzz!'), 'S2')
  assert.equal(hitsOf(matcher, 'abc xqzz!'), '')
  assert.equal(hitsOf(matcher, 'abc 12-12'), 'S3')
  assert.equal(hitsOf(matcher, Buffer.from('abc [é]')), 'S4')
})

test('an expression without end uses up the budget, and what does not depend on it is told', () => {
  const lines = [
    `Bad;${head};0&1;${abc};0/(a+)+(a+)+(a+)+$/`,
    `Good;${head};0|1;${abc};0/(x+)+(x+)+$/`,
    `Unsure;${head};0&1=0;${abc};0/(a+)+(a+)+(a+)+$/`,
  ]
  const matcher = matcherOf(lines, { workBase: 100_000, workPerByte: 16 })
  const content = bytesSource(Buffer.from(`abc${'a'.repeat(60)}!`))
  const { hits, budgetExceeded } = matcher.match(content, { target: 0 })
  assert.deepEqual(
    hits.map(({ name }) => name),
    ['Good'],
  )
  assert.equal(budgetExceeded, true)
  assert.equal(hitsOf(matcher, 'abcaaa'), 'Bad Good', 'the next content has its own budget')
})

test('an expression is not tried where it could change nothing', () => {
  const endless = '0/(a+)+(a+)+(a+)+$/g'
  const matcher = matcherOf(
    [
      `Needs;${head};0&1&2;${abc};${hex('xyz')};${endless}`,
      `Holds;${head};0|1>4;${abc};${endless}`,
      `Counts;${head};(0|1)>3;${abc};0/a/`,
    ],
    { workBase: 100_000, workPerByte: 16 },
  )
  const content = bytesSource(Buffer.from(`abc${'a'.repeat(60)}!`))
  const { hits, budgetExceeded } = matcher.match(content, { target: 0 })
  assert.deepEqual([hits.map(({ name }) => name), budgetExceeded], [['Holds'], false])
})

test('a search of few steps that look far is asked to end too', () => {
  const matcher = each(['0/ *x/'])
  let asked = 0
  const check = () => {
    asked += 1
    if (asked > 400) throw new Error('ended')
  }
  const content = bytesSource(
    Buffer.concat([Buffer.from('abcx'), Buffer.alloc(400_000, ' '), Buffer.from('y')]),
  )
  assert.equal(matcher.match(content, { target: 0 }).hits.length, 1)
  const hostile = bytesSource(
    Buffer.concat([Buffer.from('abc'), Buffer.alloc(400_000, ' '), Buffer.from('yx')]),
  )
  assert.throws(() => each(['0/ *?(?=z)|( *+)x/']).match(hostile, { target: 0, check }), /ended/)
  assert.equal(hitsOf(matcher, 'abcx'), 'S0')
})

test('of a content too large for memory only a confined expression sees its part', () => {
  const size = 101 * 1024 * 1024
  const block = Buffer.alloc(1024 * 1024, '.')
  const start = Buffer.concat([Buffer.from('abc.foo'), block])
  const large: ByteSource = {
    size,
    read: (offset, length) =>
      (offset < 7 ? start.subarray(offset) : block).subarray(0, Math.min(length, size - offset)),
  }
  const confined = each(['4,10:0/foo/e', '5,10:0/foo/e'])
  const { hits, budgetExceeded } = confined.match(large, { target: 0 })
  assert.deepEqual([hits.map(({ name }) => name), budgetExceeded], [['S0'], false])
  assert.equal(each(['0/foo/']).match(large, { target: 0 }).budgetExceeded, true)
})
