import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeSignatures, writeSignatures } from '../../bench/signatures.ts'
import { eicar, tarGzOf, zipOf } from '../fixtures/eicar.ts'
import { clamscan, coreward, temporaryFolder, withoutClamscan } from './comparison.ts'

const builtin = join(import.meta.dirname, '../../packages/definitions/builtin')

test('stock clamscan accepts every line of the built-in pack, and both find EICAR with it, also in containers', {
  skip: withoutClamscan,
}, async () => {
  using folder = temporaryFolder()
  const set = makeSignatures(builtin, { hashes: 0, patterns: 0 })
  const database = join(folder.path, 'database')
  mkdirSync(database)
  writeSignatures(database, set)
  const paths = ['plain', 'zipped.zip', 'nested.tar.gz'].map((name) => join(folder.path, name))
  const [plain = '', zipped = '', nested = ''] = paths
  writeFileSync(plain, eicar())
  writeFileSync(zipped, zipOf('eicar.com', eicar()))
  writeFileSync(nested, await tarGzOf('inner.zip', zipOf('eicar.com', eicar())))
  const theirs = clamscan(database, paths)
  const ours = await coreward(set.files, paths)
  for (const path of paths) {
    assert.match(theirs.get(path) ?? 'nothing', /eicar/i, path)
    assert.equal(ours.get(path), theirs.get(path), path)
  }
})
