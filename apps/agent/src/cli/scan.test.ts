/** Tests of what the words of `coreward scan` mean and how findings and summaries read. */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { describeFinding, describeSummary, scanRequest } from './scan.ts'

test('quick and full are scans of that kind, anything else is paths from the working folder', () => {
  assert.deepEqual(scanRequest(['quick'], {}), { kind: 'quick', paths: [] })
  assert.deepEqual(scanRequest(['full'], { quarantine: true }), {
    kind: 'full',
    paths: [],
    action: 'quarantine',
  })
  assert.deepEqual(scanRequest(['a', '/b'], {}), { kind: 'custom', paths: [resolve('a'), '/b'] })
  assert.deepEqual(scanRequest(['./quick'], {}), { kind: 'custom', paths: [resolve('quick')] })
})

test('more paths than a scan takes are refused with the remedy', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `f${index}`)
  assert.equal(scanRequest(many(100), {}).paths.length, 100)
  assert.throws(() => scanRequest(many(101), {}), /100 paths at most, not 101: name the folder/)
})

test('a finding names file, inner path, signature and what was done', () => {
  const text = describeFinding({
    kind: 'detection',
    detectionId: '00000000-0000-4000-8000-000000000000',
    path: '/srv/a.zip',
    innerPath: 'b.php',
    signature: 'Php.Webshell.X',
    severity: 'high',
    action: 'quarantine-failed',
    failure: 'the disk is full',
  })
  assert.equal(
    text,
    'DETECTED   /srv/a.zip → b.php: Php.Webshell.X (high), could not be moved to quarantine: the disk is full',
  )
})

test('a summary lists every reason and the folders that could not be listed', () => {
  const text = describeSummary({
    filesScanned: 10,
    filesUnchanged: 0,
    filesAnswered: 0,
    filesAgainstAdditions: 0,
    filesExcluded: 0,
    unscanned: { encrypted: 2, damaged: 1 },
    bytesScanned: 2_000_000,
    filesInfected: 0,
    foldersUnreadable: 1,
    coverage: 0.8,
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:02.000Z',
    definitionsVersion: '1',
  })
  for (const part of [
    '10 files, 2.00 MB in 2 s, 1.00 MB/s',
    '2 encrypted',
    '1 damaged',
    '1 folder could not',
    '80.00 %',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`)
})
