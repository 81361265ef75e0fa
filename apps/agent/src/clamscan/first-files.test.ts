import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countFirstFiles } from './first-files.ts'
import type { Found } from './target-walk.ts'

const folder: Found = { kind: 'folder' }
const file: Found = { kind: 'stdin' }

test('files are counted up to the most that matters, and the walk loses nothing', () => {
  const cases: readonly [Found[], number][] = [
    [[], 0],
    [[folder, file, folder], 1],
    [[file, folder, file, file, folder, file], 3],
    [[...new Array(1500).fill(folder), file], 3],
  ]
  for (const [walk, expected] of cases) {
    const { files, all } = countFirstFiles(walk.values(), 3)
    assert.equal(files, expected)
    assert.deepEqual([...all], walk)
  }
})

test('no further than needed', () => {
  let asked = 0
  const walk = {
    next: () => {
      asked += 1
      return { done: false, value: file } as const
    },
  }
  countFirstFiles(walk, 2)
  assert.equal(asked, 2)
})
