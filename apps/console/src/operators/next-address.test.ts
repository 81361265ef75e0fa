/** Tests of where a sign-in leads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextAddress } from './next-address.ts'

test('a sign-in leads back to the page one was on', () => {
  assert.equal(nextAddress('/hosts?health=critical'), '/hosts?health=critical')
  assert.equal(nextAddress(null), '/')
})

test('a sign-in never leads to another site or round in a circle', () => {
  for (const address of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/sign-in?next=/',
    '/setup',
  ])
    assert.equal(nextAddress(address), '/', address)
})
