import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { openDefinitions } from '../open.ts'
import { type CertificateSignature, parseCrb } from './crb.ts'
import { Refusal } from './pattern.ts'

const subject = 'd5032f7eb22258fc6a0398f73fd14df6f8f660be'
const serial = 'b7837433049a932991b3b1361e27d3515ad00a31'
const key = `c1${'5e'.repeat(127)}`

/** A line, with some of its fields replaced. */
function line(fields: Readonly<Record<number, string>> = {}, ...levels: readonly string[]): string {
  const own = ['Test.Signer', '1', subject, serial, key, '010001', '1', '0', '1', '7', 'a comment', ...levels]
  return own.map((field, index) => fields[index] ?? field).join(';')
}

test('a certificate is read', () => {
  assert.deepEqual(parseCrb(line()), {
    kind: 'certificate',
    name: 'Test.Signer',
    isTrusted: true,
    subject,
    serial,
    modulus: key,
    mayCode: true,
    mayTime: false,
    maySign: true,
    notBefore: 7,
  })
})

test('hexadecimal is read in either case, a key with zeros before it or half a byte short', () => {
  const plain = parseCrb(line()) as CertificateSignature
  const other = { 2: subject.toUpperCase(), 3: serial.toUpperCase(), 4: `000${key.toUpperCase()}` }
  assert.deepEqual(parseCrb(line(other)), plain)
  assert.deepEqual(parseCrb(line({ 1: '0', 4: 'abc' })), { ...plain, isTrusted: false, modulus: '0abc' })
})

test('what may be empty is serial number, exponent, time and comment', () => {
  assert.deepEqual(parseCrb(line({ 3: '', 5: '', 9: '', 10: '' })), {
    ...(parseCrb(line()) as CertificateSignature),
    serial: undefined,
    notBefore: 0,
  })
})

test('functionality levels are heeded', () => {
  for (const levels of [['1'], ['210', '210'], ['', '']])
    assert.notEqual(parseCrb(line({}, ...levels)), 'skipped')
  for (const levels of [['211'], ['1', '209']]) assert.equal(parseCrb(line({}, ...levels)), 'skipped')
})

test('a malformed line is refused with the field that is wrong', () => {
  const refusals: [string, RegExp][] = [
    [line().slice(0, line().lastIndexOf(';')), /10 fields/],
    [line({}, '1', '2', '3'), /14 fields/],
    [line({ 0: '' }), /name/],
    [line({ 1: '2' }), /Trusted/],
    [line({ 1: '' }), /Trusted/],
    [line({ 2: '' }), /Subject/],
    [line({ 2: subject.slice(1) }), /Subject/],
    [line({ 3: serial.slice(2) }), /Serial/],
    [line({ 4: '' }), /Pubkey/],
    [line({ 4: 'zz' }), /Pubkey/],
    [line({ 4: '0000' }), /Pubkey/],
    [line({ 4: 'f'.repeat(4098) }), /2048 bytes/],
    [line({ 5: 'x' }), /Exponent/],
    [line({ 6: '' }), /CodeSign/],
    [line({ 7: '01' }), /TimeSign/],
    [line({ 8: 'x' }), /CertSign/],
    [line({ 9: '-1' }), /NotBefore/],
    [line({ 9: '99999999999' }), /NotBefore/],
  ]
  for (const [text, reason] of refusals) {
    assert.throws(
      () => parseCrb(text),
      (error) => error instanceof Refusal && reason.test(error.message),
      text,
    )
  }
})

test('a key that can be broken is not trusted, and may be detected', () => {
  const short = `7${'f'.repeat(255)}`
  assert.throws(() => parseCrb(line({ 4: short })), /1024 bits/)
  assert.notEqual(parseCrb(line({ 1: '0', 4: short })), 'skipped')
})

test('certificates come out of a set as they went in, those of a subject in their order', () => {
  const other = '00'.repeat(20)
  const last = 'ff'.repeat(20)
  const text = [
    line(),
    line({ 0: 'Test.Last', 2: last, 3: '' }),
    line({ 0: 'Test.Blocked', 1: '0' }),
    line({ 0: 'Test.Other', 2: other }),
  ]
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [
      { name: 'a.crb', text: text.join('\n') },
      { name: 'a.ign2', text: 'Test.Ignored' },
      { name: 'b.crb', text: line({ 0: 'Test.Ignored' }) },
    ],
  })
  assert.deepEqual([summary.counts, summary.ignored, summary.refused], [{ crb: 4 }, 1, []])
  const { certificates, signature } = openDefinitions(bytes)
  assert.equal(certificates.length, 4)
  const found = (hash: string) =>
    certificates.find(Buffer.from(hash, 'hex')).map(({ modulus, serial: number, ...record }) => ({
      ...record,
      name: signature(record.signature).name,
      kind: signature(record.signature).kind,
      serial: number?.toString('hex'),
      modulus: modulus().toString('hex'),
    }))
  const own = {
    kind: 'certificate',
    modulus: key,
    mayCode: true,
    mayTime: false,
    maySign: true,
    notBefore: 7,
  }
  assert.deepEqual(found(subject), [
    { ...own, signature: 0, name: 'Test.Signer', isTrusted: true, serial },
    { ...own, signature: 2, name: 'Test.Blocked', isTrusted: false, serial },
  ])
  assert.deepEqual(found(last), [
    { ...own, signature: 1, name: 'Test.Last', isTrusted: true, serial: undefined },
  ])
  assert.deepEqual(found(other), [{ ...own, signature: 3, name: 'Test.Other', isTrusted: true, serial }])
  assert.deepEqual(found('77'.repeat(20)), [])
})
