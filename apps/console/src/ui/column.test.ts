/** Tests of how a sorting travels through an address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSorting, nextSorting, parseSorting } from './column.ts'

test('a sorting survives the address', () => {
  for (const text of ['name', '-name']) assert.equal(formatSorting(parseSorting(text)), text)
  assert.equal(parseSorting(null), undefined)
  assert.equal(formatSorting(undefined), undefined)
})

test('choosing a title three times goes up, down and back to the own order', () => {
  const up = nextSorting(undefined, 'name')
  const down = nextSorting(up, 'name')
  assert.deepEqual(up, { column: 'name', descending: false })
  assert.deepEqual(down, { column: 'name', descending: true })
  assert.equal(nextSorting(down, 'name'), undefined)
  assert.deepEqual(nextSorting(down, 'seen'), { column: 'seen', descending: false })
})
