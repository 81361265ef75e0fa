/** Links in what a mail shows, and single addresses. */
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { alertNames } from '../../../packages/engine/src/alerts/alerts.ts'
import { displayedAddress, realAddress } from '../../../packages/engine/src/links/address.ts'
import { createLinkJudge } from '../../../packages/engine/src/links/link-judge.ts'
import { randomLink } from '../../../packages/engine/src/links/links.fixture.ts'
import { addressHashes } from '../../../packages/engine/src/links/listed-address.ts'
import { seededRandom } from '../../../packages/engine/src/match/random-signatures.fixture.ts'
import { checkedSource, fuzzBudget, isTimeOut } from '../checked-source.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const { bytes } = compileDefinitions({
  version: '1',
  createdAt: '2026-11-25T00:00:00Z',
  files: [
    { name: 'a.pdb', text: 'H:bank.example\nH:bank.com\nR:.+:.+\\.bank\\.example' },
    { name: 'a.wdb', text: 'M:partner.net:bank.com\nX:.+:.+\\.example' },
    { name: 'a.gdb', text: `S1:F:${'1f'.repeat(32)}` },
  ],
})
const judge = createLinkJudge(openDefinitions(bytes).links)
const alerts = new Set(alertNames)

export const targets: readonly FuzzTarget[] = [
  {
    name: 'links:page',
    seeds: () => [
      Buffer.from('<a href="http://evil.example/x">https://www.bank.com/</a><img src="http://a.net/b.png">'),
      ...Array.from({ length: 20 }, (_, seed) => Buffer.from(randomLink(seededRandom(seed)), 'latin1')),
    ],
    words: [
      '<a href="',
      '</a>',
      '<img src=',
      '<form action=',
      '<iframe',
      'http://',
      'https://',
      'bank.com',
      '&amp;',
      '%00',
      '&#',
    ],
    run(input) {
      try {
        const found = judge?.judge(checkedSource(input), alerts, fuzzBudget().check)
        return `${found?.isCut} ${found?.found.map(({ signature }) => signature).join()}`
      } catch (error) {
        isTimeOut(error)
        return undefined
      }
    },
  },
  {
    name: 'links:address',
    longest: 512,
    seeds: () =>
      ['http://a.example:80/b/../c?d#e', 'www.bank.com', 'ftp://u:p@1.2.3.4/%41', 'http://0x7f.1/'].map(
        (text) => Buffer.from(text),
      ),
    run(input) {
      const text = Buffer.from(input).toString('latin1')
      const hashes = [...addressHashes(text)].map((hash) => hash.toString('hex'))
      mustHold(
        hashes.every((hash) => hash.length === 64),
        'a hash is none',
      )
      return [realAddress(text)?.text, displayedAddress(text)?.text, ...hashes].join()
    },
  },
]
