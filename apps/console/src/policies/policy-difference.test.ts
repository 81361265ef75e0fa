/** Tests of the differences between policies. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy, type Exclusion, type PolicySettings } from '@coreward/contracts'
import { carryOver, differencesBetween, exclusionChanges } from './policy-difference.ts'

const build: Exclusion = { kind: 'folder', value: '/var/lib/build', reason: 'build output' }
const logs: Exclusion = { kind: 'extension', value: 'log', reason: 'plain text' }

function changed(change: (policy: PolicySettings) => void): PolicySettings {
  const policy = structuredClone(defaultPolicy)
  change(policy)
  return policy
}

test('a policy does not differ from itself', () => {
  assert.deepEqual(differencesBetween(defaultPolicy, structuredClone(defaultPolicy)), [])
})

test('each changed setting is told with its old and new value', () => {
  const after = changed((policy) => {
    policy.actions.severe = 'quarantine'
    policy.schedule.quick.days = ['mon']
  })
  assert.deepEqual(
    differencesBetween(defaultPolicy, after).map(({ setting, before, after }) => [
      setting.path,
      before,
      after,
    ]),
    [
      ['schedule.quick.days', [], ['mon']],
      ['actions.severe', 'report', 'quarantine'],
    ],
  )
})

test('exclusions are told one by one', () => {
  const reworded = { ...build, reason: 'another reason' }
  assert.deepEqual(exclusionChanges([build], [reworded, logs]), { added: [reworded, logs], removed: [build] })
})

test("my changes are carried over onto somebody else's policy, and what I did not touch stays theirs", () => {
  const base = changed((policy) => policy.exclusions.push(build))
  const mine = structuredClone(base)
  mine.limits.maxDepth = 20
  mine.exclusions = [logs]
  const theirs = structuredClone(base)
  theirs.limits.maxDepth = 5
  theirs.reporting.heartbeatSeconds = 60
  const carried = carryOver(base, mine, theirs)
  assert.equal(carried.limits.maxDepth, 20)
  assert.equal(carried.reporting.heartbeatSeconds, 60)
  assert.deepEqual(carried.exclusions, [logs])
  assert.equal(theirs.limits.maxDepth, 5)
})
