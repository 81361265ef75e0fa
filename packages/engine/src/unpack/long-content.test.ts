import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { resolveLimits } from '../limits.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeGzip, makeTar, makeZip, randomText } from './archives.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'
import { LongContentError, type LongSource, MeasuredContent } from './long-content.ts'

/** What is held in these tests, in place of 128 MiB. */
const HELD = 100_000
const MiB = 1024 * 1024
const long = Buffer.concat([randomText(1, 3 * MiB), eicar(), randomText(2, 3 * MiB)])

const words = async (bytes: Uint8Array, limits = {}) =>
  inWords(await scanHere({ bytes }, { maxContentBytes: 64 * MiB, ...limits }, () => {}, undefined, {}, HELD))

/** A long content of `bytes`, and how many times it was decoded. */
function longSource(bytes: Buffer): { source: LongSource; decodings(): number } {
  const budget = createBudget(resolveLimits({ maxContentBytes: 64 * MiB }), () => false, HELD)
  const content = new MeasuredContent(budget)
  let count = 0
  const decode = function* () {
    count += 1
    for (let at = 0; at < bytes.length; at += 70_001) yield Uint8Array.from(bytes.subarray(at, at + 70_001))
    return undefined
  }
  for (let at = 0; at < bytes.length; at += 70_001) content.append(bytes.subarray(at, at + 70_001))
  return { source: content.source(decode, budget), decodings: () => count }
}

test('what lies far behind what is held is found, in every kind of container', async () => {
  const found = (path: string) => `infected Eicar-Test-Signature@${path}`
  assert.equal(await words(makeGzip(long)), found('content'))
  assert.equal(await words(makeZip([{ name: 'l', data: long }])), found('l'))
  assert.equal(
    await words(await packWithLibrary('a.7z', { a: long, b: eicar() }, ['-mx=1'])),
    `${found('a')}, ${found('b')}`,
  )
  assert.equal(await words(await packWithLibrary('a.bz2', { content: long }, ['-mx=1'])), found('content'))
  assert.equal(await words(await packWithLibrary('a.xz', { content: long }, ['-mx=1'])), found('content'))
})

test('containers in a long content are opened', async () => {
  const tar = await makeTar([
    { name: 'first', data: randomText(3, MiB) },
    { name: 'long', data: long },
    { name: 'a.zip', data: makeZip([{ name: 'e', data: eicar() }]) },
  ])
  const said = await words(makeGzip(tar))
  for (const path of ['content', 'content/long', 'content/a.zip/e'])
    assert.match(said, new RegExp(`@${path}(?:,|$)`))
  assert.doesNotMatch(said, /unscanned/)
  const twice = await words(
    makeGzip(makeZip([{ name: 'l', data: Buffer.concat([randomText(4, MiB), long]) }])),
  )
  assert.match(twice, /Eicar-Test-Signature@content\/l(?:,|$)/)
})

test('the limits for a content and for all hold for what is not held', async () => {
  assert.equal(await words(makeGzip(long), { maxContentBytes: 2 * MiB }), 'unscanned too-large@content')
  assert.match(
    await words(makeGzip(long), { maxTotalContentBytes: 2 * MiB }),
    /^unscanned budget-exceeded@content/,
  )
  const zeros = makeGzip(Buffer.alloc(32 * MiB))
  assert.match(await words(zeros), /^unscanned compression-ratio@content/)
  assert.equal(await words(zeros, { maxRatio: 5000 }), 'clean')
})

test('a long content that breaks off is damaged, and what came before is scanned', async () => {
  const cut = makeGzip(long).subarray(0, -1000)
  assert.match(await words(cut), /^infected Eicar-Test-Signature@content, unscanned damaged@content/)
})

test('a long source answers as the bytes would, and is decoded again only where it is read backwards', () => {
  const { source, decodings } = longSource(long)
  const same = (offset: number, length: number) =>
    assert.ok(
      Buffer.from(source.read(offset, length)).equals(long.subarray(offset, offset + length)),
      `${offset}`,
    )
  same(0, 1000)
  same(long.length - 1000, 5000)
  assert.equal(decodings(), 0)
  for (let at = 0; at < long.length; at += 250_000) same(at, 256 * 1024)
  assert.equal(decodings(), 1)
  same(2 * MiB, 3 * MiB)
  assert.equal(decodings(), 2)
  same(long.length, 10)
})

test('a content that is read here and there is given up after so many decodings', () => {
  const { source } = longSource(long)
  assert.throws(() => {
    for (let count = 0; count < 100; count += 1) {
      source.read(5 * MiB, 10)
      source.read(MiB, 10)
    }
  }, LongContentError)
})
