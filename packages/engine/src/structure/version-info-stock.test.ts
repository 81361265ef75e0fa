/**
 * Offsets in version information beside stock clamscan: made resources of every shape, most of them with a lie in the tree or in the blocks.
 * Each key is looked for where we say that a string stands, and must not be found where we say none does. COREWARD_ORACLE_SEEDS is how
 * many files are made.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { makePe } from './pe.fixture.ts'
import { readPe } from './pe.ts'
import { disagreements, type StockQuestion, withoutClamscan } from './stock-offsets.fixture.ts'
import { makeResources, makeVersionInfo, type StringItem } from './version-info.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 300)
const RAW = 0x400

function word(random: Random, most: number): string {
  return Array.from({ length: random.whole(most) }, () => random.pick([...'ABCDEFxyz0 ä'])).join('')
}

function randomProgram(random: Random): Buffer {
  const { whole, pick, chance } = random
  const strings = () =>
    Array.from({ length: 1 + whole(5) }, (): StringItem => [word(random, 14), word(random, 12)])
  const infos = Array.from({ length: pick([1, 1, 1, 2, 3, 20]) }, () =>
    makeVersionInfo(Array.from({ length: pick([1, 1, 2, 3]) }, strings)),
  )
  const resources = makeResources(0x2000, chance(0.95) ? 16 : 15, infos)
  const bytes = makePe({
    plus: chance(0.3),
    entry: 0x2000,
    directories: { 2: [0x2000, resources.length] },
    sections: [
      {
        rva: 0x2000,
        virtualSize: 0x8000,
        rawPointer: RAW,
        rawSize: resources.length + pick([0, 0x200]),
        data: Buffer.concat([resources, Buffer.alloc(0x200)]),
      },
    ],
  })
  for (let lies = whole(3); lies > 0; lies -= 1) {
    const at = RAW + 2 * whole(chance(0.3) ? 44 : Math.min(300, resources.length / 2))
    const old = bytes.readUInt16LE(at)
    const near = [1, 2, 3, 4, 8].flatMap((step) => [old + step, old - step])
    bytes.writeUInt16LE(pick([...near, 0, 1, 16, 0xffff, 0x8000, whole(400)]) & 0xffff, at)
  }
  return bytes
}

/** 12 bytes wherever a string could begin. */
function questions(bytes: Buffer): StockQuestion[] {
  const places = readPe(bytesSource(bytes))?.versionStrings() ?? []
  const wanted = (at: number) => bytes.toString('hex', at, at + 12)
  const found = new Set(places.map(wanted))
  const candidates = new Set(found)
  for (let at = RAW; at + 12 <= bytes.length && candidates.size < 40; at += 2) {
    // A length that a string may have, and what could be a key of two letters behind it.
    if (bytes.readUInt16LE(at) < 80 && bytes[at + 6] !== 0 && bytes[at + 8] !== 0)
      candidates.add(wanted(at + 6))
  }
  return [...candidates].map((hex) => ({ kind: 'ndb', line: `@:1:VI:${hex}`, expected: found.has(hex) }))
}

test('stock clamscan finds strings of version information where the structure has them, and nowhere else', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const files = Array.from({ length: seeds }, (_, index) => {
    const bytes = randomProgram(seededRandom(index + 1))
    return { bytes, questions: questions(bytes) }
  })
  assert.deepEqual(disagreements(files, folder), [])
  const asked = files.flatMap((file) => file.questions)
  const positive = asked.filter(({ expected }) => expected).length
  context.diagnostic(
    `${files.length} files; ${positive} found and ${asked.length - positive} not found by both`,
  )
  assert.ok(positive > 2 * seeds && asked.length - positive > seeds, 'too little was asked for a test')
})

test('the parts of a pattern stand in version information all, and a shift says nothing, as in stock clamscan', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const info = makeVersionInfo([
    [
      ['CompanyName', 'Evil Corp'],
      ['FileDescription', 'Test program.'],
    ],
  ])
  const data = makeResources(0x2000, 16, [info])
  const sections = [{ rva: 0x2000, virtualSize: 0x1000, rawPointer: RAW, rawSize: 0x400, data }]
  const bytes = makePe({
    entry: 0x2000,
    directories: { 2: [0x2000, data.length] },
    sections,
    background: Buffer.alloc(0x900),
  })
  const wide = (text: string) => Buffer.from(text, 'utf16le').toString('hex')
  const asked: readonly (readonly [kind: 'ndb' | 'ldb', line: string, expected: boolean])[] = [
    ['ndb', `@:1:VI:${wide('CompanyName')}`, true],
    ['ndb', `@:1:VI:${wide('CompanyName\0\0Evil')}`, true],
    ['ndb', `@:1:VI:${wide('ompanyName')}`, false],
    ['ndb', `@:1:VI,2:${wide('ompanyName')}`, false],
    ['ndb', `@:1:VI,30:${wide('CompanyName')}`, true],
    ['ndb', `@:1:VI:${wide('Company')}*${wide('FileD')}`, true],
    ['ndb', `@:1:VI:${wide('Company')}*${wide('Evil')}`, false],
    ['ndb', `@:1:*:${wide('Company')}*${wide('Evil')}`, true],
    ['ndb', `@:1:VI:${wide('Comp')}??00${wide('ny')}`, true],
    ['ndb', `@:6:VI:${wide('CompanyName')}`, false],
    ['ldb', `@;Engine:81-255,Target:1;0&1;VI:${wide('companyname')}::i;VI:${wide('FileD')}`, true],
    ['ldb', `@;Engine:81-255,Target:1;0&1;VI:${wide('CompanyName')};VI:0/E.v.i.l/`, true],
  ]
  const questions = asked.map(([kind, line, expected]) => ({ kind, line, expected }))
  assert.deepEqual(disagreements([{ bytes, questions }], folder), [])
})
