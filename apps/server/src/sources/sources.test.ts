import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { builtinSource, testSet } from './sources.ts'

const harmless = '#!/bin/sh\necho "nothing to see"\n'
const setOf = (line: string) =>
  compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T10:00:00.000Z',
    files: [{ name: 'test.hdb', text: `${line}\n` }],
  }).bytes

test('the built-in set compiles, passes its test and is the same for the same version', async () => {
  const source = builtinSource()
  assert.match(source.sha256, /^[0-9a-f]{64}$/)
  assert.equal(builtinSource().sha256, source.sha256)
  const set = await source.compile('2026.11.24.1', '2026-11-24T10:00:00.000Z')
  assert.equal(openDefinitions(set.bytes).version, '2026.11.24.1')
  const sum = Object.values(set.counts).reduce((total, count) => total + count, 0)
  assert.ok(sum > 10, `${sum} signatures`)
  assert.deepEqual(set.refused, [])
  const again = await source.compile('2026.11.24.1', '2026-11-24T10:00:00.000Z')
  assert.deepEqual(again.bytes, set.bytes)
})

test('a set that misses the EICAR test file, or finds something in a harmless script, is refused', async () => {
  const blind = setOf(`${'0'.repeat(32)}:7:Test.Nothing`)
  await assert.rejects(testSet(blind), {
    code: 'definitions-refused',
    message: /the EICAR test file is clean, a harmless script is clean\./,
  })
  const md5 = createHash('md5').update(harmless).digest('hex')
  await assert.rejects(testSet(setOf(`${md5}:${harmless.length}:Test.Wrong`)), {
    code: 'definitions-refused',
    message: /the EICAR test file is clean, a harmless script is infected\./,
  })
})
