import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseAdditions } from './additions.ts'

const sha = (digit: string) => digit.repeat(64)
const published = [
  { version: 'since-a', target: 'definitions/1', since: [sha('a'), sha('b'), sha('c')] },
  { version: 'since-b', target: 'definitions/2', since: [sha('b'), sha('c')] },
  { version: 'since-c', target: 'definitions/3', since: [sha('c')] },
]
const choose = (counts: Record<string, number>, additions: unknown = JSON.stringify(published)) => {
  const cleanUnder = new Map(Object.entries(counts).map(([digit, count]) => [sha(digit), count]))
  return chooseAdditions({ account: '{}', additions }, cleanUnder)?.version
}

test('the fewest additions that nearly all files that were clean have a use for are chosen', () => {
  assert.equal(choose({ c: 100 }), 'since-c')
  assert.equal(choose({ b: 100 }), 'since-b')
  assert.equal(choose({ a: 5, c: 95 }), 'since-c')
  assert.equal(choose({ a: 30, c: 70 }), 'since-a')
  assert.equal(choose({ d: 1000, b: 1 }), 'since-b')
})

test('nothing is chosen where nothing is of use, or nothing is told, or what is told is damaged', () => {
  assert.equal(choose({}), undefined)
  assert.equal(choose({ d: 10 }), undefined)
  for (const additions of [null, 7, '', '{', '[]', '{}', '[{"version":"1"}]']) {
    assert.equal(choose({ c: 10 }, additions), undefined)
  }
  assert.equal(chooseAdditions(undefined, new Map([[sha('c'), 1]])), undefined)
})
