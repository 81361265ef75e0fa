import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchLimits } from './match-limits.ts'
import { parseExpression } from './parse/expression.ts'

test('matches are counted as far as the expression can tell them apart, and no farther', () => {
  const limits = (text: string) => Object.fromEntries(matchLimits(parseExpression(text)))
  assert.deepEqual(limits('0&(1|2)'), { 0: 1, 1: 1, 2: 1 })
  assert.deepEqual(limits('0=0'), { 0: 1 })
  assert.deepEqual(limits('0>5&1<3&2=4'), { 0: 6, 1: 4, 2: 5 })
  assert.deepEqual(limits('(0|1=2)>7,2&2'), { 0: 8, 1: 8, 2: 1 })
  assert.deepEqual(limits('((0|1)>2|2)<9|1>20'), { 0: 10, 1: 21, 2: 10 })
})
