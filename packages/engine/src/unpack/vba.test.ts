import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { makePresentation } from './documents.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { unpackOle2 } from './ole2.ts'
import { compressVba, makeVbaStreams } from './vba.fixture.ts'
import { decompressVba } from './vba-compression.ts'
import { normaliseVba } from './vba-text.ts'

const budget = (limits = {}) => createBudget(resolveLimits(limits), () => false)

/** The parts by their names, those of the streams themselves left out. */
async function macros(file: Uint8Array, limits = {}): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const part of unpackOle2(bytesSource(file), budget(limits))) {
    const { label = '' } = part
    if (part.kind === 'content' && /\.bas$|^code in|^VBA|^object/.test(label))
      found[label] = Buffer.from(part.content.read(0, 1e9)).toString('latin1')
    if (part.kind !== 'empty' && part.shortfall !== undefined) found[part.shortfall.reason] = label
  }
  return found
}

const code = 'Sub Foo()\r\n  x = "Ab  C"\r\nEnd Sub\r\n'
const attribute = (name: string) => `Attribute VB_Name = "${name}"\r\n`

test('what is compressed comes back, whatever it is', () => {
  const random = seededRandom(1)
  for (const length of [0, 1, 3, 4095, 4096, 4097, 20_000]) {
    for (const letters of [1, 2, 4]) {
      const data = Buffer.from(Array.from({ length }, () => random.whole(letters)))
      const { bytes } = decompressVba(bytesSource(compressVba(data)), 0, budget())
      assert.ok(data.equals(bytes), `${length} bytes of ${letters} letters`)
    }
  }
})

test('a chunk that is not compressed is taken as it lies, and what is damaged as far as it goes', () => {
  const plain = Buffer.alloc(4096, 'abc')
  const raw = Buffer.concat([Buffer.of(1, 0xff, 0x3f), plain, compressVba(Buffer.from('behind')).subarray(1)])
  const { bytes } = decompressVba(bytesSource(raw), 0, budget())
  assert.equal(Buffer.from(bytes).toString(), `${plain.toString()}behind`)
  const cut = compressVba(Buffer.from('some words and some words'))
  assert.equal(
    Buffer.from(decompressVba(bytesSource(cut.subarray(0, 12)), 0, budget()).bytes).toString(),
    'some wor',
  )
  const before = Buffer.concat([Buffer.of(1, 3, 0xb0, 1, 0xff, 0xff), Buffer.from('x')])
  assert.equal(decompressVba(bytesSource(before), 0, budget()).bytes.length, 0)
})

test("modules come out as they are and in the project's text", async () => {
  const streams = makeVbaStreams([
    { name: 'Module1', code, cache: Buffer.alloc(500, 5) },
    { name: 'Other', code: 'y' },
  ])
  const found = await macros(makeOle2(streams))
  assert.deepEqual(Object.keys(found), ['Module1.bas', 'Other.bas', 'VBA project'])
  assert.equal(found['Module1.bas'], attribute('Module1') + code)
  const text = found['VBA project'] ?? ''
  assert.match(text, /^REM VBA project extracted[\s\S]*REM PROJECTMODULES: 2\n/)
  assert.match(
    text,
    /REM MODULEOFFSET: 0x000001f4\n[\s\S]*#\nattribute vb_name = "Module1"\r\nsub foo\(\)\r\n x = "Ab {2}C"\r\nend sub/,
  )
})

test('code that no list leads to is found by how it begins', async () => {
  const streams = makeVbaStreams([{ name: 'Module1', code, cache: Buffer.alloc(70_000, 5) }])
  const orphans = await macros(makeOle2(streams.filter(({ name }) => name !== 'dir')))
  assert.deepEqual(orphans, { 'code in Module1': attribute('Module1') + code })
  const lie = makeVbaStreams([{ name: 'Module1', code, cache: Buffer.alloc(100, 5) }])
  const moved = lie.map((stream) =>
    stream.name === 'Module1' ? { ...stream, data: Buffer.concat([Buffer.alloc(7), stream.data]) } : stream,
  )
  assert.equal((await macros(makeOle2(moved)))['code in Module1'], attribute('Module1') + code)
})

test('two projects in one file keep their modules of the same name apart', async () => {
  const first = makeVbaStreams([{ name: 'ThisDocument', code: 'first' }])
  const second = makeVbaStreams([{ name: 'ThisDocument', code: 'second' }])
  const texts: string[] = []
  for await (const part of unpackOle2(bytesSource(makeOle2([...first, ...second])), budget()))
    if (part.label === 'VBA project' && part.kind === 'content')
      texts.push(Buffer.from(part.content.read(0, 9999)).toString())
  assert.deepEqual(
    texts.map((text) => text.split('\n').at(-1)),
    ['first', 'second'],
  )
})

test('the project of a presentation lies in an object', async () => {
  const object = makeOle2(makeVbaStreams([{ name: 'Module1', code }]))
  assert.deepEqual(Object.keys(await macros(makePresentation(object))), ['object 1'])
})

test('limits hold', async () => {
  const long = makeOle2(makeVbaStreams([{ name: 'M', code: 'x = 1\r\n'.repeat(5000) }]))
  const found = await macros(long, { maxContentBytes: 2048 })
  assert.equal(found['M.bas']?.length, 2048)
  assert.equal(found['too-large'], 'VBA project')
  assert.equal((await macros(long, { maxEntries: 3 }))['too-many-entries'], '')
  const modules = Array.from({ length: 20 }, (_, index) => ({
    name: `M${index}`,
    code: 'x = 1\r\n'.repeat(500),
  }))
  const ended = await macros(makeOle2(makeVbaStreams(modules)), { maxTotalContentBytes: 6000 })
  // The last of them is the one that went past it.
  assert.equal(
    ended['budget-exceeded'],
    Object.keys(ended)
      .filter((name) => name.endsWith('.bas'))
      .at(-1),
  )
  assert.equal('M19.bas' in ended, false)
})

test('code is in small letters outside strings, its blanks are one, and lines that go on are joined', () => {
  const form = (text: string) => Buffer.from(normaliseVba(Buffer.from(text, 'latin1'))).toString('latin1')
  assert.equal(form('Sub  Foo( A,\tB ) _\r\n  As  X'), 'sub foo( a, b ) as x')
  assert.equal(form('x = "A""b  C\tD" & _\n"E"'), 'x = "A""b  C D" & "E"')
  assert.equal(form('\' said "Quote\r\nAND  " So'), '\' said "Quote\r\nAND  " so')
  assert.equal(form('a_\r\nb _ \r\nC'), 'a_\r\nb _ \r\nc')
})
