import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLimits, limitBounds, resolveLimits } from './limits.ts'

test('limits that are not given keep their defaults', () => {
  assert.deepEqual(resolveLimits(), defaultLimits)
  assert.deepEqual(resolveLimits({ maxDepth: 2 }), { ...defaultLimits, maxDepth: 2 })
})

test('a limit out of its bounds, or not whole, is refused by name', () => {
  for (const value of [-1, 65, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => resolveLimits({ maxDepth: value }), {
      code: 'limit-out-of-bounds',
      message: /maxDepth/,
    })
  }
})

test('every default lies within its bounds', () => {
  for (const [lowest, usual, highest] of Object.values(limitBounds))
    assert.ok(lowest <= usual && usual <= highest)
})
