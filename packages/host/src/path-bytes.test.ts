import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { displayPath, pathFromBytes, pathToBytes } from './path-bytes.ts'

test('any bytes survive being a path string and a JSON text', () => {
  const samples = [
    Buffer.from([0x2f, 0xff, 0xfe, 0x61]),
    Buffer.from('/日本/é/😀'),
    Buffer.from([0x2f, 0xed, 0xb2, 0x80]),
  ]
  for (let round = 0; round < 2000; round++) samples.push(randomBytes(1 + (round % 40)))
  for (const bytes of samples) {
    const path = JSON.parse(JSON.stringify(pathFromBytes(bytes))) as string
    assert.deepEqual(pathToBytes(path), bytes)
  }
})

test('bytes that are not UTF-8 are shown percent-encoded, all else as it is', () => {
  assert.equal(displayPath(pathFromBytes(Buffer.from([0x2f, 0xff, 0x61]))), '/%FFa')
  assert.equal(displayPath('/100%/日本/😀'), '/100%/日本/😀')
})
