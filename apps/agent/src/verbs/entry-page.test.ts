import assert from 'node:assert/strict'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { FolderReader, STATE_WORDS } from '@coreward/host'
import { EntryPage, EntryPageWriter, fromBase64 } from './entry-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-page-'))
after(() => rmSync(folder, { recursive: true }))

const told = (page: EntryPage) => {
  const records: string[] = []
  for (let kind = page.next(); kind !== undefined; kind = page.next()) {
    if (kind === 'begins') records.push(`begins ${page.value}`)
    else if (kind === 'failed') records.push(`failed ${page.failure}`)
    else {
      const size = EntryPage.size(page.words, page.stateAt)
      records.push(`${kind} ${page.nameOf(page.stateAt)} ${size} ${page.links}`)
    }
  }
  return records
}

describe('a page of entries', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  test('tells what a reader read, whatever the length of a name, through base64 as well', () => {
    mkdirSync(join(folder, 'sub'))
    for (let length = 1; length <= 255; length += 1)
      writeFileSync(join(folder, 'x'.repeat(length)), 'y'.repeat(length))
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]), '')
    const writer = new EntryPageWriter()
    const reader = new FolderReader()
    const fd = openSync(folder, 'r')
    reader.begin(fd)
    assert.ok(writer.begin(0))
    writer.fail('unreadable')
    assert.ok(writer.begin(12_345))
    while (reader.next()) assert.ok(writer.add(reader))
    closeSync(fd)
    writer.fail('gone')
    const bytes = fromBase64(Buffer.from(writer.bytes()).toString('base64'))
    assert.deepEqual(bytes, Buffer.from(writer.bytes()))
    const records = told(new EntryPage(bytes))
    assert.deepEqual(records.slice(0, 3), ['begins 0', 'failed unreadable', 'begins 12345'])
    assert.equal(records.at(-1), 'failed gone')
    const expected = Array.from({ length: 255 }, (_, at) => `file ${'x'.repeat(at + 1)} ${at + 1} 1`)
    const entries = records.slice(3, -1).filter((record) => !record.startsWith('folder'))
    assert.deepEqual(entries.toSorted(), [...expected, 'file \udcff 0 1'].toSorted())
    assert.equal(records.filter((record) => /^folder sub \d+ 2$/.test(record)).length, 1)
  })

  test('a page that is full takes nothing more but a failure', () => {
    const writer = new EntryPageWriter()
    let begun = 0
    while (writer.begin(begun)) begun += 1
    writer.fail('gone')
    const records = told(new EntryPage(writer.bytes()))
    assert.equal(records.length, begun + 1)
    assert.equal(records.at(-1), 'failed gone')
  })

  test('what is no record is refused, not guessed at', () => {
    const page = (...words: number[]) => told(new EntryPage(new Uint8Array(Uint32Array.from(words).buffer)))
    assert.deepEqual(page(), [])
    assert.throws(() => page(4), { code: 'malformed' })
    assert.throws(() => page(1 | (3 << 8), ...new Array(STATE_WORDS).fill(0)), { code: 'malformed' })
    assert.throws(() => page(1 | (0xffffff << 8), ...new Array(STATE_WORDS + 2).fill(0)), {
      code: 'malformed',
    })
    assert.deepEqual(page(3 | (200 << 8)), ['failed unreadable'])
  })
})
