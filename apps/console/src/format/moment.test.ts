/** Tests of instants and lengths of time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDay, formatDuration, formatExactly, formatMoment } from './moment.ts'

const now = new Date('2026-11-24T12:00:00Z')

test('a recent instant is told from now, in both languages', () => {
  assert.equal(formatMoment(new Date('2026-11-24T11:57:00Z'), now, 'en'), '3 minutes ago')
  assert.equal(formatMoment(new Date('2026-11-24T11:57:00Z'), now, 'ja'), '3 分前')
  assert.equal(formatMoment(new Date('2026-11-24T12:00:04Z'), now, 'en'), 'now')
  assert.equal(formatMoment(new Date('2026-11-23T12:00:00Z'), now, 'en'), 'yesterday')
})

test('an instant of more than a week ago is a date', () => {
  assert.match(formatMoment(new Date('2026-10-01T12:00:00Z'), now, 'en'), /Oct 1, 2026/)
})

test('the exact instant has seconds and a zone', () => {
  assert.equal(formatExactly(now, 'en', 'Asia/Tokyo'), 'Nov 24, 2026, 21:00:00 GMT+9')
})

test('a day is not moved by the zone', () => {
  assert.equal(formatDay('2026-11-24', 'en'), 'Nov 24')
  assert.equal(formatDay('2026-11-24', 'ja'), '11月24日')
  assert.equal(formatDay('2026-11-24', 'ja', 'numeric'), '11/24')
})

test('a length of time has its two largest units', () => {
  assert.equal(formatDuration(3900, 'en'), '1 hr 5 min')
  assert.equal(formatDuration(0.2, 'en'), '0 sec')
  assert.equal(formatDuration(59, 'en'), '59 sec')
  assert.equal(formatDuration(3600, 'en'), '1 hr')
})
