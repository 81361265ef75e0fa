import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type UnscannedReason, unscannedReasons } from '@coreward/engine'
import { judge } from './judgement.ts'

const unscanned = (...reasons: UnscannedReason[]) =>
  ({ outcome: 'unscanned', unscanned: reasons.map((reason) => ({ reason })) }) as const

test('what was not wholly scanned is an ERROR, and an encrypted part alone is none', () => {
  for (const reason of unscannedReasons)
    assert.equal(judge(unscanned(reason), false).word, reason === 'encrypted' ? 'OK' : 'ERROR', reason)
  assert.equal(judge(unscanned('encrypted', 'damaged'), false).word, 'ERROR')
})

test('as stock, limits and damage are OK, but not what could not be read or opened', () => {
  const errors = unscannedReasons.filter((reason) => judge(unscanned(reason), true).word === 'ERROR')
  assert.deepEqual(errors, [
    'unsupported',
    'changed-during-scan',
    'unreadable',
    'vanished',
    'crashed',
    'cancelled',
  ])
  assert.equal(judge(unscanned('too-large', 'unreadable'), true).word, 'ERROR')
})

test('a detection wins, and an ERROR says where and why', () => {
  const detections = [{ signature: 'Test', severity: 'high', category: 'test' }] as const
  const infected = { outcome: 'infected', detections, unscanned: [{ reason: 'damaged' }] } as const
  assert.deepEqual(judge(infected, false), { word: 'FOUND', detections })
  const part = { reason: 'damaged', innerPath: 'a.zip', detail: 'it breaks off' } as const
  assert.deepEqual(judge({ outcome: 'unscanned', unscanned: [part] }, false), {
    word: 'ERROR',
    why: 'not wholly scanned at a.zip (damaged: it breaks off)',
  })
})
