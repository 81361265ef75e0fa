/** What mails hold beside MIME: yEnc, BinHex behind other lines, and signed messages. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeBinhex } from './documents.fixture.ts'
import { mailPart, multipart } from './mails.fixture.ts'
import { program, programWords } from './program.fixture.ts'

const FOUND = 'infected Program'
const inMail = (text: string) => Buffer.from(`From: a\nSubject: x\n\n${text}`, 'latin1')

function yencoded(data: Uint8Array, name: string): string {
  let lines = ''
  for (const [index, byte] of data.entries()) {
    const shifted = (byte + 42) & 0xff
    lines += [0, 10, 13, 0x3d].includes(shifted)
      ? `=${String.fromCharCode((shifted + 64) & 0xff)}`
      : String.fromCharCode(shifted)
    if (index % 60 === 59) lines += '\r\n'
  }
  return `=ybegin line=60 size=${data.length} name=${name}\r\n=ypart begin=1 end=9\r\n${lines}\r\n=yend size=${data.length}\r\n`
}

test('files in yEnc are found in mails, several and cut ones too', async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  const text = `Hello\r\n${yencoded(all, 'b')}between\r\n${yencoded(program, 'a b.com')}`
  assert.equal(await programWords(inMail(text)), `${FOUND}@a b.com`)
  assert.equal(
    await programWords(inMail(yencoded(program, 'a.com').replace(/=yend.*/s, ''))),
    `${FOUND}@a.com`,
  )
})

test('a file in BinHex is found behind other lines', async () => {
  const text = `Hello\n\n${makeBinhex('a.com', program).toString('latin1')}`
  assert.equal(await programWords(inMail(text)), `${FOUND}@a.com`)
})

const openssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

test('the content of a signed message is taken out, an enveloped one needs a key', {
  skip: openssl,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-signed-'))
  try {
    const at = (name: string) => join(folder, name)
    const run = (...args: string[]) => assert.equal(spawnSync('openssl', args).status, 0, args.join(' '))
    writeFileSync(at('in'), program)
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at('key'), '-out', at('cert')]
    run('req', '-x509', ...key, '-subj', '/CN=x', '-days', '2')
    const sign = [
      'cms',
      '-sign',
      '-binary',
      '-in',
      at('in'),
      '-signer',
      at('cert'),
      '-inkey',
      at('key'),
      '-outform',
      'DER',
    ]
    run(...sign, '-nodetach', '-out', at('der'))
    run(...sign, '-nodetach', '-stream', '-indef', '-out', at('ber'))
    run(...sign, '-out', at('detached'))
    run('cms', '-encrypt', '-binary', '-in', at('in'), '-outform', 'DER', '-out', at('enveloped'), at('cert'))
    const words = (name: string) => programWords(readFileSync(at(name)))
    assert.equal(await words('der'), `${FOUND}@message`)
    assert.equal(await words('ber'), `${FOUND}@message`)
    assert.equal(await words('detached'), 'clean')
    assert.equal(await words('enveloped'), 'unscanned encrypted')
    assert.equal(await programWords(readFileSync(at('der')).subarray(0, 30)), 'unscanned damaged')
    const part = mailPart(
      'Content-Type: application/pkcs7-mime; name=smime.p7m',
      readFileSync(at('ber')),
      'base64',
    )
    assert.equal(
      await programWords(Buffer.from(`From: a\n${multipart([part], 'b')}`)),
      `${FOUND}@smime.p7m/message`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
