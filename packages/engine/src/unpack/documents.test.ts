/** OneNote, shell links, stores of Outlook, encrypted documents, and installers' names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeZip } from './archives.fixture.ts'
import { makePackage, nativeStream, uint16, uint32 } from './documents.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { streamName } from './ole2-names.ts'
import { program, programWords } from './program.fixture.ts'

const FOUND = 'infected Program'

const section = (files: readonly Uint8Array[], stated?: number) =>
  Buffer.concat([
    Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'),
    Buffer.alloc(1000, 1),
    ...files.flatMap((file) => [
      Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex'),
      ...[uint32(stated ?? file.length, 0), Buffer.alloc(12), file, Buffer.alloc(16, 0x71)],
    ]),
  ])

test('files in a section of OneNote are found, wherever they lie', async () => {
  assert.equal(await programWords(section([Buffer.alloc(100_000), program])), `${FOUND}@file 2`)
  const lies = await programWords(section([program], 0xffffffff))
  assert.equal(lies, 'unscanned damaged@file 1')
  assert.equal(
    await programWords(section([program, program]), { maxEntries: 1 }),
    `${FOUND}@file 1, unscanned too-many-entries`,
  )
})

function shellLink(text: string, isWide: boolean): Buffer {
  const header = Buffer.alloc(76)
  header.set(Buffer.from('4c0000000114020000000000c000000000000046', 'hex'))
  header.writeUInt32LE(1 | 2 | 4 | 32 | (isWide ? 0x80 : 0), 20)
  const string = (value: string) =>
    Buffer.concat([uint16(value.length), Buffer.from(value, isWide ? 'utf16le' : 'latin1')])
  const target = Buffer.concat([uint16(6), Buffer.alloc(6, 3)])
  const information = Buffer.concat([uint32(28), Buffer.alloc(24, 4)])
  return Buffer.concat([header, target, information, string('A name'), string(text)])
}

test('the arguments of a shell link are a content', async () => {
  const words = async (bytes: Uint8Array) => inWords(await scanHere({ bytes }))
  const text = `/c ${eicar().toString('latin1')}`
  assert.equal(await words(shellLink(text, true)), 'infected Eicar-Test-Signature@arguments')
  assert.match(await words(shellLink(text, false)), /infected Eicar-Test-Signature@arguments$/)
  for (const length of [76, 77, 84, 85, 100])
    assert.equal(await words(shellLink(text, true).subarray(0, length)), 'unscanned damaged', `${length}`)
})

test('a store of Outlook is told as not looked into', async () => {
  assert.equal(await programWords(Buffer.from('!BDN and more')), 'unscanned unsupported')
})

test('encrypted documents are told, each kind by its own mark, beside what is found in the rest', async () => {
  const native = { name: '\x01Ole10Native', data: nativeStream(makePackage('a.com', program)) }
  const word = Buffer.concat([uint16(0xa5ec), Buffer.alloc(8), uint16(0x100), Buffer.alloc(100)])
  const book = Buffer.concat([uint16(0x809, 4), uint32(0x600), uint16(0x2f, 2, 0)])
  const user = Buffer.concat([Buffer.alloc(8), uint32(0x14, 0xf3d1c4df), Buffer.alloc(20)])
  for (const [name, data] of [
    ['WordDocument', word],
    ['Workbook', book],
    ['Current User', user],
    ['EncryptedPackage', user],
  ] as const)
    assert.equal(
      await programWords(makeOle2([{ name, data }, native])),
      `${FOUND}@a.com, unscanned encrypted@${name}`,
    )
  const plain = Buffer.concat([uint16(0xa5ec), Buffer.alloc(200)])
  const sheet = Buffer.concat([uint16(0x809, 4), uint32(0x600), uint16(0x85, 2, 0), uint16(0x2f, 2, 0)])
  const open = [{ name: 'WordDocument', data: plain }, { name: 'Workbook', data: sheet }, native]
  assert.equal(await programWords(makeOle2(open)), `${FOUND}@a.com`)
})

test('an encrypted OpenDocument file is told by its manifest', async () => {
  const manifest = (inside: string) =>
    makeZip([
      {
        name: 'META-INF/manifest.xml',
        data: Buffer.from(`<manifest:file-entry>${inside}</manifest:file-entry>`),
      },
      { name: 'content.xml', data: program },
    ])
  assert.equal(await programWords(manifest('')), `${FOUND}@content.xml`)
  const encrypted = await programWords(manifest('<manifest:encryption-data manifest:checksum="x"/>'))
  assert.equal(encrypted, `${FOUND}@content.xml, unscanned encrypted`)
})

test("names in installers' databases are read, and others stay", () => {
  assert.equal(streamName('\u4840\u3b3f\u43f2\u4438\u45b1'), '!_Columns')
  assert.equal(streamName('\x05SummaryInformation'), '\x05SummaryInformation')
  assert.equal(streamName('日本'), '日本')
})
