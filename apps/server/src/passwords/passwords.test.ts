import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashPassword, verifyPassword } from './passwords.ts'

test('a hash is Argon2id with a salt of its own and the cost of RFC 9106’s second option', async () => {
  const [first, second] = [await hashPassword('a password'), await hashPassword('a password')]
  assert.match(first, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  assert.notEqual(first, second)
  assert.ok(await verifyPassword('a password', first))
  assert.equal(await verifyPassword('another password', first), false)
})

test('a hash that another implementation made at another cost is understood', async () => {
  // From the reference implementation's own tests (phc-winner-argon2, src/test.c): m=65536 KiB, t=2, p=1.
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.ok(await verifyPassword('password', hash))
  assert.equal(await verifyPassword('differentpassword', hash), false)
})

test('a password is the same however the keyboard composes its letters', async () => {
  const hash = await hashPassword('pässwörd für alle'.normalize('NFC'))
  assert.ok(await verifyPassword('pässwörd für alle'.normalize('NFD'), hash))
})

test('without a hash, or with one that is none, the answer is no, and takes as long', async () => {
  const hash = await hashPassword('a password')
  const timed = async (against: string | undefined) => {
    const began = performance.now()
    assert.equal(await verifyPassword('wrong', against), false)
    return performance.now() - began
  }
  const known = Math.min(await timed(hash), await timed(hash), await timed(hash))
  for (const none of [undefined, '', '$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA']) {
    const unknown = Math.min(await timed(none), await timed(none), await timed(none))
    assert.ok(unknown > known / 3, `${unknown} ms against ${known} ms`)
  }
})
