/** What reads like text and is of a type that has no forms, beside stock clamscan: words, pages and mails behind each beginning. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanHits, clamscanMissing } from '../match/clamscan.fixture.ts'
import { scanHere } from '../scanner.fixture.ts'

const words = 'Some words: Marker stands here\nand more\n'
const mail = `\nFrom: a\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${Buffer.from('Inner words').toString('base64')}\n`
const beginnings = [
  ...[
    '%!PS-Adobe-3.0\n',
    '%!PS-Adobe-',
    '%!PS-Adobe',
    '{\\rtf1',
    '{\\rt',
    '{\\r',
    'RIFFabcdWAVE',
    'RIFXabcd',
  ],
  ...['(This file must be converted with BinHex 4.0)\n', '(This file must be converted\n', 'begin 644 a\n'],
]
const bodies = [words, words.repeat(40), `<html><body>${words}</body></html>`, `${words}${mail}`, mail]

const hex = (text: string) => Buffer.from(text).toString('hex')
const lines = [
  ...[0, 7].flatMap((target, index) => [
    `S${4 * index}:${target}:*:${hex('Marker')}`,
    `S${4 * index + 1}:${target}:*:${hex('marker stands')}`,
    `S${4 * index + 2}:${target}:*:${hex('Inner')}`,
  ]),
  `S3:3:*:${hex('marker')}`,
]

test('words, pages and mails are found where clamscan finds them, and where it takes a page for nothing else', {
  skip: clamscanMissing,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-formless-'))
  try {
    const contents = beginnings.flatMap((begin) =>
      bodies.map((body) => Buffer.from(`${begin} ${body}`, 'latin1')),
    )
    const stock = clamscanHits(lines, contents, folder, 'ndb', true)
    const { bytes: set } = compileDefinitions({
      version: 'formless',
      createdAt: '2026-11-24T00:00:00Z',
      files: [{ name: 'set.ndb', text: `${lines.join('\n')}\n` }],
    })
    let found = 0
    for (const [index, bytes] of contents.entries()) {
      const { verdict, fileType } = await scanHere({ bytes }, {}, () => {}, set)
      const names = verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : []
      const ours = [...new Set(names)].sort()
      const told = bytes.toString('latin1', 0, 60)
      // Its own bytes are matched here though it be a page or a mail, and mails in texts are opened.
      const isLess = ['html', 'mail', 'text'].includes(fileType)
      const theirs = [...(stock[index] ?? [])].sort()
      if (isLess)
        assert.deepEqual(
          theirs.filter((name) => !ours.includes(name)),
          [],
          told,
        )
      else assert.deepEqual(ours, theirs, told)
      found += theirs.length
    }
    assert.ok(found > 60, `only ${found} were found`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
