/** TNEF and BinHex: files of which a mail program makes attachments. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar } from './archives.fixture.ts'
import { makeBinhex, makeTnef, tnefProperty, uint16, uint32 } from './documents.fixture.ts'
import { mailPart, multipart } from './mails.fixture.ts'
import { program, programWords } from './program.fixture.ts'
import { compressedRtfPart } from './rtf-compression.ts'

const FOUND = 'infected Program'

test('attachments in TNEF have their names, wherever those stand', async () => {
  assert.equal(await programWords(makeTnef('a.com', program)), `${FOUND}@a.com`)
  assert.equal(await programWords(makeTnef('a.com', program, { isTitleLast: true })), `${FOUND}@a.com`)
  const mail = multipart(
    [mailPart('Content-Type: application/ms-tnef; name=w.dat', makeTnef('a.com', program), 'base64')],
    'b',
  )
  assert.equal(await programWords(Buffer.from(`From: a\n${mail}`)), `${FOUND}@w.dat/a.com`)
})

test('objects in properties of TNEF are contents, behind their interface', async () => {
  const inner = makeTnef('b.com', program)
  const object = tnefProperty(0x3701, Buffer.concat([Buffer.alloc(16, 7), inner]), 0x0d)
  const file = makeTnef('a', Buffer.from('x'), { properties: [tnefProperty(0x0e20, uint32(5)), object] })
  assert.equal(await programWords(file), `${FOUND}@a/b.com`)
})

test('TNEF that breaks off, and one with too many parts, say so', async () => {
  const file = makeTnef('a.com', Buffer.concat([program, Buffer.alloc(500)]), {
    properties: [tnefProperty(0x3701, Buffer.from('second'))],
  })
  assert.equal(await programWords(file.subarray(0, -300)), 'unscanned damaged@a.com')
  assert.equal(await programWords(file, { maxEntries: 1 }), 'unscanned too-many-entries')
})

test('compressed text of a message is decompressed', () => {
  // The example of [MS-OXRTFCP], section 3.1.1.
  const example = Buffer.from(
    '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0',
    'hex',
  )
  const budget = createBudget(resolveLimits(), () => false)
  const part = compressedRtfPart(bytesSource(example), budget)
  assert.ok(part?.kind === 'content')
  const text = Buffer.from(part.content.read(0, 100)).toString('latin1')
  assert.equal(text, '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n')
})

test('a file in BinHex is found, by itself and in a mail', async () => {
  assert.equal(await programWords(makeBinhex('a.com', program)), `${FOUND}@a.com`)
  const mail = multipart(
    [mailPart('Content-Type: application/mac-binhex40', makeBinhex('a.com', program).toString('latin1'))],
    'b',
  )
  assert.equal(await programWords(Buffer.from(`From: a\n${mail}`)), `${FOUND}@part 1/a.com`)
})

test('runs in BinHex are as long as they say, and a cut file is told', async () => {
  const hidden = Buffer.concat([eicar(), Buffer.of(0x90, 0x90, 0x90, 0x90, 0x90, 1)])
  const words = async (bytes: Uint8Array, limits = {}) => inWords(await scanHere({ bytes }, limits))
  const runs = makeBinhex('a.bin', Buffer.concat([hidden, Buffer.alloc(700), program]))
  const { contents } = await scanHere({ bytes: runs }, {}, () => {}, undefined, { contents: true })
  const whole = Buffer.concat([hidden, Buffer.alloc(700), program])
  assert.equal(contents?.listed[1]?.md5, createHash('md5').update(whole).digest('hex'))
  const cut = makeBinhex('a.com', Buffer.concat([eicar(), Buffer.alloc(3000, 'xy')]))
  assert.equal(
    await words(cut.subarray(0, -400)),
    'infected Eicar-Test-Signature@a.com, unscanned damaged@a.com',
  )
  const limited = 'infected Eicar-Test-Signature@a.com, unscanned too-large@a.com'
  assert.equal(await words(cut, { maxContentBytes: 1024 }), limited)
})

test('a property whose name breaks off ends the properties, which is told, and the attachment is scanned', async () => {
  // Found by fuzzing: a length that was not there counted as a number.
  const cut = Buffer.concat([uint16(0x1e, 0x8034), Buffer.alloc(16), uint32(1)])
  const file = makeTnef('a.com', program, { properties: [cut] })
  assert.equal(await programWords(file), `${FOUND}@a.com, unscanned damaged@a.com`)
})
