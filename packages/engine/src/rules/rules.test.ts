import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { Scanner } from '../scanner.ts'
import { makeElf } from '../structure/elf.fixture.ts'
import { makeImports, makePe } from '../structure/pe.fixture.ts'
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

const imports = 'kernel32.exitprocess,kernel32.beep'
const importingBytes = makePe({
  entry: 0x1010,
  directories: { 1: [0x2000, 40] },
  sections: [
    { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: Buffer.alloc(0x200, 0x90) },
    {
      rva: 0x2000,
      virtualSize: 0x1000,
      rawPointer: 0x600,
      rawSize: 0x200,
      data: Buffer.concat(
        [makeImports(0x2000, [['KERNEL32.dll', ['ExitProcess', 'Beep']]]), Buffer.alloc(0x200)],
        0x200,
      ),
    },
  ],
})

const importing = {
  bytes: importingBytes,
  imphash: createHash('md5').update(imports).digest('hex'),
}

test('what modules read of programs is what stands in them: pe', async () => {
  const { bytes } = compiled(`import "pe"
rule Imports { condition: pe.imports("kernel32.dll", "Beep") and pe.imports("kernel32.dll") == 2 }
rule NotImported { condition: pe.imports("kernel32.dll", "Sleep") }
rule Sections { condition: pe.number_of_sections == 2 and pe.sections[0].raw_data_offset == 0x400 and pe.sections[1].name == ".s1" }
rule OtherSections { condition: pe.number_of_sections == 3 }
rule Entry { condition: pe.entry_point == 0x410 and uint8(pe.entry_point) == 0x90 }
rule Machine { condition: pe.machine == pe.MACHINE_I386 and not pe.is_64bit() }
rule Hash { condition: pe.imphash() == "${importing.imphash}" }
rule Other { condition: not pe.is_pe and uint16be(0) == 0x4d5a }`)
  assert.deepEqual(await words(importing.bytes, bytes), [
    'infected YARA.Entry',
    'infected YARA.Hash',
    'infected YARA.Imports',
    'infected YARA.Machine',
    'infected YARA.Sections',
  ])
})

test('what modules read of programs is what stands in them: elf', async () => {
  const program = makeElf({
    wide: true,
    type: 2,
    entry: 0x400100,
    segments: [{ address: 0x400000, offset: 0, fileSize: 0x200 }],
    sections: [
      { type: 0, offset: 0, size: 0 },
      { address: 0x400100, offset: 0x100, size: 0x40 },
    ],
    background: Buffer.alloc(0x300, 0x90),
  })
  const { bytes } = compiled(`import "elf"
rule Type { condition: elf.type == elf.ET_EXEC and elf.machine == elf.EM_X86_64 }
rule Shared { condition: elf.type == elf.ET_DYN }
rule Parts { condition: elf.number_of_sections == 2 and elf.number_of_segments == 1 }
rule Entry { condition: elf.entry_point == 0x100 }
rule Segment { condition: for any s in elf.segments : ( s.type == elf.PT_LOAD and s.virtual_address == 0x400000 ) }`)
  assert.deepEqual(await words(program, bytes), [
    'infected YARA.Entry',
    'infected YARA.Parts',
    'infected YARA.Segment',
    'infected YARA.Type',
  ])
  assert.deepEqual(await words(importing.bytes, bytes), ['clean'])
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
