import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ScanResult } from '@coreward/engine'
import { describeFile, openDescriptions } from './file-description.ts'

const silent = { warning: () => {}, complaint: () => {} }
const facts = (innerPath: string | undefined, depth: number, type = 'CL_TYPE_ZIP') => ({
  ...(innerPath === undefined ? {} : { innerPath }),
  depth,
  type,
  bytes: 7,
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
})

function resultWith(listed: NonNullable<ScanResult['contents']>['listed'], unlisted = 0): ScanResult {
  return {
    verdict: {
      outcome: 'infected',
      detections: [
        { signature: 'Test', severity: 'low', category: 'test-file', innerPath: 'a.zip/x.txt' },
        { signature: 'Heuristics.Encrypted.Zip', severity: 'low', category: 'heuristic' },
      ],
      unscanned: [],
    },
    bytes: 7,
    bytesRead: 7,
    fileType: 'zip',
    contents: { listed, unlisted },
    milliseconds: 1,
    definitionsVersion: '1',
  }
}

test('contents are described inside the containers they lie in, each with what was found in it', () => {
  const listed = [
    facts(undefined, 0),
    facts('a.zip', 1),
    facts('a.zip/x.txt', 2, 'CL_TYPE_TEXT_ASCII'),
    facts('a.zip/y.zip', 2),
    facts('a.zip/y.zip/z', 3),
    facts('last', 1),
  ]
  const described = describeFile('/srv/outer.zip', resultWith(listed))
  assert.equal(described?.FileName, 'outer.zip')
  assert.equal(described?.RootFileType, 'CL_TYPE_ZIP')
  assert.deepEqual(described?.Viruses, ['Heuristics.Encrypted.Zip'])
  const [inner, last] = described?.ContainedObjects ?? []
  assert.deepEqual([inner?.FileName, last?.FileName, last?.ContainedObjects], ['a.zip', 'last', undefined])
  const [text, zip] = inner?.ContainedObjects ?? []
  assert.deepEqual([text?.FileName, text?.Viruses], ['x.txt', ['Test.UNOFFICIAL']])
  assert.deepEqual(
    zip?.ContainedObjects?.map(({ FileName }) => FileName),
    ['z'],
  )
})

test('what is not listed is counted, and nothing is said of a file that was not read', () => {
  assert.equal(describeFile('x', resultWith([facts(undefined, 0)], 12))?.ContentsOmitted, 12)
  assert.equal(describeFile('x', resultWith([])), undefined)
})

test('a description is kept in a folder of its own, under a name that is harmless', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-description-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const describe = openDescriptions({ print: false, folder }, silent)
  for (let count = 0; count < 2; count += 1)
    describe?.(`/srv/a\nb${'x'.repeat(300)}`, resultWith([facts(undefined, 0)]))
  const kept = readdirSync(folder)
  assert.equal(kept.length, 2)
  for (const name of kept) {
    assert.match(name, /^\d{8}_\d{6}-a_bx{197}\.\w{6}$/)
    assert.equal(JSON.parse(readFileSync(join(folder, name, 'metadata.json'), 'utf8')).Magic, 'CLAMJSONv0')
  }
})

test('a folder for descriptions that is none is refused before anything is scanned', () => {
  assert.throws(() => openDescriptions({ print: false, folder: '/dev/null' }, silent), /no folder/)
  assert.throws(() => openDescriptions({ print: false, folder: '/nowhere/at/all' }, silent), /ENOENT/)
})
