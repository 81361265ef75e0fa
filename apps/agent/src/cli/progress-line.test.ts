/** Tests of the progress line's text: it fits the terminal and claims no total it does not know. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeProgress } from './progress-line.ts'

const progress = {
  scanId: '00000000-0000-4000-8000-000000000000',
  filesDone: 1500,
  filesTotal: 3000,
  bytesDone: 50_000_000,
  bytesTotal: 100_000_000,
  detections: 1,
  unscanned: 0,
  bytesPerSecond: 12_300_000,
  secondsLeft: 4,
  currentPath: '/usr/lib/x86_64-linux-gnu/a-very-long-name-that-does-not-fit-anywhere.so.1.2.3',
}

test('files, bytes, rate and time left are all on the line', () => {
  const text = describeProgress(progress, 200)
  for (const part of [
    '50 %',
    '1,500/3,000 files',
    '50.0 MB of 100 MB',
    '12.3 MB/s',
    '4 s left',
    '1 detected',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`)
})

test('the line is never wider than the terminal', () => {
  for (const width of [10, 40, 79, 100, 130]) assert.ok(describeProgress(progress, width).length <= width)
})

test('while files are counted no percentage is shown', () => {
  const text = describeProgress({ ...progress, filesTotal: null, bytesTotal: null, secondsLeft: null }, 200)
  assert.ok(text.includes('counting'))
  assert.ok(!text.includes('%'))
})
