/** Tests of how values are written: rounding never flatters, and names cannot drive the terminal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatCoverage, formatPath, formatSeconds, formatTable } from './text.ts'

test('a coverage below everything is never written as 100 %', () => {
  assert.equal(formatCoverage(0.999999), '99.99 %')
  assert.equal(formatCoverage(1), '100 %')
  assert.equal(formatCoverage(null), '–')
})

test('sizes have at most three figures', () => {
  assert.equal(formatBytes(0), '0 bytes')
  assert.equal(formatBytes(1), '1 byte')
  assert.equal(formatBytes(9.009), '9 bytes')
  assert.equal(formatBytes(1536), '1.54 kB')
  assert.equal(formatBytes(999_700), '1.00 MB')
  assert.equal(formatBytes(123_456_789_000), '123 GB')
})

test('durations are in words people use', () => {
  assert.equal(formatSeconds(5.2), '5 s')
  assert.equal(formatSeconds(184), '3 min 04 s')
  assert.equal(formatSeconds(3725), '1 h 02 min')
})

test('control and direction-changing characters in a path are shown as escapes', () => {
  assert.equal(formatPath('/tmp/a\u001b[31m\u202eb', 'x\ny'), '/tmp/a\\u{1b}[31m\\u{202e}b → x\\u{a}y')
})

test('a table lines up its columns', () => {
  assert.equal(
    formatTable(
      ['A', 'B'],
      [
        ['検疫', 'x'],
        ['b', 'y'],
      ],
    ),
    'A     B\n検疫  x\nb     y',
  )
})
