import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { MAIL_HEADER, mailPart, multipart } from '../unpack/mails.fixture.ts'
import { displayedAddress, realAddress } from './address.ts'
import { htmlLinks } from './html-links.ts'
import { addressHashes } from './listed-address.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function setOf(texts: Readonly<Record<string, string>>): Uint8Array {
  const files = Object.entries(texts).map(([format, text]) => ({ name: `a.${format}`, text }))
  return compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files }).bytes
}

const set = setOf({
  pdb: 'H:bank.example\nH:bank.com\n',
  wdb: 'M:partner.net:bank.com\n',
  gdb: `S1:F:${sha256('listed.net/a/')}\n`,
})
const page = (body: string) => `Content-Type: text/html\n\n<html>${body}</html>\n`
const words = async (mail: string) =>
  inWords(await scanHere({ bytes: Buffer.from(mail, 'latin1') }, {}, undefined, set))
const SPOOFED = 'infected Heuristics.Phishing.Email.SpoofedDomain'

test('a link in a mail that shows a watched host and leads to another is found, in that part', async () => {
  const link = page('<a href="http://evil.net/x">www.bank.com</a>')
  assert.equal(await words(MAIL_HEADER + link), `${SPOOFED}@part 1`)
  const plain = mailPart('Content-Type: text/plain', 'x\n')
  const encoded = mailPart('Content-Type: text/html', '<a href="http://evil.net/">bank.com</a>', 'base64')
  assert.equal(
    await words(MAIL_HEADER + multipart([plain, encoded], 'b', 'alternative')),
    `${SPOOFED}@part 2`,
  )
})

test('links to the host, to its owner, to a permitted host, and links that show nothing of it are clean', async () => {
  for (const link of [
    '<a href="http://www.bank.com/">bank.com</a>',
    '<a href="http://a.bank.com/">b.bank.com</a>',
    '<a href="http://a.partner.net/">bank.com</a>',
    '<a href="http://evil.net/">my bank</a>',
    '<a href="http://evil.net/">other.com</a>',
  ])
    assert.equal(await words(MAIL_HEADER + page(link)), 'clean', link)
})

test('the same page is clean where it is no mail, and where it is an attachment', async () => {
  const html = '<html><a href="http://evil.net/">bank.com</a></html>\n'
  assert.equal(await words(html), 'clean')
  const attached = mailPart('Content-Type: text/html; name=a.html\nContent-Disposition: attachment', html)
  assert.equal(await words(MAIL_HEADER + multipart([attached], 'b')), 'clean')
})

test('a listed address is found under its host and a shorter path', async () => {
  const blocked = 'infected Heuristics.Phishing.URL.Blocked@part 1'
  assert.equal(await words(MAIL_HEADER + page('<a href="http://x.listed.net/a/b?c">here</a>')), blocked)
  assert.equal(await words(`${MAIL_HEADER}\nsee http://listed.net/a/ now\n`), blocked)
  assert.equal(await words(MAIL_HEADER + page('<a href="http://listed.net/b">here</a>')), 'clean')
  assert.equal([...addressHashes('http://a.b.c.d.e.f.net/1/2/3/4/5?q')].length, 5 * 6)
  assert.equal([...addressHashes('no address')].length, 0)
})

test('the pairs of the manual are those that are extracted', () => {
  const html = `<a href="http://2.real.example">
  2 d<b>i<p>splayed.e</b>xa<i>mple.com
</a><form action="http://5.real.example"> <img src="http://5.shown.example/0.gif"/>
<a href="http://5.nested.example">5.text.example</a></form>
<a href="http://6.real.example">6.<img src=6.shown.example/1.gif>text</a>
<a href="http://7.real.example"><iframe src="http://7.shown.example"></a>`
  const pairs = [...htmlLinks(html, () => {})].map(
    ({ real, displayed }) => `${real} ${displayed.replace(/\s/g, '')}`,
  )
  assert.deepEqual(pairs, [
    'http://2.real.example 2displayed.example.com',
    'http://5.real.example ',
    'http://5.real.example http://5.shown.example/0.gif',
    'http://5.real.example http://5.nested.example',
    'http://5.nested.example 5.text.example',
    'http://6.real.example 6.text',
    'http://6.real.example 6.shown.example/1.gif',
    'http://7.real.example ',
    'http://7.real.example http://7.shown.example',
  ])
})

test('spelling hides no host', () => {
  for (const text of [
    'http://BANK.com/x',
    '(bank.com)',
    'b%61nk.com',
    'ba nk .com',
    '&lt;http://bank.com:80/&gt;',
    'http://user@bank.com',
  ])
    assert.equal(displayedAddress(text)?.host, 'bank.com', text)
  for (const text of [
    'my bank',
    'bank.comx',
    '1.2.3.4',
    'x@bank.com',
    '',
    'Mr. Smith',
    '%',
    '://',
    'a'.repeat(5000),
  ])
    assert.equal(displayedAddress(text), undefined, text)
  assert.equal(realAddress('evil.net/x')?.host, 'evil.net')
  for (const text of ['/x', '#x', 'mailto:a@b.com', 'javascript:x', 'evil', ''])
    assert.equal(realAddress(text), undefined, text)
})

/** Each of a few megabytes. */
const hostile: Readonly<Record<string, () => string>> = {
  'links without end': () => '<a href="http://evil.net/">bank.com'.repeat(1e5),
  'tags without end': () => '<a href="'.repeat(3e5),
  'quotes without end': () => `<a b="'<c>`.repeat(3e5),
  'comments without end': () => '<!--'.repeat(1e6),
  'one attribute': () => `<a ${'a'.repeat(4e6)}>`,
  'blanks in an attribute': () => `<a href${' '.repeat(4e6)}="x">`,
  references: () => `<a href="${'&#'.repeat(2e6)}">`,
  'a text without end': () => `<a href="http://evil.net/">${'bank.com '.repeat(4e5)}</a>`,
  addresses: () => 'http://'.repeat(6e5),
}

for (const [name, made] of Object.entries(hostile)) {
  test(`a page of ${name} costs little time`, async () => {
    const started = performance.now()
    await words(MAIL_HEADER + page(made()))
    assert.ok(performance.now() - started < 15_000)
  })
}
