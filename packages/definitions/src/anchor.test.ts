import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseAnchor } from './anchor.ts'

const literal = (text: string) =>
  ({ kind: 'literal', bytes: new Uint8Array(Buffer.from(text, 'latin1')) }) as const

function anchorIn(...runs: string[]): string | undefined {
  const anchor = chooseAnchor(runs.map(literal))
  return anchor && runs[anchor.element]?.slice(anchor.skip, anchor.skip + anchor.length)
}

test('the anchor is where files least often have the same bytes, not in a common word', () => {
  assert.equal(anchorIn('functionqzxkvwjq'), 'qzxkvwjq')
  assert.equal(
    anchorIn('\0\0\0\0\0\0\0\0\x8b\xf3\x91\xe4\xd7\xb5\xc9\xa1'),
    '\x8b\xf3\x91\xe4\xd7\xb5\xc9\xa1',
  )
  assert.equal(anchorIn('return function', 'xjq7%kwz'), 'xjq7%kwz')
})

test('eight bytes in a row are better than any four, and two are taken where there is nothing else', () => {
  assert.equal(anchorIn('xqjz~', 'function'), 'function')
  assert.equal(anchorIn('then', 'ab'), 'then')
  assert.equal(anchorIn('the', 'ab'), 'the')
  assert.equal(anchorIn('x', 'ab', 'y'), 'ab')
  assert.equal(anchorIn('x', 'y'), undefined)
})
