import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { randomBytes } from '../unpack/archives.fixture.ts'
import { packWithLibrary } from '../unpack/library-archives.fixture.ts'
import { openDecoderLibrary } from './decoder-library.ts'
import type { DecoderEvent } from './decoder-thread.ts'
import { createDecoders, type Decoders } from './decoders.ts'

const library = openDecoderLibrary()
const extract = ['x', '-y', '-bd', '-o/o', '-t7z', '-p-', '/a']
const nothing = () => {}

const content = randomBytes(5, 3_000_000)
const archive = await packWithLibrary('a.7z', { a: content, b: content.subarray(0, 10) }, ['-ms=off'])

type Run = ReturnType<Decoders['run']>

function drain(run: Run): { events: DecoderEvent[]; end: object } {
  const events: DecoderEvent[] = []
  let next = run.next()
  for (; next.done !== true; next = run.next())
    events.push(
      next.value.kind === 'data' ? { kind: 'data', bytes: Buffer.from(next.value.bytes) } : next.value,
    )
  return { events, end: next.value }
}

const bytesOf = (events: DecoderEvent[]) =>
  Buffer.concat(events.map((event) => (event.kind === 'data' ? event.bytes : Buffer.alloc(0))))

test('what a program writes comes out in order and whole', () => {
  const { events, end } = drain(createDecoders(library).run(extract, bytesSource(archive), nothing))
  assert.deepEqual(end, { kind: 'ended', code: 0 })
  assert.deepEqual(bytesOf(events), Buffer.concat([content, content.subarray(0, 10)]))
  const paths = events.flatMap((event) => (event.kind === 'entry' ? [event.path] : []))
  assert.deepEqual(paths, ['a', 'b'])
})

test('a run that is not read to its end leaves its decoder ready for the next', () => {
  const decoders = createDecoders(library)
  for (let count = 0; count < 3; count += 1) {
    for (const event of decoders.run(extract, bytesSource(archive), nothing)) if (event.kind === 'data') break
  }
  assert.equal(drain(decoders.run(extract, bytesSource(archive), nothing)).events.at(-1)?.kind, 'line')
})

test('several runs may be under way, each in the one before, and one too many is told', () => {
  const decoders = createDecoders(library)
  const runs = Array.from({ length: 5 }, () => decoders.run(extract, bytesSource(archive), nothing))
  const firsts = runs.map((run) => run.next())
  assert.deepEqual(
    firsts.map(({ done }) => done),
    [false, false, false, false, true],
  )
  assert.deepEqual(firsts.at(-1)?.value, { kind: 'too-many' })
  for (const run of runs.slice(0, 4)) assert.deepEqual(bytesOf(drain(run).events).length, 3_000_010)
})

test('a program that wants more memory than it may have ends, and the next order is served', async () => {
  const large = await packWithLibrary('a.7z', { a: new Uint8Array(24_000_000) }, ['-mx=5'])
  const decoders = createDecoders(library, { memoryMax: 20_000_000 })
  const { events, end } = drain(decoders.run(extract, bytesSource(large), nothing))
  assert.notDeepEqual(end, { kind: 'ended', code: 0 })
  assert.equal(bytesOf(events).length, 0)
  assert.deepEqual(drain(decoders.run(['i'], bytesSource(archive), nothing)).end, { kind: 'ended', code: 0 })
})

test('a decoder that overstays is ended, and another takes its place', () => {
  const decoders = createDecoders(library, { milliseconds: 0 })
  for (let count = 0; count < 2; count += 1)
    assert.deepEqual(drain(decoders.run(extract, bytesSource(archive), nothing)).end, { kind: 'overstayed' })
})

test('what reading and the budget throw passes through, and leaves the decoder ready', () => {
  const decoders = createDecoders(library)
  const fails = () => {
    throw new Error('gone')
  }
  const broken = { size: archive.length, read: fails }
  assert.throws(() => drain(decoders.run(extract, broken, nothing)), /gone/)
  assert.throws(() => drain(decoders.run(extract, bytesSource(archive), fails)), /gone/)
  assert.equal(bytesOf(drain(decoders.run(extract, bytesSource(archive), nothing)).events).length, 3_000_010)
})

test('nothing that a program is told to write or read reaches the disk', () => {
  const decoders = createDecoders(library)
  const outside = drain(
    decoders.run(['x', '-y', '-bd', '-o/tmp', '-t7z', '/etc/hostname'], bytesSource(archive), nothing),
  )
  assert.deepEqual(bytesOf(outside.events).length, 0)
})
