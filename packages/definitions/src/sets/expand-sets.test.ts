import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { expandSets } from './expand-sets.ts'
import { makeSet } from './signature-set.fixture.ts'

test('the files of a set are compiled like loose ones, and a refused set and a refused line are told by their names', async () => {
  const good = await makeSet()
  const signedByNobody = await makeSet({ signHeader: true })
  const { files, sets } = await expandSets([
    { name: 'own.ndb', text: 'Test.Own:0:*:6162636466\n' },
    { name: 'main.cud', text: () => [good.subarray(0, 100), good.subarray(100)] },
    { name: 'daily.CVD', text: () => [signedByNobody] },
    { name: 'text.cld', text: 'not a set' },
  ])
  assert.deepEqual(
    files.map(({ name }) => name),
    ['own.ndb', 'main.cud/main.hdb', 'main.cud/main.ndb'],
  )
  assert.deepEqual(
    sets.map(({ file, outcome, version, builtAt }) => [file, outcome, version, builtAt]),
    [
      ['main.cud', 'unverified', 7, '2026-11-25T12:31:37.000Z'],
      ['daily.CVD', 'refused', undefined, undefined],
      ['text.cld', 'refused', undefined, undefined],
    ],
  )
  const { summary } = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files, sets })
  assert.deepEqual(summary.counts, { ndb: 2, hdb: 1 })
  assert.equal(summary.sets, sets)
  assert.deepEqual(
    summary.refused.map(({ file, line }) => [file, line]),
    [
      ['daily.CVD', 0],
      ['text.cld', 0],
      ['main.cud/main.ndb', 3],
    ],
  )
  assert.match(summary.refused[0]?.reason ?? '', /not one of ClamAV/)
})
