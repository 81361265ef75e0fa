import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher, type Matcher, type MatcherOptions } from './matcher.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')

function matcherOf(lines: readonly string[], options?: MatcherOptions): Matcher {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'a.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  return createMatcher(openDefinitions(bytes), options)
}

function hitsOf(matcher: Matcher, content: string | Uint8Array, target = 0): string[] {
  const { hits } = matcher.match(bytesSource(Buffer.from(content)), { target })
  return hits.map(({ name, offset }) => `${name}@${offset}`)
}

test('overlapping matches count each, and those of a pattern in parts by the places of its last part', () => {
  const counted = (pattern: string) =>
    matcherOf(Array.from({ length: 6 }, (_, count) => `N${count};Target:0;0=${count};${pattern}`))
  const count = (pattern: string, content: string) => hitsOf(counted(pattern), content).join()
  assert.equal(count(hex('aaa'), '..aaaaa..'), 'N3@2')
  assert.equal(count(hex('aaa'), '........'), 'N0@0')
  assert.equal(count(`${hex('abc')}*${hex('xyz')}`, '.abc.abc.xyz.'), 'N1@1')
  assert.equal(count(`${hex('abc')}*${hex('xyz')}`, '.abc.xyz.xyz.'), 'N2@1')
  assert.equal(count(`(61|6161)${hex('bcd')}`, '.aabcd.abcd.'), 'N3@1')
  assert.equal(
    count('(61|6161)6161', '.aaaa.'),
    'N2@1',
    'one beginning, though it is met by two ways, is one match',
  )
})

test('signatures that hold of nothing are found where nothing is, and only for their target and size', () => {
  const matcher = matcherOf([
    `Absent;Target:0;0=0;${hex('abc')}`,
    `Elf;Target:6;0<1;${hex('abc')}`,
    `Sized;Engine:51-255,Target:0,FileSize:5-6;0=0;${hex('abc')}`,
    `Both;Target:0;0=0&1;${hex('abc')};${hex('xyz')}`,
  ])
  assert.deepEqual(hitsOf(matcher, '....'), ['Absent@0'])
  assert.deepEqual(hitsOf(matcher, '.....'), ['Absent@0', 'Sized@0'])
  assert.deepEqual(hitsOf(matcher, '.......', 6), ['Absent@0', 'Elf@0'])
  assert.deepEqual(hitsOf(matcher, '..abc..', 6), [])
  assert.deepEqual(hitsOf(matcher, '..xyz..'), ['Absent@0', 'Both@2'])
  assert.deepEqual(hitsOf(matcher, '..xyzabc'), [])
  assert.deepEqual(hitsOf(matcher, ''), ['Absent@0'])
})

test('a compared group passes on how many matches it has, and not of which sub-signatures', () => {
  const subs = ['abc', 'mno', 'xyz'].map(hex).join(';')
  const matcher = matcherOf([
    `Plain;Target:0;((0&2)|(0|1))>2,3;${subs}`,
    `Compared;Target:0;((0&2)<3,2|(0|1))>2,3;${subs}`,
    `Counted;Target:0;((0&2)<3,2|(0|1))>2,2;${subs}`,
  ])
  assert.deepEqual(hitsOf(matcher, '.abc.mno.xyz.'), ['Plain@1', 'Counted@1'])
})

test('sixty-four sub-signatures are told apart', () => {
  const subs = Array.from({ length: 64 }, (_, index) => hex(`sub-${index}.`))
  const any = subs.map((_, index) => index).join('|')
  const matcher = matcherOf([
    `Most;Target:0;(${any})>0,63;${subs.join(';')}`,
    `Thrice;Target:0;(${any})=3,2;${subs.join(';')}`,
  ])
  const all = subs.map((sub) => Buffer.from(sub, 'hex').toString())
  assert.deepEqual(hitsOf(matcher, all.join('')), ['Most@0'])
  assert.deepEqual(hitsOf(matcher, all.slice(1).join('')), ['Most@0'])
  assert.deepEqual(hitsOf(matcher, all.slice(2).join('')), [])
  assert.deepEqual(hitsOf(matcher, 'sub-31.sub-63.sub-63.'), ['Thrice@0'])
  assert.deepEqual(hitsOf(matcher, 'sub-63.sub-63.sub-63.'), [])
})

test('of a content that was not searched to its end only that is told which more matches could not undo', () => {
  const lines = [
    `Sure;Target:0;0&(0|1)>0,1;${hex('early')};${hex('late')}`,
    `Once;Target:0;0=1;${hex('early')}`,
    `Without;Target:0;0&1=0;${hex('early')};${hex('late')}`,
    `Absent;Target:0;0=0;${hex('absent')}`,
    `Slow;Target:0;0;6161${'(61|6161|616161)'.repeat(200)}62`,
  ]
  const content = Buffer.concat([Buffer.from('early'), Buffer.alloc(200_000, 'a'), Buffer.from('late')])
  const cut = matcherOf(lines, { workBase: 1_000_000, workPerByte: 0 })
  const { hits, budgetExceeded } = cut.match(bytesSource(content), { target: 0 })
  assert.equal(budgetExceeded, true)
  assert.deepEqual(
    hits.map(({ name }) => name),
    ['Sure'],
  )
})

test('a match a byte is counted within bounded memory', () => {
  const matcher = matcherOf([`Many;Target:0;0>900000;${hex('aa')}`, `More;Target:0;0>1100000;${hex('bb')}`])
  assert.deepEqual(hitsOf(matcher, Buffer.alloc(900_001, 'a')), [])
  assert.deepEqual(hitsOf(matcher, Buffer.alloc(900_002, 'a')), ['Many@0'])
  const { hits, budgetExceeded } = matcher.match(bytesSource(Buffer.alloc(2_000_000, 'b')), { target: 0 })
  assert.deepEqual([hits.length, budgetExceeded], [0, true])
})

/** What clamscan 1.4.6 says of the same lines and contents. */
test('modifiers: either case, wide, both, and whole words of either width', () => {
  const wide = (text: string) => Buffer.from(text, 'utf16le').toString('latin1')
  const found = (sub: string, content: string) =>
    hitsOf(matcherOf([`M;Target:0;0;${sub}`]), Buffer.from(content, 'latin1')).length === 1
  const abcd = hex('abcd')
  const told: readonly (readonly [sub: string, content: string, is: boolean])[] = [
    [`${abcd}::i`, '~aBcD~', true],
    [`${abcd}::i`, '~a@cd~', false],
    [`${hex('ABC@[`')}::i`, '~abc@[`~', true],
    [`${hex('ABC@[`')}::i`, '~abc`[`~', false],
    [`${hex('aabcdefgh')}::i`, '~aAbCdEfGH~', true],
    ['61626?64::i', '~aBcD~', true],
    ['61626?64::i', '~ABCD~', false],
    ['616263(64|65)::i', '~ABCD~', true],
    ['61626364[0-2]65::i', '~abcd~E', true],
    [`${abcd}::w`, `~${wide('abcd')}~`, true],
    [`${abcd}::w`, '~abcd~', false],
    [`${abcd}::wa`, '~abcd~', true],
    [`${abcd}::wi`, `~${wide('ABcd')}~`, true],
    ['6162{2}6364::w', `~${wide('ab')}~~${wide('cd')}~`, true],
    ['6162??6364::w', `~${wide('ab')}~~${wide('cd')}~`, false],
    [`${abcd}::f`, '~abcd~', true],
    [`${abcd}::f`, '1abcd~', false],
    [`${abcd}::f`, '~abcdZ', false],
    [`${abcd}::f`, 'abcd', true],
    [`${abcd}::wf`, `~q${wide('abcd')}q~`, true],
    [`${abcd}::wf`, `~${wide('qabcd')}~`, false],
    [`${abcd}::wf`, `~${wide('abcdq')}~`, false],
    [`${abcd}::awf`, '~q\0abcd\0q~', true],
  ]
  for (const [sub, content, is] of told) assert.equal(found(sub, content), is, `${sub} in ${content}`)
})
