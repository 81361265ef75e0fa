import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryLabel, joinInnerPath } from './inner-path.ts'

test('control and text-direction characters in an entry name are replaced', () => {
  assert.equal(entryLabel('a\n\x1b[2Jb\u202egpj.exe'), 'a\ufffd\ufffd[2Jb\ufffdgpj.exe')
})

test('a name of any length becomes a label of at most 255 units, and an empty one gets a word', () => {
  assert.equal(entryLabel('a'.repeat(100_000)).length, 255)
  assert.equal(entryLabel('😀'.repeat(1000)).isWellFormed(), true)
  assert.equal(entryLabel(''), 'unnamed')
  assert.equal(entryLabel('表.txt'), '表.txt')
})

test('a path keeps its end when it grows too long', () => {
  let path: string | undefined
  for (let depth = 0; depth < 20; depth += 1) path = joinInnerPath(path, `${depth}-${'x'.repeat(100)}`)
  assert.equal(path?.length, 1024)
  assert.ok(path?.endsWith(`/19-${'x'.repeat(100)}`))
})
