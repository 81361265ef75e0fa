import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { contentType } from '../content-type.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { makeZip } from '../unpack/archives.fixture.ts'
import { normalisedForms } from './forms.ts'

function formsOf(bytes: Uint8Array): string[] {
  const source = bytesSource(bytes)
  return [...normalisedForms(source, contentType(source, { typeRules: [] }).name, () => {})].map(
    ({ target, content, isHashed }) =>
      `${target}${isHashed ? '#' : ''} ${Buffer.from(content.read(0, content.size)).toString('latin1')}`,
  )
}

const formsOfText = (text: string) => formsOf(Buffer.from(text, 'latin1'))

test('text has one form, HTML one without comments, one without tags, and one of its scripts', () => {
  assert.deepEqual(formsOfText('Plain  TEXT\n'), ['7 plain text '])
  assert.deepEqual(formsOfText('#!/bin/sh\nEcho'), ['7 #!/bin/sh echo'])
  assert.deepEqual(formsOfText('<html>A <b>B'), ['3# <html>a <b>b', '3#  a b'])
  assert.deepEqual(formsOfText('<img>x<script>a  = 1</script>'), [
    '3# <img>x<script>a=1</script>',
    '3#  x ',
    '3# <script>a=1</script>',
    '7 <script>a=1</script>',
  ])
})

test('HTML is told by a tag anywhere in a text, in some spellings', () => {
  const isHtml = (text: string) => formsOfText(`words ${text} words`)[0]?.startsWith('3') === true
  const yes = [
    '<html>',
    '<HEAD>',
    '<Script',
    '<iframe',
    '<TABLE',
    '<img',
    '<object',
    '<a href',
    '<A b c HREF',
    '<a  Href',
  ]
  for (const text of yes) assert.ok(isHtml(text), text)
  for (const text of [
    '<html lang=en>',
    '<hTmL>',
    '<Table',
    '<body>',
    '<!doctype html>',
    '<ahref',
    '<a\thref',
    'href <a ',
  ])
    assert.ok(!isHtml(text), text)
  assert.ok(isHtml(`${'x'.repeat(256 * 1024 - 9)}<img`), 'over the border of a block')
  assert.ok(isHtml(`<a ${'x'.repeat(600_000)}href`), 'blocks apart')
})

test('text of two bytes a character has the forms of its letters', () => {
  assert.deepEqual(formsOf(Buffer.from('\ufeffSome  Text', 'utf16le')), ['7 some text'])
  assert.equal(formsOf(Buffer.from('<html>A  B', 'utf16le'))[0], '3# <html>a b')
})

test('data has the form of text when no character zero stands near its beginning, and HTML where there is any', () => {
  assert.deepEqual(formsOfText('\x01\x02Some  Text'), ['7 some text'])
  assert.deepEqual(formsOfText('\x01\x02\0\0\0\0Some  Text'), [])
  assert.deepEqual(formsOfText('GIF89a\x01\0\0\0<html>A'), ['3# gif89a\x01<html>a', '3# gif89a a'])
  assert.deepEqual(formsOfText('\x7fELF<html>Some  Text'), [])
})

test('a tag in data makes it HTML when it stands whole within the first 1024 bytes', () => {
  const dataWith = (at: number) => {
    const bytes = Buffer.alloc(4000, Buffer.from([0, 0x81, 0x61, 0x62]))
    bytes.write('<html>', at, 'latin1')
    return formsOf(bytes).some((form) => form.startsWith('3'))
  }
  assert.deepEqual([1018, 1019, 3000].map(dataWith), [true, false, false])
})

test('what is longer than its limit has no form', () => {
  assert.equal(formsOf(Buffer.alloc(20 * 1024 * 1024, 'A')).length, 1)
  assert.equal(formsOf(Buffer.alloc(20 * 1024 * 1024 + 1, 'A')).length, 0)
  const page = Buffer.alloc(40 * 1024 * 1024 + 1, '<html>')
  assert.equal(formsOf(page).length, 0)
  assert.equal(
    formsOf(Buffer.concat([Buffer.from('<img>'), Buffer.alloc(8 * 1024 * 1024 + 1, 'a')])).length,
    1,
  )
})

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

function setOf(files: Readonly<Record<string, readonly string[]>>): Uint8Array {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: Object.entries(files).map(([ending, lines]) => ({
      name: `set.${ending}`,
      text: lines.join('\n'),
    })),
  })
  assert.deepEqual(summary.refused, [])
  return bytes
}

const found = async (set: Uint8Array, content: string | Uint8Array) =>
  inWords(await scanHere({ bytes: Buffer.from(content as string, 'latin1') }, {}, undefined, set))
    .replaceAll('infected ', '')
    .split(', ')
    .sort()
    .join(' ')

test('signatures for text and HTML are found in the forms alone, those for any target in the file too', async () => {
  const set = setOf({
    ndb: [
      `Text:7:*:${hex('hello world')}`,
      `TextStart:7:0:${hex('hello')}`,
      `TextEnd:7:EOF-4:${hex('end ')}`,
      `TextRaw:7:*:${hex('HELLO')}`,
      `Page:3:*:${hex('hello world')}`,
      `PageRaw:3:*:${hex('HELLO')}`,
      `Any:0:*:${hex('hello world')}`,
      `AnyRaw:0:*:${hex('HELLO  World')}`,
      `Program:1:*:${hex('hello world')}`,
    ],
    ldb: [
      `Both;Engine:81-255,Target:0;0&1;${hex('HELLO')};${hex('hello')}`,
      `Size;Engine:81-255,FileSize:16-16,Target:7;0;${hex('world')}`,
      `None;Engine:81-255,Target:3;0=0;${hex('HELLO')}`,
    ],
  })
  assert.equal(await found(set, 'HELLO  World end\n'), 'Any AnyRaw Size Text TextEnd TextStart')
  assert.equal(await found(set, '<html>HELLO  World end'), 'Any AnyRaw None Page')
  assert.equal(await found(set, '\0\0\0\0HELLO  World'), 'AnyRaw')
  assert.equal(
    inWords(
      await scanHere(
        { bytes: makeZip([{ name: 'a', data: Buffer.from('hello\nworld') }]) },
        {},
        undefined,
        set,
      ),
    ),
    'infected Text@a, infected TextStart@a, infected Any@a',
  )
})

test('hash signatures are for the forms of HTML too and not for that of text, and an allowed form has no detections', async () => {
  const page = '<html>A <b>B'
  const pageForm = '<html>a <b>b'
  const set = (files: Readonly<Record<string, readonly string[]>> = {}) =>
    setOf({
      ...files,
      hdb: [
        `${md5(pageForm)}:${pageForm.length}:Page`,
        `${md5(' a b')}:4:Tagless`,
        `${md5('text a')}:6:Text`,
      ],
      ndb: [`Bold:3:*:${hex('<b>')}`],
    })
  assert.equal(await found(set(), page), 'Bold Page Tagless')
  assert.equal(await found(set(), 'TEXT  A'), 'clean')
  assert.equal(await found(set({ fp: [`${md5(pageForm)}:${pageForm.length}:Page`] }), page), 'Tagless')
  assert.equal(await found(set({ fp: [`${md5(page)}:${page.length}:File`] }), page), 'clean')
})

test('a scan ends while a form is made', async () => {
  const set = setOf({ ndb: [`Text:7:*:${hex('hello')}`] })
  const result = await scanHere(
    { bytes: Buffer.alloc(8_000_000, 'aB ') },
    { timeLimitMilliseconds: 1 },
    undefined,
    set,
  )
  assert.equal(inWords(result), 'unscanned timed-out')
})
