/**
 * YARA rules beside stock clamscan: random rules of the part of YARA that it knows, over contents made to nearly match. Both must
 * find the same. Gaps without an end are left out: of their matches stock keeps eight. Most rules are the matcher's alone, some are the rule engine's. COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { createMatcher } from '../match/matcher.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { createRuleJudge } from './rule-judge.ts'
import { openRuleLibrary } from './rule-library.ts'

const library = openRuleLibrary()
const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 6)
const letters = 'abAB1 '
/** Behind every content, so that nothing of interest stands at its end; no rule holds these bytes. */
const tail = Buffer.from('~~~~~~~~')

interface RandomString {
  readonly id: string
  readonly declared: string
  readonly example: Uint8Array
}

function randomString(random: Random, index: number): RandomString {
  const id = `$s${index}`
  const text = Array.from({ length: 3 + random.whole(4) }, () => letters[random.whole(letters.length)]).join(
    '',
  )
  const bytes = Buffer.from(text)
  if (random.whole(3) === 0) {
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
    const more = [...Buffer.from('ab1')].map((byte) => byte.toString(16))
    const middle = random.pick(['??', '6?', '( 61 | 62 )', '[2]', '[1-3]'])
    const between = { '6?': 'a', '( 61 | 62 )': 'b', '[2]': 'xx', '??': 'z', '[1-3]': 'zz' }[middle] ?? ''
    return {
      id,
      declared: `${id} = { ${hex.join(' ')} ${middle} ${more.join(' ')} }`,
      example: Buffer.from(`${text}${between}ab1`),
    }
  }
  const modifiers = ['nocase', 'fullword', 'ascii', 'wide'].filter(() => random.whole(4) === 0)
  const wide = modifiers.includes('wide') && (!modifiers.includes('ascii') || random.whole(2) === 0)
  return {
    id,
    declared: `${id} = "${text}" ${modifiers.join(' ')}`,
    example: wide ? Uint8Array.from([...bytes].flatMap((byte) => [byte, 0])) : bytes,
  }
}

function randomCondition(random: Random, ids: readonly string[], depth = 0): string {
  const id = random.pick(ids)
  if (depth < 2 && random.whole(3) === 0) {
    const inner = () => randomCondition(random, ids, depth + 1)
    return random.pick([`(${inner()} and ${inner()})`, `(${inner()} or ${inner()})`, `not ${inner()}`])
  }
  return random.pick([
    id,
    id,
    `#${id.slice(1)} ${random.pick(['>', '<', '==', '>=', '<=', '!='])} ${random.whole(3)}`,
    `${id} at ${random.whole(8)}`,
    `${id} in (${random.whole(10)}..${10 + random.whole(40)})`,
    `${1 + random.whole(ids.length)} of them`,
    `${random.pick(['any', 'all'])} of (${ids.slice(0, 2).join(', ')})`,
    `for ${random.pick(['any', 'all'])} of them : ( $ in (0..${random.whole(30)}) )`,
    `filesize ${random.pick(['>', '<'])} ${random.whole(120)}`,
    `uint16(${random.whole(4)}) == 0x6161`,
  ])
}

function randomRule(random: Random, name: string): { text: string; examples: readonly Uint8Array[] } {
  const strings = Array.from({ length: 1 + random.whole(4) }, (_, index) => randomString(random, index))
  const ids = strings.map(({ id }) => id)
  // All are spoken of, and something must be found.
  const condition = `any of them and ${randomCondition(random, ids)}`
  const text = `rule ${name} { strings: ${strings.map(({ declared }) => declared).join(' ')} condition: ${condition} }`
  return { text, examples: strings.map(({ example }) => example) }
}

function randomContent(random: Random, examples: readonly Uint8Array[]): Uint8Array {
  const pieces = Array.from({ length: 1 + random.whole(8) }, () => {
    const piece = Buffer.from(random.pick(examples))
    if (random.whole(4) === 0)
      piece[random.whole(piece.length)] = letters.charCodeAt(random.whole(letters.length))
    return Buffer.concat([Buffer.from(' '.repeat(random.whole(3))), piece])
  })
  return Buffer.concat([...pieces, tail])
}

/** The names that clamscan finds in each content. */
function stockFinds(rules: string, contents: readonly Uint8Array[], folder: string): Set<string>[] {
  mkdirSync(join(folder, 'contents'), { recursive: true })
  writeFileSync(join(folder, 'set.yar'), rules)
  for (const [index, content] of contents.entries())
    writeFileSync(join(folder, 'contents', `${index}`), content)
  const given = [
    '-d',
    join(folder, 'set.yar'),
    '--allmatch',
    '--no-summary',
    '--normalize=no',
    join(folder, 'contents'),
  ]
  const { status, stdout, stderr } = spawnSync('clamscan', given, { encoding: 'utf8' })
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
  assert.equal(stderr, '', 'clamscan did not take every rule')
  const found = contents.map(() => new Set<string>())
  for (const [, index, name = ''] of stdout.matchAll(/\/(\d+): (YARA\.\w+)\.UNOFFICIAL FOUND$/gm))
    found[Number(index)]?.add(name)
  return found
}

test('rules of the part of YARA that stock clamscan knows are found as it finds them', {
  skip: clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-rules-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const judged: Record<string, number> = {}
  const different: string[] = []
  let both = 0
  let compared = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const rules = Array.from({ length: 20 }, (_, index) => randomRule(random, `S${index}`))
    const text = rules.map((rule) => rule.text).join('\n')
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-25T00:00:00Z',
      files: [{ name: 'set.yar', text }],
    })
    const definitions = openDefinitions(bytes)
    const matcher = createMatcher(definitions)
    const judge = createRuleJudge(definitions, library, { idleMilliseconds: 1 })
    const impossible = summary.refused.map(({ line }) => `YARA.S${line - 1}`)
    assert.ok(
      summary.refused.every(({ reason }) => /cannot hold|size it asks/.test(reason)),
      JSON.stringify(summary.refused),
    )
    for (const { judge } of summary.rules) judged[judge] = (judged[judge] ?? 0) + 1
    const contents = Array.from({ length: 12 }, () => {
      const examples = [0, 1, 2].flatMap(() => random.pick(rules).examples)
      return randomContent(random, examples)
    })
    const stock = stockFinds(text, contents, join(folder, `${seed}`))
    for (const [index, content] of contents.entries()) {
      const source = bytesSource(content)
      const matched = matcher.match(source, { target: 0 })
      const { found, unscanned } = (await judge?.judge(source, matched.rules, () => {})) ?? { found: [] }
      assert.equal(unscanned, undefined)
      const names = found.map((id) => definitions.signature(id).name)
      const ours = new Set([...matched.hits.map(({ name }) => name), ...names])
      for (const [number, rule] of rules.entries()) {
        const name = `YARA.S${number}`
        const [here, there] = [ours.has(name), stock[index]?.has(name) ?? false]
        compared += 1
        if (here && there) both += 1
        if (here !== there && !impossible.includes(name))
          different.push(
            `seed ${seed}, by ${here ? 'us' : 'stock'} alone in ${Buffer.from(content).toString('latin1')}: ${rule.text}`,
          )
      }
    }
  }
  context.diagnostic(
    `${compared} compared, ${both} found by both, ${different.length} different; ${JSON.stringify(judged)}`,
  )
  assert.ok(both > seeds * 5, 'stock found so little that this is no test')
  assert.deepEqual(different, [])
})
