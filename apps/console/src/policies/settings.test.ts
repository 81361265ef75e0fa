/** Tests of the form that follows from the schema. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy } from '@coreward/contracts'
import { valueAt } from './policy-difference.ts'
import { sections, settings } from './settings.ts'

test('the sections stand in the order of the schema, schedules apart', () => {
  assert.deepEqual(
    sections.map(({ name }) => name),
    ['scan', 'schedule.quick', 'schedule.full', 'exclusions', 'actions', 'limits', 'reporting'],
  )
})

test('every setting has a value in the default policy', () => {
  for (const { path } of settings) assert.notEqual(valueAt(defaultPolicy, path), undefined, path)
})

test('a number carries the bounds and the unit of its schema', () => {
  const setting = settings.find(({ path }) => path === 'limits.maxFileBytes')
  assert.deepEqual(setting, {
    path: 'limits.maxFileBytes',
    name: 'maxFileBytes',
    kind: 'number',
    min: 1024 ** 2,
    max: 1024 ** 4,
    unit: 'bytes',
  })
})
