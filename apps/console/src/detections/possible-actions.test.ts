/** Tests of which actions are offered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionsFor, restoreWasRefused } from './possible-actions.ts'

test('a file in its place can be quarantined or deleted, one in quarantine restored or deleted', () => {
  assert.deepEqual(actionsFor({ state: 'active', quarantineId: null }), ['quarantine', 'delete'])
  assert.deepEqual(actionsFor({ state: 'quarantined', quarantineId: 'q' }), ['restore', 'delete'])
  assert.deepEqual(actionsFor({ state: 'deleted', quarantineId: null }), [])
})

test('a restore counts as refused only while nothing has happened since', () => {
  const step = { at: '2026-11-24T00:00:00Z', by: null, failure: null }
  const refused = { ...step, action: 'restore', outcome: 'failed' } as const
  assert.equal(restoreWasRefused({ steps: [refused] }), true)
  assert.equal(
    restoreWasRefused({ steps: [refused, { ...step, action: 'restore', outcome: 'requested' }] }),
    false,
  )
  assert.equal(restoreWasRefused({ steps: [] }), false)
})
