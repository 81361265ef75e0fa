/** Mails with links, and lines for links, at random. Never imported by production code. */
import type { Random } from '../match/random-signatures.fixture.ts'

const hosts = [
  'bank.com',
  'www.bank.com',
  'a.b.bank.com',
  'xbank.com',
  'bank.org',
  'evil.net',
  'www.evil.net',
  'shop.co.uk',
  'a.shop.co.uk',
  'b.co.uk',
  'pay.de',
  'x.pay.de',
  '1.2.3.4',
  'bank.com.evil.net',
]
const schemes = ['http://', 'http://', 'http://', 'https://', 'https://', 'ftp://', '', 'HTTP://']
const paths = ['', '', '/', '/login', '/a/b?c=d', '?q', ':8080/', '/%62ank.com']

/** An address in some spelling. */
export function randomAddress(random: Random): string {
  const user = random.whole(12) === 0 ? 'user@' : ''
  const host = random.pick(hosts)
  const spelled = [
    () => host,
    () => host.toUpperCase(),
    () => host.replace(/a/, '%61'),
    () => host.replace('.', '%00.'),
    () => host.replace('.', ' .'),
  ]
  return `${random.pick(schemes)}${user}${(random.whole(4) === 0 ? random.pick(spelled) : () => host)()}${random.pick(paths)}`
}

/** One link of a page. */
export function randomLink(random: Random): string {
  const real = randomAddress(random).replaceAll(' ', '')
  const shown = randomAddress(random)
  const forms = [
    () => `<a href="${real}">${shown}</a>`,
    () => `<a href="${real}">${shown}</a>`,
    () => `<a href='${real}'><b>${shown}</b></a>`,
    () => `<A class=x HREF="${real.replaceAll('.', '&#46;')}">${shown}</A>`,
    () => `<a href="${real}">Click here</a>`,
    () => `<a href="${real}">go to ${shown}</a>`,
    () => `<a href="${real}">${shown}, please</a>`,
    () => `<a href="${real}">(${shown})</a>`,
    () => `<a href="${real}"><img src="${shown}"></a>`,
    () => `<a href="${real}" title="${shown}">here</a>`,
    () => `<form action="${real}"><a href="${shown}">text</a><input type=text></form>`,
    () => `<a href="${real}">&lt;${shown}&gt;</a>`,
  ]
  return random.pick(forms)()
}

/** A mail with one link, in HTML. */
export function linkMail(random: Random, page: string): string {
  const html = `<html><body>Some text ${page} and more</body></html>\n`
  const header = 'From: a@example.net\nSubject: x\nMIME-Version: 1.0\n'
  const kinds = [
    () => `Content-Type: text/html\n\n${html}`,
    () =>
      `Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n${Buffer.from(html).toString('base64')}\n`,
    () =>
      `Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n${html.replaceAll('=', '=3D')}`,
  ]
  const part = random.pick(kinds)()
  if (random.whole(2) === 0) return header + part
  const plain = 'Content-Type: text/plain\n\nwords\n'
  const kind = random.pick(['mixed', 'alternative'])
  return `${header}Content-Type: multipart/${kind}; boundary=bb\n\n--bb\n${plain}\n--bb\n${part}\n--bb--\n`
}

/** Lines of the formats; of each some. */
export function randomLinkLines(
  random: Random,
  sha256: (text: string) => string,
): Record<'pdb' | 'wdb' | 'gdb', string[]> {
  const some = (lines: readonly string[], most: number) => [
    ...new Set(Array.from({ length: random.whole(most + 1) }, () => random.pick(lines))),
  ]
  const addresses = [
    'evil.net/',
    'evil.net/a/',
    'www.evil.net/',
    'b.co.uk/',
    'evil.net/login',
    '1.2.3.4/',
    'x.pay.de/a/b?c=d',
  ]
  if (random.whole(3) === 0)
    return {
      pdb: ['H:nothing.com'],
      wdb: [],
      gdb: some(
        addresses.map((one, index) => `${['S1', 'S', 'S2'][index % 3]}:F:${sha256(one)}`),
        3,
      ),
    }
  return {
    pdb: [
      'H:nothing.com',
      ...some(
        [
          'H:bank.com',
          'H:shop.co.uk',
          'H:pay.de',
          'H:www.bank.com',
          'R:.+:.+bank\\.com',
          'R:.*pay\\.de',
          'R:http://evil\\.net:.+\\.(com|de)',
          'H:bank.com:20-',
          'H:pay.de:300-',
        ],
        4,
      ),
    ],
    wdb: some(
      [
        'M:evil.net:bank.com',
        'M:www.evil.net:www.bank.com',
        'X:.+evil\\.net([/?].*)?:.+bank\\.com',
        'X:http://1\\.2\\.3\\.4:.+com',
        'M:b.co.uk:shop.co.uk',
        'X:.+:pay\\.de',
      ],
      2,
    ),
    gdb: [],
  }
}
