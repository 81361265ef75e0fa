/**
 * Logical signatures beside stock clamscan, on random expressions. Over fixed bytes both must say the same of every
 * content; over patterns with everything in them a little may differ, for the causes that matcher-stock.test.ts names, and
 * since a match fewer may make an expression true. COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanHits, clamscanMissing, linesTaken } from './clamscan.fixture.ts'
import { createMatcher } from './matcher.ts'
import { type ModifiedSignature, randomLogical, withModifiers } from './random-logical.fixture.ts'
import {
  type Random,
  type RandomSignature,
  randomContent,
  seededRandom,
} from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 15)
const alphabets = ['ab', 'abc \n', 'a1\r\n ', '\x02\x01\xff', 'abcdefghijklmnop']
/** Behind every content, so that nothing of interest stands at its end; no signature holds these bytes. */
const tail = Buffer.from('~~~~~~~~')

/** Three to five fixed bytes at any place. */
function fixedPattern(random: Random, alphabet: string): RandomSignature {
  const example = Uint8Array.from({ length: 3 + random.whole(3) }, () =>
    alphabet.charCodeAt(random.whole(alphabet.length)),
  )
  const place = { kind: 'any', distance: 0, shift: 0 } as const
  return { place, offset: '*', hex: Buffer.from(example).toString('hex'), example }
}

const kinds = [
  { what: 'fixed bytes', fixed: true, share: 0 },
  { what: 'patterns with everything in them', fixed: false, share: 0.02 },
]

for (const { what, fixed, share } of kinds) {
  test(`logical signatures of ${what} are found as stock clamscan finds them`, {
    skip: clamscanMissing,
  }, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'coreward-stock-'))
    context.after(() => rmSync(folder, { recursive: true }))
    let compared = 0
    let both = 0
    const different: string[] = []
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = seededRandom(seed)
      const options = {
        alphabet: random.pick(alphabets),
        leadBytes: 3,
        oddStarts: false,
        farthest: random.pick([3, 20, 60]),
      }
      const logicals = Array.from({ length: 12 }, () => {
        const { head, patterns } = randomLogical(random, options)
        return fixed
          ? {
              head,
              patterns: patterns.map(() => withModifiers(random, fixedPattern(random, options.alphabet))),
            }
          : { head, patterns }
      })
      const lines = linesTaken(
        logicals.map(({ head, patterns }, index) =>
          [`S${index}`, head, ...patterns.map(subsignature)].join(';'),
        ),
        join(folder, 'set.ldb'),
      )
      const { bytes, summary } = compileDefinitions({
        version: '1',
        createdAt: '2026-11-24T00:00:00Z',
        files: [{ name: 'random.ldb', text: lines.join('\n') }],
      })
      assert.deepEqual(summary.refused, [])
      const matcher = createMatcher(openDefinitions(bytes))
      const examples = logicals.flatMap(({ patterns }) => patterns)
      const contents = [30, 100, 300, 1000].map((length) =>
        Buffer.concat([randomContent(random, examples, length, options), tail]),
      )
      const theirs = clamscanHits(lines, contents, join(folder, `${seed}`), 'ldb')
      contents.forEach((content, index) => {
        const ours = matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name)
        const stock = theirs[index] ?? []
        compared += lines.length
        both += ours.filter((name) => stock.includes(name)).length
        for (const line of lines) {
          const name = line.slice(0, line.indexOf(';'))
          if (ours.includes(name) === stock.includes(name)) continue
          const who = stock.includes(name) ? 'stock' : 'the matcher'
          different.push(`seed ${seed}, by ${who} alone in ${content.toString('hex')}: ${line}`)
        }
      })
    }
    context.diagnostic(`${compared} compared, ${both} found by both, ${different.length} different`)
    assert.ok(both > seeds, 'stock found so little that this is no test')
    assert.ok(different.length <= both * share, different.join('\n'))
  })
}

function subsignature({ place, hex: plain, modifiers }: ModifiedSignature): string {
  const hex = `${plain}${modifiers}`
  const { kind, distance, shift } = place
  if (kind === 'any') return hex
  return `${kind === 'end' ? `EOF-${distance + tail.length}` : `${distance}`},${shift}:${hex}`
}
