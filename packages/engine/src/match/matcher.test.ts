import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions, type Definitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher, type MatcherOptions } from './matcher.ts'
import { seededRandom } from './random-signatures.fixture.ts'

function definitionsOf(texts: Readonly<Record<string, string>>): Definitions {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: Object.entries(texts).map(([name, text]) => ({ name, text })),
  })
  assert.deepEqual(summary.refused, [])
  return openDefinitions(bytes)
}

function hitsOf(
  definitions: Definitions,
  content: Uint8Array,
  options?: MatcherOptions,
  target = 0,
): string[] {
  const { hits } = createMatcher(definitions, options).match(bytesSource(content), { target })
  return hits.map(({ name, offset }) => `${name}@${offset}`)
}

test('hashes of every algorithm hit with the right size or any size, and with no other', () => {
  const random = seededRandom(7)
  const contents = [0, 1, 63, 64, 1000, 300_000].map((size) =>
    Uint8Array.from({ length: size }, () => random.whole(256)),
  )
  for (const content of contents) {
    const hash = (algorithm: string) => createHash(algorithm).update(content).digest('hex')
    const size = Math.max(1, content.length)
    const definitions = definitionsOf({
      'a.hdb': [
        `${hash('md5')}:${size}:Md5`,
        `${hash('md5')}:${size + 1}:Md5.Longer`,
        `${hash('md5')}:*:Md5.Any:73`,
        `${createHash('md5').update('other').digest('hex')}:${size}:Md5.Other`,
      ].join('\n'),
      'a.hsb': [
        `${hash('sha1')}:${size}:Sha1`,
        `${hash('sha1')}:*:Sha1.Any:73`,
        `${hash('sha256').toUpperCase()}:${size}:Sha256`,
        `${hash('sha256')}:${size + 1}:Sha256.Longer`,
        `${hash('sha256')}:*:Sha256.Any:73`,
      ].join('\n'),
    })
    const sized = content.length === 0 ? [] : ['Md5', 'Sha1', 'Sha256']
    assert.deepEqual(
      new Set(hitsOf(definitions, content)),
      new Set([...sized, 'Md5.Any', 'Sha1.Any', 'Sha256.Any'].map((name) => `${name}@0`)),
      `${content.length} bytes`,
    )
    if (content.length > 0) {
      const changed = content.with(content.length - 1, (content.at(-1) ?? 0) ^ 1)
      assert.deepEqual(hitsOf(definitions, changed), [])
    }
  }
})

test('an allowed content has no hits, whatever matches', () => {
  const content = Buffer.from('xx evil bytes xx')
  const sha256 = createHash('sha256').update(content).digest('hex')
  const definitions = definitionsOf({
    'a.ndb': `Evil:0:*:${Buffer.from('evil bytes').toString('hex')}`,
    'a.sfp': `${sha256}:${content.length}:Known.Good`,
  })
  const result = createMatcher(definitions).match(bytesSource(content), { target: 0 })
  assert.deepEqual(result, { hits: [], rules: [], handler: undefined, budgetExceeded: false, allowed: true })
  assert.deepEqual(hitsOf(definitions, Buffer.from('yx evil bytes xx')), ['Evil@3'])
})

test('signatures for a target are tried on contents of that target only, those for target 0 on all', () => {
  const definitions = definitionsOf({
    'a.ndb': 'Any:0:*:65766962797465\nPe:1:*:65766962797465\nElf:6:*:65766962797465\nStar:*:*:65766962797465',
  })
  const content = Buffer.from('evibyte')
  assert.deepEqual(hitsOf(definitions, content, {}, 0), ['Any@0', 'Star@0'])
  assert.deepEqual(hitsOf(definitions, content, {}, 1), ['Any@0', 'Pe@0', 'Star@0'])
  assert.deepEqual(hitsOf(definitions, content, {}, 6), ['Any@0', 'Elf@0', 'Star@0'])
  assert.deepEqual(hitsOf(definitions, content, {}, 9), ['Any@0', 'Star@0'])
})

test('patterns are found on the borders of full windows, and over gaps longer than a window', () => {
  const needle = 'a long needle of bytes'
  const definitions = definitionsOf({
    'a.ndb': [
      `Needle:0:*:${Buffer.from(needle).toString('hex')}`,
      `Last:0:EOF-8:${Buffer.from('the end.').toString('hex')}`,
      `Far:0:*:${Buffer.from('a long needle').toString('hex')}*${Buffer.from('the end.').toString('hex')}`,
      `Exact:0:*:${Buffer.from('of bytes').toString('hex')}{700000}${Buffer.from('the end.').toString('hex')}`,
      `Short:0:*:${Buffer.from('of bytes').toString('hex')}{-699999}${Buffer.from('the end.').toString('hex')}`,
    ].join('\n'),
  })
  for (let start = 262_144 - needle.length - 12; start <= 262_144 + 12; start += 1) {
    const content = Buffer.alloc(start + needle.length + 700_000 + 8, '.')
    content.write(needle, start)
    content.write('the end.', content.length - 8)
    assert.deepEqual(hitsOf(definitions, content), [
      `Needle@${start}`,
      `Last@${content.length - 8}`,
      `Far@${start}`,
      `Exact@${start + needle.length - 8}`,
    ])
  }
})

test('a thousand signatures with the same fixed run, all over a content, neither fill memory nor hide a hit', () => {
  const tails = Array.from({ length: 1000 }, (_, index) => (index + 0x10000).toString(16).padStart(6, '0'))
  const definitions = definitionsOf({
    'a.ndb': tails.map((tail, index) => `S${index}:0:*:6161616161616161${tail}`).join('\n'),
  })
  const content = Buffer.alloc(8_000, 'a')
  Buffer.from(tails[789] ?? '', 'hex').copy(content, 4_001)
  content[7_990] = 0x62
  const result = createMatcher(definitions).match(bytesSource(content), { target: 0 })
  assert.equal(result.budgetExceeded, false)
  assert.deepEqual(
    result.hits.map(({ name }) => name),
    ['S789'],
  )
})

/** Contents and patterns that cost far more than their length. */
const costly: readonly (readonly [what: string, line: string, content: Uint8Array])[] = [
  [
    'a choice of lengths over and over',
    `Slow:0:*:6161${'(61|6161|616161)'.repeat(200)}62`,
    Buffer.alloc(200_000, 'a'),
  ],
  [
    'a long choice before the fixed run',
    `Slow:0:*:(62|${'61'.repeat(8000)})616161(63|64)`,
    Buffer.alloc(200_000, 'a'),
  ],
  [
    'every place a beginning',
    `Slow:0:*:6161{1-100000}6161{1-100000}6161{1-100000}6162`,
    Buffer.alloc(2_000_000, 'a'),
  ],
]

for (const [what, line, content] of costly) {
  test(`work without end is cut short and said, and what was found before it is kept: ${what}`, () => {
    const definitions = definitionsOf({ 'a.ndb': `${line}\nEarly:0:0:6576696c206279746573` })
    const bytes = Buffer.concat([Buffer.from('evil bytes'), content])
    const started = performance.now()
    const matcher = createMatcher(definitions, { workBase: 1_000_000, workPerByte: 1 })
    const { hits, budgetExceeded } = matcher.match(bytesSource(bytes), { target: 0 })
    assert.equal(budgetExceeded, true)
    assert.deepEqual(
      hits.map(({ name }) => name),
      ['Early'],
    )
    assert.ok(performance.now() - started < 5_000, 'a small budget of work took seconds')
  })
}

test("the scan's clock is looked at every few thousand steps, and what it throws passes through", () => {
  const [, line, content] = costly[0] ?? assert.fail()
  const matcher = createMatcher(definitionsOf({ 'a.ndb': line }), { workBase: 1e12 })
  const ends = performance.now() + 50
  const late = new Error('late')
  const check = () => {
    if (performance.now() > ends) throw late
  }
  assert.throws(() => matcher.match(bytesSource(content), { target: 0, check }), late)
  assert.ok(performance.now() < ends + 1_000, 'a second passed between two looks at the clock')
  assert.equal(matcher.match(bytesSource(Buffer.from('aaab')), { target: 0 }).budgetExceeded, false)
})
