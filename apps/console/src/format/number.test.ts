/** Tests of numbers as people read them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatMode, formatRate, formatShare } from './number.ts'

test('a size is shown in the largest unit that keeps it at one or above', () => {
  assert.equal(formatBytes(0, 'en'), '0 B')
  assert.equal(formatBytes(1023, 'en'), '1,023 B')
  assert.equal(formatBytes(1536, 'en'), '1.5 KiB')
  assert.equal(formatBytes(64 * 1024 ** 3, 'en'), '64 GiB')
  assert.equal(formatBytes(250 * 1024 ** 2, 'ja'), '250 MiB')
})

test('a share that is not whole never reads as 100 %', () => {
  assert.equal(formatShare(1, 'en'), '100%')
  assert.equal(formatShare(0.99999, 'en'), '99.9%')
  assert.equal(formatShare(0, 'ja'), '0%')
})

test('a speed has a decimal unit', () => {
  assert.equal(formatRate(84_200_000, 'en'), '84.2 MB/s')
  assert.equal(formatRate(0, 'en'), '0 byte/s')
})

test('a mode reads as ls shows it', () => {
  assert.equal(formatMode(0o755), 'rwxr-xr-x')
  assert.equal(formatMode(0o4755), 'rwsr-xr-x')
  assert.equal(formatMode(0o1666), 'rw-rw-rwT')
  assert.equal(formatMode(0), '---------')
})
