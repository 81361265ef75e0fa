import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { defaultLimits } from '../limits.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeGzip, makeZip } from './archives.fixture.ts'
import { unpackMail } from './mail.ts'
import { MAIL_HEADER, mailPart, multipart, uuencoded } from './mails.fixture.ts'

const EICAR = 'infected Eicar-Test-Signature'
const words = async (mail: string, limits?: Parameters<typeof scanHere>[1]) =>
  inWords(await scanHere({ bytes: Buffer.from(mail, 'latin1') }, limits))
const attached = (name: string, bytes: Uint8Array) =>
  mailPart(`Content-Type: application/octet-stream; name="${name}"`, bytes, 'base64')
const text = mailPart('Content-Type: text/plain', 'Hello.\n')

/** The labels and contents of a mail's parts. */
async function partsOf(mail: string): Promise<string[]> {
  const parts: string[] = []
  const budget = createBudget(defaultLimits, () => false)
  for await (const part of unpackMail(bytesSource(Buffer.from(mail, 'latin1')), budget)) {
    if (part.kind !== 'content') parts.push(part.kind)
    else
      parts.push(`${part.label}: ${Buffer.from(part.content.read(0, part.content.size)).toString('latin1')}`)
  }
  return parts
}

test('EICAR is found in a gzip in a zip in a mail in a mail, under its path', async () => {
  const zip = makeZip([{ name: 'dir/b.gz', data: makeGzip(eicar()) }])
  const inner = `Subject: y\n${multipart([text, attached('a.zip', zip)], 'inner')}`
  const mail = `${MAIL_HEADER}${multipart([text, `Content-Type: message/rfc822\n\n${inner}`], 'outer')}`
  assert.equal(await words(mail), `${EICAR}@a.zip/dir/b.gz/content`)
  const encoded = `${MAIL_HEADER}${multipart([attached('m.eml', Buffer.from(MAIL_HEADER + multipart([attached('a.zip', zip)], 'b')))], 'c')}`
  assert.equal(await words(encoded), `${EICAR}@m.eml/a.zip/dir/b.gz/content`)
})

test('what stands behind a multipart counts as an entry, however often one ends', async () => {
  // Found by fuzzing: each line that ends the multipart once more began a part that nothing counted.
  const mail = `${MAIL_HEADER}${multipart([text], 'b')}${'x\n--b--\n'.repeat(50)}`
  assert.equal(await words(mail, { maxEntries: 10 }), 'unscanned too-many-entries')
  assert.equal(await words(mail), 'clean')
})

test('parts are decoded by what their headers say, however it is spelled', async () => {
  assert.deepEqual(await partsOf(`From: a\n\nbody\n`), ['part 1: body\n'])
  const parts = [
    mailPart('Content-Type: text/plain', Buffer.from('a=\xe9\n', 'latin1'), 'quoted-printable'),
    'Content-Transfer-Encoding: "BASE64" (x)\nContent-Type: image/png; name=x.png\n\nYW Jj\n==ZGVm\n',
    'Content-Transfer-Encoding:\n b64\nContent-Disposition: attachment; filename*0="one";\n filename*1=two\n\nYWI',
    '\nno header\n',
    'Content-Type: text/plain\nno colon\n',
    'Content-Transfer-Encoding: x-unknown\nContent-Type: a/b\n\nVGhlIHdvcmRzIG9mIGl0\n',
  ]
  assert.deepEqual(await partsOf(`From: a\n${multipart(parts, 'b')}`), [
    'part 1: a=\xe9\n\n',
    'x.png: abcdef',
    'onetwo: ab',
    'part 4: no header\n\n',
    'part 5: no colon\n\n',
    'part 6: VGhlIHdvcmRzIG9mIGl0\n\n',
    'part 6: The words of it',
  ])
})

test('lines end as LF in what is decoded, and nothing is changed in what is binary', async () => {
  const mail = multipart([text, mailPart('Content-Type: a/b', 'x\n\ry\n', 'binary')], 'b')
  assert.deepEqual(await partsOf(`From: a\n${mail}`.replaceAll('\n', '\r\n')), [
    'part 1: Hello.\n\n',
    'part 2: x\r\n\ry\r\n\r\n',
  ])
})

test('names are shown as they were meant, and harmless', async () => {
  const named = (value: string) => `Content-Disposition: attachment; filename${value}\n\nx`
  const mail = multipart(
    [
      named('="=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?utf-8?q?=C3=A9_x?="'),
      named("*=utf-8''%e6%97%a5%0a.txt"),
      named('="\xe6\x97\xa5"'),
      named('="=?no-such?b?eA==?="'),
    ],
    'b',
  )
  assert.deepEqual(
    (await partsOf(`From: a\n${mail}`)).map((part) => part.slice(0, -4)),
    ['日本é x', '日\ufffd.txt', '日', '=?no-such?b?eA==?='],
  )
})

test('no part is hidden by a delimiter that is missing, spoiled, or stated twice', async () => {
  const whole = `${MAIL_HEADER}${multipart([multipart([text], 'inner'), attached('x', eicar())], 'outer')}`
  const spoils: readonly (readonly [RegExp, string])[] = [
    [/--inner--\n/, ''],
    [/--outer--\n/, ''],
    [/\n--outer\n(?=Content-Type: app)/, '\n--outerjunk\n'],
    [/\n--outer\n(?=Content-Type: app)/, '\n \t--outer  \n'],
    [/; boundary="outer"/, ''],
    [/boundary="outer"/, 'boundary="other"; boundary=\'outer\''],
    [/; boundary="outer"/, ';\nBOUNDARY = "outer'],
    [/boundary="outer"/, 'boundary*0=ou; boundary*1=ter'],
    [/(?=Content-Type: multipart\/mixed; boundary="outer")/, 'Content-Type: text/plain\n'],
    [/multipart\/mixed(?=; boundary="outer")/, 'text/plain'],
    [/\nContent-Transfer-Encoding: base64/, '\n\nContent-Transfer-Encoding: base64'],
    [/--outer\n(?=Content-Type: app)/, ''],
  ]
  for (const [pattern, replacement] of spoils) {
    const mail = whole.replace(pattern, replacement)
    assert.notEqual(mail, whole, String(pattern))
    assert.match(await words(mail), new RegExp(`${EICAR}@`), mail)
  }
})

test('the mails of an mbox and a mail that was returned in a text are read', async () => {
  const mail = `${MAIL_HEADER}${multipart([text, attached('x', eicar())], 'b')}`
  const line = 'From a@example.net Mon Jan  1 00:00:00 2024\n'
  assert.equal(await words(`${line}Subject: x\n\nfirst\n\n${line}${mail}`), `${EICAR}@x`)
  assert.equal(await words(`${MAIL_HEADER}\nYour mail came back:\n\n${mail}`), `${EICAR}@x`)
})

test('a long thread is read once, and its text as a whole has the form of a text', async () => {
  const reply = (number: number) => `From: Bob\nSent: Monday\nSubject: RE\n\nSome  TEXT of ${number}\n\n`
  const thread = `Hello.\n\n${Array.from({ length: 60 }, (_, index) => reply(index)).join('')}`
  assert.equal(await words(`${MAIL_HEADER}\n${thread}`), 'clean')
  assert.equal(
    await words(MAIL_HEADER + multipart([mailPart('Content-Type: text/plain', thread, 'base64')], 'b')),
    'clean',
  )
  const hex = Buffer.from('of 0 from: bob').toString('hex')
  const files = [{ name: 'a.ndb', text: `Form:7:*:${hex}` }]
  const set = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files }).bytes
  const result = await scanHere({ bytes: Buffer.from(`${MAIL_HEADER}\n${thread}`) }, {}, undefined, set)
  assert.equal(inWords(result), 'infected Form@part 61')
})

test('a mail far behind other lines is opened, and a text that only speaks of its fields is not', async () => {
  const mail = `${MAIL_HEADER}${multipart([attached('x', eicar())], 'b')}`
  assert.equal(await words(`${'Some: line\n'.repeat(500)}${mail}`), `${EICAR}@x`)
  assert.equal(
    await words(`${'x'.repeat(2000)}\nreceived: y\n${multipart([attached('x', eicar())], 'b')}`),
    `${EICAR}@x`,
  )
  const parts = await words(
    `${'x'.repeat(2000)} MIME-Version: 1.0\n${multipart([attached('x', eicar())], 'b')}`,
  )
  assert.equal(parts, 'clean')
})

test('uuencoded files are found in texts, and a text about one is none', async () => {
  const file = uuencoded(eicar(), 'a.com')
  assert.equal(
    await words(`From: a\n\nbegin 644 is how it starts\nbegin 644 b\n\n${file}`),
    `${EICAR}@part 1/a.com`,
  )
  assert.equal(
    await words(`From: a\n\n${file.slice(0, -6)}`),
    `${EICAR}@part 1/a.com, unscanned damaged@part 1/a.com`,
  )
  assert.equal(await words(`From: a\n\nText.\n${file}`), `${EICAR}@a.com`)
  assert.equal(await words(`From: a\n\n${file.slice(0, -4)}`), `${EICAR}@part 1/a.com`)
  assert.equal(await words(`From: a\n\n${uuencoded(Buffer.from('x'), 'x')}${file}`), `${EICAR}@part 1/a.com`)
})

test('signatures for mails are tried on the mail and not on its parts; those for text on the parts', async () => {
  const hex = (word: string) => Buffer.from(word).toString('hex')
  const lines = [
    `Mail:4:*:${hex('Subject: x')}`,
    `MailPart:4:*:${hex('Words')}`,
    `Text:7:*:${hex('some words')}`,
  ]
  const set = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ndb', text: lines.join('\n') }],
  }).bytes
  const mail = `${MAIL_HEADER}${multipart([mailPart('Content-Type: text/plain', 'Some   Words', 'base64')], 'b')}`
  const result = await scanHere({ bytes: Buffer.from(mail) }, {}, undefined, set)
  assert.equal(inWords(result), 'infected Mail, infected Text@part 1')
})

test('limits are told and end nothing else', async () => {
  const big = `${MAIL_HEADER}${multipart([attached('big', Buffer.alloc(4000)), attached('x', eicar())], 'b')}`
  assert.equal(await words(big, { maxContentBytes: 2000 }), `${EICAR}@x, unscanned too-large@big`)
  assert.match(await words(big, { maxTotalContentBytes: 3000 }), /unscanned budget-exceeded@big/)
  assert.equal(await words(big, { maxEntries: 2 }), 'unscanned too-many-entries')
  assert.equal(await words(big, { maxDepth: 0 }), 'unscanned too-deep')
  const deep = Array.from({ length: 300 }, (_, index) => `Content-Type: multipart/mixed; boundary=b${index}x`)
  const nested = deep.map((header, index) => `${header}\n\n--b${index}x\n`).join('')
  assert.equal(await words(`From: a\n${nested}${attached('x', eicar())}`), `${EICAR}@x, unscanned too-deep`)
  const header = `Content-Type: a/b; x="${'y'.repeat(300_000)}"`
  assert.equal(await words(`From: a\n${header}\nX: y\n\nx`), 'unscanned damaged')
})

/** Each of a few megabytes; the slowest took 1.3 s alone on a machine of two busy cores. */
const hostile: Readonly<Record<string, () => string>> = {
  'a million delimiters': () => `Content-Type: multipart/mixed; boundary=B\n\n${'--B\n\n'.repeat(1e6)}`,
  'nothing but lines': () => `\n${'\n'.repeat(4e6)}`,
  'one line': () => `\n${'A'.repeat(8e6)}`,
  'one header': () => `Content-Type: multipart/mixed; ${'boundary="'.repeat(4e5)}\n\nx`,
  'a header folded without end': () => `Content-Type: x\n${' a;\n'.repeat(1e6)}\n\nx`,
  'headers without end': () => `${'Content-Type: multipart/mixed; boundary=b\n'.repeat(1e5)}\n\n--b\nx`,
  'words in a name': () => `Content-Disposition: x; filename=${'=?utf-8?Q?='.repeat(4e5)}\n\nx`,
  'escapes that are none': () => `Content-Transfer-Encoding: quoted-printable\n\n${'= '.repeat(2e6)}`,
  'multiparts in multiparts': () =>
    Array.from({ length: 5000 }, (_, i) => `Content-Type: multipart/x; boundary=B${i}\n\n--B${i}\n`).join(
      '',
    ) + '\n--X'.repeat(1e6),
  'delimiters that differ at their end': () =>
    `${Array.from({ length: 200 }, (_, i) => `Content-Type: multipart/x; boundary=${'a'.repeat(500)}${i}\n\n--${'a'.repeat(500)}${i}\n`).join('')}\n${`--${'a'.repeat(500)}y\n`.repeat(8000)}`,
  'messages in messages': () => 'Content-Type: message/rfc822\n\n'.repeat(2e5),
  'mails in a text': () => `\n${'From: x\n\n'.repeat(4e5)}`,
  'beginnings of files': () => `\n${'begin 644 x\n'.repeat(2e5)}`,
}

for (const [name, made] of Object.entries(hostile)) {
  test(`a mail of ${name} costs little time and memory`, async () => {
    const mail = Buffer.from(`From: a\n${made()}`, 'latin1')
    const before = process.memoryUsage.rss()
    let most = before
    const started = performance.now()
    await scanHere({ bytes: mail }, {}, () => {
      most = Math.max(most, process.memoryUsage.rss())
    })
    assert.ok(performance.now() - started < 20_000)
    assert.ok(most - before < 150_000_000, `${most - before} bytes`)
  })
}

test('a text that is no mail and holds one is no part of itself', async () => {
  const mail = `MIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${eicar().toString('base64')}\n`
  const { contents } = await scanHere(
    { bytes: Buffer.from(`\x01${'some line\n'.repeat(200)}${mail}`) },
    {},
    () => {},
    undefined,
    { contents: true },
  )
  assert.deepEqual(
    contents?.listed.map(({ innerPath, bytes }) => [innerPath, bytes]),
    [
      [undefined, 1 + 2000 + mail.length],
      ['part 1', eicar().length],
    ],
  )
})
