/** Tests of how far a scan is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareDone } from './share-done.ts'

const progress = {
  scanId: '00000000-0000-4000-8000-000000000000',
  filesDone: 5,
  filesTotal: 10,
  bytesDone: 100,
  bytesTotal: 1000,
  detections: 0,
  unscanned: 0,
  bytesPerSecond: 1,
  secondsLeft: null,
  currentPath: null,
}

test('a scan is as far as its bytes are, and as its files while the bytes are unknown', () => {
  assert.equal(shareDone(progress), 0.1)
  assert.equal(shareDone({ ...progress, bytesTotal: null }), 0.5)
  assert.equal(shareDone({ ...progress, bytesTotal: null, filesTotal: null }), null)
})

test('files that grow during the scan do not push it over the end, and empty files count by number', () => {
  assert.equal(shareDone({ ...progress, bytesDone: 2000 }), 1)
  assert.equal(shareDone({ ...progress, bytesDone: 0, bytesTotal: 0 }), 0.5)
})
