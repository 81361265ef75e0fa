import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makePackage, makePresentation, nativeStream } from './documents.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { program, programWords } from './program.fixture.ts'

const FOUND = 'infected Program'
const inStream = (data: Uint8Array) => makeOle2([{ name: '\x01Ole10Native', data }])

test('the file in a package object is a content with its name', async () => {
  assert.equal(await programWords(inStream(nativeStream(makePackage('a.com', program)))), `${FOUND}@a.com`)
  const lies = nativeStream(makePackage('..\\..\\b.com', program))
  lies.writeUInt32LE(3)
  assert.equal(await programWords(inStream(lies)), `${FOUND}@b.com`)
})

test('native data of another shape are a content as they are', async () => {
  assert.equal(await programWords(inStream(nativeStream(program))), `${FOUND}@object`)
  const strange = nativeStream(makePackage('a.com', program))
  strange.writeUInt32LE(0xfffffff0, strange.indexOf('C:\\Temp') - 4)
  assert.match(await programWords(inStream(strange)), /^clean$/)
})

test('a package that breaks off is told', async () => {
  const cut = nativeStream(makePackage('a.com', program, 100_000))
  assert.equal(await programWords(inStream(cut)), `${FOUND}@a.com, unscanned damaged@a.com`)
})

test('objects of a presentation are inflated and opened', async () => {
  const object = inStream(nativeStream(makePackage('a.com', program)))
  assert.equal(await programWords(makePresentation(object)), `${FOUND}@object 1/a.com`)
})

test('a presentation whose object is no deflated data is damaged', async () => {
  const file = makePresentation(Buffer.alloc(5000, 7))
  const at = file.indexOf(Buffer.of(0x10, 0, 0x11, 0x10))
  file.fill(0xff, at + 14, at + 20)
  assert.equal(await programWords(file), 'unscanned damaged@object 1')
})
