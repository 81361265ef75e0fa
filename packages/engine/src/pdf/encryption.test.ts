/** Documents that qpdf encrypted, and the vectors of RFC 6229 for the cipher that is ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar } from '../unpack/archives.fixture.ts'
import { latin1, makePdf, makeStream, octal } from './pdf.fixture.ts'
import { encryptedBy, qpdfMethods, qpdfMissing } from './qpdf.fixture.ts'
import { rc4 } from './rc4.ts'

const program = eicar()
const text = program.toString('latin1')

/** A script, an embedded file and a stream that says of itself how it is encrypted. */
const document = makePdf(
  [
    makeStream(4, '/Type /EmbeddedFile /Filter /FlateDecode', deflateSync(program)),
    { number: 5, body: '<< /Type /Filespec /F (secret.com) /UF (secret.com) /EF << /F 4 0 R >> >>' },
    { number: 6, body: `<< /S /JavaScript /JS (${octal(text)}) >>` },
    { number: 7, body: `<< /Title (${octal(text)}) >>` },
  ],
  {
    catalog: '/OpenAction 6 0 R /Names << /EmbeddedFiles << /Names [(x) 5 0 R] >> >>',
    trailer: '/Info 7 0 R',
  },
)

const places = /@object \d+ script, .*@secret\.com, .*@strings$/

for (const method of Object.keys(qpdfMethods)) {
  test(`what is encrypted with an empty password is found: ${method}`, { skip: qpdfMissing }, async () => {
    const bytes = encryptedBy(method, document, { user: '', owner: 'owner' })
    assert.ok(!bytes.includes('secret.com'))
    assert.match(inWords(await scanHere({ bytes })), places)
  })

  test(`what needs a password is told, and is an alert when that is asked for: ${method}`, {
    skip: qpdfMissing,
  }, async () => {
    const bytes = encryptedBy(method, document, { user: 'user', owner: 'owner' })
    assert.equal(inWords(await scanHere({ bytes })), 'unscanned encrypted')
    const alerts = { alerts: ['encrypted-documents'] } as const
    assert.equal(
      inWords(await scanHere({ bytes }, {}, undefined, undefined, alerts)),
      'infected Heuristics.Encrypted.PDF, unscanned encrypted',
    )
  })
}

test("an empty owner's password opens too", { skip: qpdfMissing }, async () => {
  for (const method of ['AES-256', 'AES-256 of revision 5']) {
    const bytes = encryptedBy(method, document, { user: 'user', owner: '' })
    assert.match(inWords(await scanHere({ bytes })), places)
  }
})

test('an older version that is not encrypted is found beside a newer one that is', {
  skip: qpdfMissing,
}, async () => {
  const plain = makePdf([makeStream(90, '/Filter /FlateDecode', deflateSync(program))])
  const newer = encryptedBy('AES-128', makePdf([]), { user: '', owner: 'owner' })
  assert.match(inWords(await scanHere({ bytes: Buffer.concat([plain, newer]) })), /@object 90$/)
})

test('an encryption in which anything is changed ends in a verdict', { skip: qpdfMissing }, async () => {
  for (const method of ['RC4 128', 'AES-256']) {
    const bytes = encryptedBy(method, document, { user: '', owner: 'owner' })
    const from = bytes.lastIndexOf('/Standard') - 600
    for (let at = Math.max(0, from); at < from + 1200 && at < bytes.length; at += 3) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      assert.match(inWords(await scanHere({ bytes: changed })), /^(?:clean|infected|unscanned)/)
    }
  }
})

test('RC4 gives the streams of RFC 6229', () => {
  for (const [key, first] of [
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97'],
  ] as const) {
    const stream = Buffer.from(rc4(Buffer.from(key, 'hex'), Buffer.alloc(16)))
    assert.equal(stream.toString('hex'), first)
  }
  assert.equal(Buffer.from(rc4(latin1('Key'), latin1('Plaintext'))).toString('hex'), 'bbf316e8d940af0ad3')
})
