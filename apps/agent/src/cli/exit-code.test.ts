/** Tests that a scan which left something out never ends with the code for clean. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScanSummary } from '@coreward/contracts'
import { exitCodeOfScan } from './exit-code.ts'

const clean: ScanSummary = {
  filesScanned: 3,
  filesUnchanged: 0,
  filesAnswered: 0,
  filesAgainstAdditions: 0,
  filesExcluded: 0,
  unscanned: {},
  bytesScanned: 10,
  filesInfected: 0,
  foldersUnreadable: 0,
  coverage: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  definitionsVersion: '1',
}

test('a completed scan of everything that found nothing is clean', () => {
  assert.equal(exitCodeOfScan('completed', clean), 0)
})

test('a detection goes before what was left out', () => {
  assert.equal(exitCodeOfScan('completed', { ...clean, filesInfected: 1, unscanned: { encrypted: 2 } }), 1)
  assert.equal(exitCodeOfScan('failed', { ...clean, filesInfected: 1 }), 1)
})

test('a file or folder left out, or a scan cut short, is incomplete and never clean', () => {
  assert.equal(exitCodeOfScan('completed', { ...clean, unscanned: { encrypted: 2 } }), 3)
  assert.equal(exitCodeOfScan('completed', { ...clean, foldersUnreadable: 1 }), 3)
  assert.equal(exitCodeOfScan('cancelled', clean), 3)
  assert.equal(exitCodeOfScan('interrupted', clean), 3)
})

test('a scan of nothing but excluded files is incomplete', () => {
  const none = { ...clean, filesScanned: 0, filesExcluded: 2 }
  assert.equal(exitCodeOfScan('completed', none), 3)
  assert.equal(exitCodeOfScan('completed', { ...none, filesScanned: 1 }), 0)
})

test('a scan that failed is an error', () => {
  assert.equal(exitCodeOfScan('failed', clean), 2)
})
