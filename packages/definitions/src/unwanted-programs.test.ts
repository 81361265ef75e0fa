import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from './compile.ts'
import { openDefinitions } from './open.ts'
import { isAskedFor, type UnwantedCategories } from './unwanted-programs.ts'

const files = [
  { name: 'a.hdu', text: `${'0a'.repeat(16)}:30:PUA.Win.Tool.Hash\n` },
  { name: 'a.mdu', text: `30:${'0b'.repeat(16)}:PUA.Win.Tool.Section\n` },
  { name: 'a.ndu', text: 'PUA.Unix.Tool.Body:0:*:6162636465\nnonsense\n' },
  { name: 'a.ldu', text: 'PUA.Win.Packer.Logical;Engine:81-255,Target:0;0;6162636465\n' },
  { name: 'a.ndb', text: 'PUA.Win.Tool.InNdb:0:*:6162636465\n' },
]

function compiled(unwanted?: UnwantedCategories) {
  const given = { version: '1', createdAt: '2026-11-24T00:00:00Z', files }
  const { bytes, summary } = compileDefinitions(unwanted === undefined ? given : { ...given, unwanted })
  const definitions = openDefinitions(bytes)
  const names = Array.from({ length: definitions.signatureCount }, (_, id) => definitions.signature(id).name)
  return { names: names.sort(), summary }
}

test('signatures of unwanted programs are counted, and taken when they are asked for', () => {
  const without = compiled()
  assert.deepEqual(without.names, ['PUA.Win.Tool.InNdb'])
  assert.deepEqual(
    without.summary.unsupported.map(({ format, count }) => `${format} ${count}`),
    ['hdu 1', 'mdu 1', 'ndu 2', 'ldu 1'],
  )
  const { names, summary } = compiled({})
  assert.equal(names.length, 5)
  assert.deepEqual(summary.counts, { hdu: 1, mdu: 1, ndu: 1, ldu: 1, ndb: 1 })
  assert.deepEqual(summary.unsupported, [])
  assert.deepEqual(
    summary.refused.map(({ file, line }) => `${file}:${line}`),
    ['a.ndu:2'],
  )
})

test('categories choose among the files of unwanted programs alone', () => {
  assert.deepEqual(compiled({ only: ['Unix'] }).names, ['PUA.Unix.Tool.Body', 'PUA.Win.Tool.InNdb'])
  assert.deepEqual(compiled({ without: ['Tool'] }).names, ['PUA.Win.Packer.Logical', 'PUA.Win.Tool.InNdb'])
})

test('a category is a part of the name between PUA and its last part, as in clamscan', () => {
  const asked = (name: string, category: string) => isAskedFor(name, { only: [category] })
  assert.ok(asked('PUA.Win.Packer.Y', 'Win'))
  assert.ok(asked('PUA.Win.Packer.Y', 'Packer'))
  assert.ok(asked('PUA.Win.Packer.Y', 'Win.Packer'))
  assert.ok(asked('PUA.Win.', 'Win'))
  for (const category of ['win', 'Wi', 'Y', 'PUA', 'in.Pack']) assert.ok(!asked('PUA.Win.Packer.Y', category))
  for (const name of ['PUA.Win', 'PUA', 'MyPUA.Win.B', 'PUAX.Win.B']) assert.ok(!asked(name, 'Win'))
  assert.ok(!isAskedFor('Other.Name', { without: ['Win'] }))
  assert.ok(isAskedFor('Other.Name', {}))
  assert.ok(!isAskedFor('PUA.Unix.A', { without: ['Win', 'Unix'] }))
})
