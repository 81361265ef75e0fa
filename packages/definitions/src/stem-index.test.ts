import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StemIndex } from './stem-index.ts'

test('a stem is found by what stands before and behind it and by its kind, however many there are', () => {
  const index = new StemIndex()
  const count = 5000
  for (let number = 0; number < count; number += 1) {
    const [before, after, kind] = [
      `Win.Trojan.Family${number >> 1}-`,
      number % 2 === 0 ? '-0' : '',
      number % 3,
    ]
    assert.equal(index.find(before, after, kind), -1)
    assert.equal(index.add(before, after, kind), number)
  }
  for (let number = 0; number < count; number += 1) {
    const before = `Win.Trojan.Family${number >> 1}-`
    assert.equal(index.find(before, number % 2 === 0 ? '-0' : '', number % 3), number)
    assert.equal(index.find(before, '-1', number % 3), -1)
    assert.equal(index.find(before.slice(1), '', number % 3), -1)
  }
})

test('what stands before and what stands behind are not mixed up', () => {
  const index = new StemIndex()
  index.add('ab', 'c', 0)
  assert.equal(index.find('a', 'bc', 0), -1)
  assert.equal(index.find('abc', '', 0), -1)
  assert.equal(index.find('ab', 'c', 1), -1)
})
