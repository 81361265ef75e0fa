import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DefinitionsAccount } from '@coreward/contracts'
import { describeSet } from './definitions.ts'

const set = {
  version: '2026.11.25.1',
  sha256: 'a'.repeat(64),
  bytes: 1_500_000,
  createdAt: '2026-11-25T10:00:00.000Z',
}

test('a set is shown with what it was made of, and with what is not in it and why', () => {
  const account = DefinitionsAccount.parse({
    counts: { hdb: 1200, ndb: 3 },
    refusedCount: 1500,
    refused: [
      { file: 'own/a.ndb', line: 7, reason: 'an odd number of hexadecimal digits' },
      { file: 'evil\u001b.cvd', line: 0, reason: 'it is damaged' },
    ],
    refusedKinds: [
      { reason: 'an odd number', count: 1499 },
      { reason: 'it is damaged', count: 1 },
    ],
    skipped: 4,
    ignored: 5,
    unsupported: [{ format: 'cbc', count: 22, reason: 'bytecode is not run', names: ['BC.A', 'BC.B'] }],
    sets: [
      { file: 'main.cvd', outcome: 'verified', reason: null, version: 63, builtAt: null },
      {
        file: 'own.cud',
        outcome: 'unverified',
        reason: 'it carries no signature',
        version: 7,
        builtAt: null,
      },
      { file: 'evil\u001b.cvd', outcome: 'refused', reason: 'it is damaged', version: null, builtAt: null },
    ],
  })
  const [first, ...lines] = describeSet('In use', { ...set, ...account }).split('\n')
  assert.match(first ?? '', /^In use: 2026\.11\.25\.1, made 2026-11-25 .*, 1\.50 MB$/)
  assert.deepEqual(lines, [
    `  SHA-256 ${'a'.repeat(64)}`,
    '  signatures: hdb 1,200, ndb 3',
    '  not in it: refused 1,500, not supported 22, for other versions of ClamAV 4, left out by .ign2 5',
    '  from main.cvd: version 63, verified',
    '  from own.cud: version 7, unverified: it carries no signature',
    '  from evil\\u{1b}.cvd: refused: it is damaged',
    '    not supported: cbc 22 (bytecode is not run): BC.A, BC.B and 20 more',
    '    refused: own/a.ndb:7: an odd number of hexadecimal digits',
    '    refused: evil\\u{1b}.cvd: it is damaged',
    '    1,498 more were refused; all by their reasons:',
    '      1,499 × an odd number',
    '      1 × it is damaged',
  ])
})

test('the account of a server of before, which told less, is shown as far as it goes', () => {
  const account = DefinitionsAccount.parse({ counts: {}, refusedCount: 0 })
  const lines = describeSet('Kept', { ...set, ...account }).split('\n')
  assert.deepEqual(lines.slice(2), [
    '  signatures: none',
    '  not in it: refused 0, not supported 0, for other versions of ClamAV 0, left out by .ign2 0',
  ])
})
