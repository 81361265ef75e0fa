/** Patterns that are looked for only where something else of their signature was found, wherever they stand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, isLaterPattern, openDefinitions, pattern } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { randomBytes } from '../unpack/archives.fixture.ts'
import { createMatcher } from './matcher.ts'

const KEY = 'a rare sequence of many bytes'
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')

function setOf(lines: readonly string[]) {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  return openDefinitions(bytes)
}

function namesIn(lines: readonly string[], content: Uint8Array, windowBytes = 4096): string[] {
  const matcher = createMatcher(setOf(lines), { windowBytes })
  const { hits, budgetExceeded } = matcher.match(bytesSource(content), { target: 0 })
  assert.equal(budgetExceeded, false)
  return hits.map(({ name }) => name)
}

/** How many of the set's patterns are looked for later. */
function laterOf(lines: readonly string[]): number {
  const { patterns, patternCount } = setOf(lines).patternTables
  return Array.from(
    { length: patternCount },
    (_, index) => patterns[index * pattern.words + pattern.packed] as number,
  ).filter(isLaterPattern).length
}

const line = (name: string, expression: string, ...subs: readonly string[]) =>
  `${name};Engine:81-255,Target:0;${expression};${subs.join(';')}`

const filler = (seed: number, length: number) => randomBytes(seed, length).map((byte) => byte | 0x80)

test('a pattern of any length is found before and behind the rare one that it is asked for with', () => {
  for (const length of [2, 3, 4, 5, 7, 8, 9, 20]) {
    const word = 'qzjxkvbwpgmfyuthnrcs'.slice(0, length)
    const lines = [
      line('S', '0&1', hex(KEY), hex(word)),
      line('T', '0&1', hex(KEY), `${hex(word.slice(0, -1))}21`),
    ]
    assert.equal(laterOf(lines), 2, word)
    for (const at of [0, 1, 2, 3, 4093, 8190, 20_000 - length]) {
      const content = filler(length, 20_000)
      content.set(Buffer.from(word), at)
      content.set(Buffer.from(KEY), 10_000)
      assert.deepEqual(namesIn(lines, content), ['S'], `${word} at ${at}`)
      content.fill(0x80, 10_000, 10_001)
      assert.deepEqual(namesIn(lines, content), [], `${word} at ${at}, without the rare one`)
    }
  }
})

test('parts with a gap between them are followed over windows, anew for each content', () => {
  const parts = `${hex('first')}{100-9000}${hex('second')}`
  const matcher = createMatcher(setOf([line('S', '0&1', hex(KEY), parts)]), { windowBytes: 1024 })
  const content = (first: number, second: number) => {
    const bytes = filler(7, 30_000)
    bytes.set(Buffer.from('first'), first)
    bytes.set(Buffer.from('second'), second)
    bytes.set(Buffer.from(KEY), 25_000)
    return bytes
  }
  const found = (first: number, second: number) =>
    matcher.match(bytesSource(content(first, second)), { target: 0 }).hits.length
  assert.equal(found(100, 9000), 1)
  assert.equal(found(100, 9200), 0)
  assert.equal(found(9000, 100), 0)
  assert.equal(found(20_000, 20_150), 1)
  assert.equal(found(20_000, 20_050), 0)
})

test('elements of several lengths before the bytes a part is searched by, and letters in either case', () => {
  const lines = [line('S', '0&1', hex(KEY), `(${hex('ab')}|${hex('abcd')})${hex('Quixotic')}::i`)]
  assert.equal(laterOf(lines), 1)
  for (const [text, expected] of [
    ['abQUIXOTIC', 1],
    ['abcdquixotic', 1],
    ['ABCDQuixotic', 1],
    ['xxquixotic', 0],
  ] as const)
    assert.equal(namesIn(lines, Buffer.from(`${text}....${KEY}`)).length, expected, text)
})

test('a signature begins where the first of its matches does', () => {
  const matcher = createMatcher(setOf([line('S', '0&1', hex(KEY), hex('common'))]))
  const offset = (text: string) =>
    matcher.match(bytesSource(Buffer.from(text)), { target: 0 }).hits[0]?.offset
  assert.equal(offset(`...common ${KEY}`), 3)
  assert.equal(offset(`..${KEY}common`), 2)
})

test('so many patterns that they are looked for in several turns are all found', () => {
  const count = 2500
  const word = (index: number) => `word-number-${index}.`
  const lines = Array.from({ length: count }, (_, index) =>
    line(`S${index}`, '0&1', hex(KEY), hex(word(index))),
  )
  const content = Buffer.from(`${KEY}${Array.from({ length: count }, (_, index) => word(index)).join('')}`)
  assert.equal(namesIn(lines, content).length, count)
  assert.equal(namesIn(lines, Buffer.from(`${KEY}${word(7)}`)).join(), 'S7')
})

test('what is counted, and what must not be there, is judged over the whole content', () => {
  const lines = [
    line('Twice', '0&1>1', hex(KEY), hex('common')),
    line('Once', '0&1=1', hex(KEY), hex('common')),
    line('Never', '0&1=0', hex(KEY), hex('common')),
    line('Group', '0&(1|2)>1,2', hex(KEY), hex('common'), hex('other!')),
  ]
  const found = (text: string) => namesIn(lines, Buffer.from(text)).join()
  assert.equal(found(`common common ${KEY}`), 'Twice')
  assert.equal(found(`${KEY} common`), 'Once')
  assert.equal(found(KEY), 'Never')
  assert.equal(found(`other! ${KEY} common`), 'Once,Group')
  assert.equal(found('common other! common'), '')
})
