import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZip } from './archives.fixture.ts'
import { makeOle1, makePackage, makeRtf, nativeStream } from './documents.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { program, programWords } from './program.fixture.ts'

const FOUND = 'infected Program'
const object = makeOle1('Package', makePackage('a.com', program))
const hex = object.toString('hex')

test('a file packed into a document is found under its name', async () => {
  assert.equal(await programWords(makeRtf(hex)), `${FOUND}@a.com`)
  assert.equal(await programWords(makeRtf(hex.toUpperCase().replace(/.{60}/g, '$&\r\n'))), `${FOUND}@a.com`)
  const zip = makeZip([{ name: 'b.com', data: program }])
  const inZip = makeOle1('Package', makePackage('a.zip', zip)).toString('hex')
  assert.equal(await programWords(makeRtf(inZip)), `${FOUND}@a.zip/b.com`)
})

test('digits are found however they are interrupted', async () => {
  const half = 101
  const spoilt = (between: string) => makeRtf(`${hex.slice(0, half)}${between}${hex.slice(half)}`)
  const tricks = [
    ...[
      '\\par ',
      '\\foo1234 ',
      '{\\*\\bar 00}',
      '{}',
      '{{{',
      '\t \n',
      '\\*\\x\\- ',
      '{\\*\\deep {\\n 12}34}',
      '\\~',
      'xyz',
    ],
    ...['\\bin0 ', '\\bin00000 ', '\0'],
  ]
  for (const trick of tricks) assert.equal(await programWords(spoilt(trick)), `${FOUND}@a.com`, trick)
})

test('raw bytes count among the digits, and a brace in them ends no group', async () => {
  const middle = 40
  const raw = Buffer.concat([
    Buffer.from(`{\\rtf1{\\object{\\*\\objdata ${hex.slice(0, 2 * middle)}\\bin${object.length - middle} `),
    object.subarray(middle),
    Buffer.from('}}}'),
  ])
  assert.equal(await programWords(raw), `${FOUND}@a.com`)
  const braces = Buffer.from(`{\\rtf1{\\pict\\bin3 }}}}{\\object\\objdata ${hex}}}`)
  assert.equal(await programWords(braces), `${FOUND}@a.com`)
})

test('half a byte before an escaped one is dropped', async () => {
  assert.equal(await programWords(makeRtf(`${hex.slice(0, 100)}f\\'00${hex.slice(100)}`)), `${FOUND}@a.com`)
})

test('an object that is a compound file is opened, with a header and with one that lies', async () => {
  const compound = makeOle2([{ name: '\x01Ole10Native', data: nativeStream(makePackage('c.com', program)) }])
  const inside = `${FOUND}@Word.Document.8/c.com`
  assert.equal(await programWords(makeRtf(makeOle1('Word.Document.8', compound).toString('hex'))), inside)
  const lies = makeOle1('x', compound)
  lies.writeUInt32LE(7, 4)
  assert.equal(await programWords(makeRtf(lies.toString('hex'))), `${FOUND}@object/c.com`)
})

test('what breaks off is scanned and told', async () => {
  const cut = makeOle1('Package', makePackage('a.com', program), 5000).toString('hex')
  assert.equal(await programWords(makeRtf(cut)), `${FOUND}@a.com, unscanned damaged@a.com`)
  assert.equal(await programWords(makeRtf(hex).subarray(0, -3)), `${FOUND}@a.com`)
})

test('limits hold: entries, bytes of an object, objects within objects', async () => {
  const two = Buffer.from(`{\\rtf1{\\objdata 00}{\\objdata ${hex}}}`)
  assert.equal(await programWords(two, { maxEntries: 1 }), 'unscanned too-many-entries')
  const long = makeRtf(`${hex}${'00'.repeat(4000)}`)
  assert.equal(
    await programWords(long, { maxContentBytes: 1024 }),
    `${FOUND}@a.com, unscanned too-large@objdata`,
  )
  assert.equal(await programWords(Buffer.from(`{\\rtf1${'{\\objdata 0'.repeat(100_000)}`)), 'clean')
  assert.equal(
    await programWords(Buffer.from(`{\\rtf1{\\objdata ${hex.slice(0, 30)}{\\objdata ${hex}}`)),
    `${FOUND}@a.com`,
  )
})
