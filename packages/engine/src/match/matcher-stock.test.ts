/**
 * The matcher beside stock clamscan on random body signatures. Everything stock finds must be found; the little that is
 * found beyond it must stay little, and has these causes, each seen in single signatures: stock keeps the last eight
 * places where a part ended, takes the first alternative that fits and never another, and wants several bytes behind
 * groups at a content's end. What makes it read outside the content is left out: a negated class or a group before a
 * part's fixed bytes, and groups at the content's very end. COREWARD_ORACLE_SEEDS is how many seeds are tried.
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
import {
  type RandomSignature,
  randomContent,
  randomSignature,
  seededRandom,
} from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 30)
/** Without NUL: a part that begins with zeros is searched by other bytes in stock, with the faults named above. */
const alphabets = ['ab', 'abc \n', 'a1\r\n ', '\x02\x01\xff', 'abcdefghijklmnop']
/** Behind every content, so that nothing of interest stands at its end; no signature holds these bytes. */
const tail = Buffer.from('~~~~~~~~')

test('all that stock clamscan finds is found, and hardly anything beyond it', {
  skip: clamscanMissing,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-stock-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let compared = 0
  let both = 0
  const beyond: string[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const farthest = random.pick([3, 20, 60])
    const options = { alphabet: random.pick(alphabets), leadBytes: 3, oddStarts: false, farthest }
    const signatures = Array.from({ length: 12 }, () => randomSignature(random, options))
    const contents = [30, 200, 500, 2000].map((length) =>
      Buffer.concat([randomContent(random, signatures, length, options), tail]),
    )
    const lines = takenByBoth(signatures, join(folder, 'set.ndb'))
    const theirs = clamscanHits(lines, contents, join(folder, `${seed}`), 'ndb')
    const ours = coreward(lines, contents)
    contents.forEach((content, index) => {
      const found = ours[index] ?? []
      const stock = theirs[index] ?? []
      const where = `seed ${seed}, content ${index}: ${content.toString('hex')}`
      assert.deepEqual(
        stock.filter((name) => !found.includes(name)),
        [],
        `${where}\n${lines.join('\n')}`,
      )
      compared += lines.length
      both += stock.length
      beyond.push(...found.filter((name) => !stock.includes(name)).map((name) => `${name} in ${where}`))
    })
  }
  context.diagnostic(`${compared} compared, ${both} found by both, ${beyond.length} by the matcher alone`)
  assert.ok(both > seeds, 'stock found so little that this is no test')
  assert.ok(beyond.length <= both / 50, `found by the matcher alone:\n${beyond.join('\n')}`)
})

/** Lines of the signatures that neither side refuses; ours were made to be valid, stock refuses some short parts. */
function takenByBoth(signatures: readonly RandomSignature[], database: string): readonly string[] {
  const lines = signatures.map(({ place, hex }, index) => {
    const { kind, distance, shift } = place
    const from = kind === 'end' ? `EOF-${distance + tail.length}` : `${distance}`
    return `S${index}:0:${kind === 'any' ? '*' : `${from},${shift}`}:${hex}`
  })
  const taken = linesTaken(lines, database)
  const refused = new Set(compile(taken).summary.refused.map(({ line }) => line - 1))
  return taken.filter((_, index) => !refused.has(index))
}

function compile(lines: readonly string[]): ReturnType<typeof compileDefinitions> {
  return compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'random.ndb', text: lines.join('\n') }],
  })
}

function coreward(lines: readonly string[], contents: readonly Uint8Array[]): string[][] {
  const matcher = createMatcher(openDefinitions(compile(lines).bytes))
  return contents.map((content) =>
    matcher.match(bytesSource(content), { target: 0 }).hits.map(({ name }) => name),
  )
}
