import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addCounts, countsIn, noCounts, summaryOf } from './test-counts.ts'

test("node:test's own sums are read, of passed, failed, skipped and unfinished tests alike", () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-counts-'))
  try {
    const file = join(folder, 'mixed.test.mjs')
    writeFileSync(
      file,
      `import { test } from 'node:test'
       test('one', (t) => t.diagnostic('pass 99'))
       test('two', () => {})
       test('three', () => { throw new Error('meant') })
       test('four', { skip: 'a reason' }, () => {})
       test('five', { todo: true }, () => {})`,
    )
    // Without this, the inner runner takes itself for a child of the outer one and writes no sums.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
      encoding: 'utf8',
      env,
    })
    assert.equal(run.status, 1)
    assert.deepEqual(countsIn(run.stdout), { passed: 2, failed: 1, skipped: 2 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('output that was cut off counts nothing', () => {
  assert.deepEqual(countsIn('TAP version 13\nok 1 - one\n'), noCounts)
})

test('the last line sums up all suites', () => {
  const one = { passed: 2, failed: 1, skipped: 0 }
  assert.equal(
    summaryOf(addCounts(one, { passed: 3, failed: 0, skipped: 4 })),
    '5 passed, 1 failed, 4 skipped',
  )
})
