import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from './compile.ts'
import { emptyDefinitions } from './empty-set.ts'
import { openDefinitions } from './open.ts'

test('the set of nothing is what the compiler makes of nothing', () => {
  const [version, createdAt] = ['none', '2026-11-25T00:00:00Z']
  const bytes = emptyDefinitions(version, createdAt)
  assert.deepEqual(bytes, compileDefinitions({ version, createdAt, files: [] }).bytes)
  assert.equal(openDefinitions(bytes).signatureCount, 0)
})
