import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecret, hashSecret, secretMatches } from './index.ts'

test('a secret has 256 bits, never repeats, and fits into a URL', () => {
  const secrets = new Set(Array.from({ length: 1000 }, createSecret))
  assert.equal(secrets.size, 1000)
  for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/)
})

test('only the secret itself matches its hash', () => {
  const secret = createSecret()
  const hash = hashSecret(secret)
  assert.match(hash, /^[0-9a-f]{64}$/)
  assert.equal(secretMatches(secret, hash), true)
  for (const other of ['', `${secret} `, secret.slice(1), createSecret(), hash])
    assert.equal(secretMatches(other, hash), false)
  for (const bad of ['', 'zz', hash.slice(2)]) assert.equal(secretMatches(secret, bad), false)
})
