import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { Scanner } from '../scanner.ts'
import { createRuleJudge } from './rule-judge.ts'
import { openRuleLibrary } from './rule-library.ts'

/** A set of rules alone, with the rules that were refused. */
function compiled(text: string) {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'test.yar', text }],
  })
  assert.deepEqual(summary.refused, [])
  return { bytes, judges: Object.fromEntries(summary.rules.map(({ name, judge }) => [name, judge])) }
}

const words = async (content: Uint8Array, set: Uint8Array) =>
  inWords(await scanHere({ bytes: content }, {}, undefined, set))
    .split(', ')
    .sort()

/** How many programs these tests need of the library: one. */
const library = openRuleLibrary()

const abc = Buffer.from('abc')

test('modules are known to the rule engine: hash, math, elf, pe, time, string', async () => {
  const { bytes, judges } = compiled(`import "hash" import "math" import "elf" import "pe" import "string"
rule Md5 { condition: hash.md5(0, filesize) == "900150983cd24fb0d6963f7d28e17f72" }
rule Sha { strings: $a = "abc" condition: $a and hash.sha256(0, 3) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" }
rule Entropy { strings: $a = "abc" condition: $a and math.entropy(0, filesize) < 2 }
rule NoEntropy { strings: $a = "abc" condition: $a and math.entropy(0, filesize) > 2 }
rule Length { strings: $a = "abc" condition: $a and string.length("abc") == filesize }
rule Elf { condition: uint32be(0) == 0x7f454c46 and elf.type == elf.ET_EXEC }
rule Pe { condition: pe.is_pe }
rule Expression { strings: $a = /ab[c-d]\\b/ condition: $a }`)
  assert.deepEqual(judges, {
    'YARA.Md5': 'engine-always',
    'YARA.Sha': 'engine',
    'YARA.Entropy': 'engine',
    'YARA.NoEntropy': 'engine',
    'YARA.Length': 'engine',
    'YARA.Elf': 'engine',
    'YARA.Pe': 'engine-always',
    'YARA.Expression': 'engine-always',
  })
  assert.deepEqual(await words(abc, bytes), [
    'infected YARA.Entropy',
    'infected YARA.Expression',
    'infected YARA.Length',
    'infected YARA.Md5',
    'infected YARA.Sha',
  ])
  assert.deepEqual(await words(Buffer.from('abd'), bytes), ['infected YARA.Expression'])
  assert.deepEqual(await words(Buffer.from('nothing'), bytes), ['clean'])
})

test('what is inside a container is judged too', async () => {
  const { bytes } = compiled(
    'import "hash" rule A { condition: hash.md5(0, filesize) == "900150983cd24fb0d6963f7d28e17f72" }',
  )
  const [found = ''] = await words(gzipSync(abc), bytes)
  assert.match(found, /^infected YARA\.A/)
})

test('a rule that speaks of others is judged with them, and a global one bounds all of its file', async () => {
  const { bytes } = compiled(`private rule Small { condition: filesize < 20 }
rule Both { strings: $a = "abc" condition: $a and Small }`)
  assert.deepEqual(await words(abc, bytes), ['infected YARA.Both'])
  assert.deepEqual(await words(Buffer.from('abc'.repeat(10)), bytes), ['clean'])
  const ruled = compiled(`global private rule Marked { strings: $m = "mark" condition: $m }
rule A { strings: $a = "abc" condition: $a }`)
  assert.deepEqual(await words(abc, ruled.bytes), ['clean'])
  assert.deepEqual(await words(Buffer.from('abcmark'), ruled.bytes), ['infected YARA.A'])
})

test('a rule that does not end is given up: the content is timed-out, what was found stays, the next content is judged', async () => {
  const { bytes } = compiled(`rule Endless { strings: $a = "abc" condition: $a and filesize > 100 and
  for any i in (0..filesize * 100) : ( for any j in (0..filesize * 100) : ( i + j == 0 - 1 ) ) }
rule Short { strings: $a = "abc" condition: $a and filesize > @a }`)
  const judge = createRuleJudge(openDefinitions(bytes), library, { contentMilliseconds: 1000 })
  assert.ok(judge !== undefined)
  const [endless, short] = [0, 1]
  const hanging = await judge.judge(bytesSource(Buffer.from('abc'.repeat(1000))), [endless, short], () => {})
  assert.equal(hanging.unscanned?.reason, 'timed-out')
  assert.deepEqual(await judge.judge(bytesSource(abc), [short], () => {}), { found: [short] })
  let asked = 0
  const cancelled = judge.judge(bytesSource(Buffer.from('abc'.repeat(1000))), [endless], () => {
    asked += 1
    throw new Error('cancelled')
  })
  await assert.rejects(cancelled, /cancelled/)
  assert.equal(asked, 1)
  assert.deepEqual(await judge.judge(bytesSource(abc), [short], () => {}), { found: [short] })
})

test('a content that is too large for the rule engine is unscanned, and not clean', async () => {
  const { bytes } = compiled('rule A { strings: $a = "abc" condition: $a and filesize > @a }')
  const judge = createRuleJudge(openDefinitions(bytes), library)
  const large = { size: 64 * 1024 * 1024 + 1, read: () => assert.fail('it was read') }
  assert.equal((await judge?.judge(large, [0], () => {}))?.unscanned?.reason, 'too-large')
  assert.deepEqual(await judge?.judge(large, [], () => {}), { found: [] })
})

test('a thread that nobody asks is ended, and started anew when it is asked again', async () => {
  const { bytes } = compiled('rule A { strings: $a = "abc" condition: $a and filesize > @a }')
  const judge = createRuleJudge(openDefinitions(bytes), library, { idleMilliseconds: 1 })
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await judge?.judge(bytesSource(abc), [0], () => {}), { found: [0] })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})

test('a set without rules has no rule engine', () => {
  const { bytes } = compiled('rule A { strings: $a = "abc" condition: $a }')
  assert.equal(createRuleJudge(openDefinitions(bytes), library), undefined)
})

test('the scanner finds by rules of both kinds', async () => {
  const { bytes } = compiled(`import "math"
rule Matcher { strings: $a = "abc" wide condition: $a at 1 }
rule Engine { strings: $a = "abc" condition: $a and math.mean(0, filesize) == 98 }`)
  await using scanner = await Scanner.start({ definitions: bytes, workers: 1 })
  assert.equal(inWords(await scanner.scan({ bytes: abc })), 'infected YARA.Engine')
  assert.equal(inWords(await scanner.scan({ bytes: Buffer.from(' a\0b\0c\0') })), 'infected YARA.Matcher')
})
