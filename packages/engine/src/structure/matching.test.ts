/**
 * Offsets in programs through compiler and matcher: what is asked of stock clamscan in the tests beside this one, with the same
 * answers. COREWARD_ORACLE_SEEDS is how many files of each kind are made.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher } from '../match/matcher.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { makePe } from './pe.fixture.ts'
import { readExecutable } from './read-executable.ts'
import { markedBytes, questionsAbout } from './stock-offsets.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 100)

test('signatures at the entry point, in sections and behind them hit where the structure says, and nowhere else', () => {
  let found = 0
  let missed = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { pick, whole } = seededRandom(seed)
    const bytes = makePe({
      background: markedBytes(pick([0x1000, 0x2abc, 0x3001]), whole),
      sectionAlignment: 0x1000,
      fileAlignment: pick([0x200, 0x200, 0x1000]),
      headerBytes: 0x400,
      entry: pick([0x1000, 0x1040, 0x2000, 0x100, 0xffffffff]),
      directoryCount: 16,
      sections: Array.from({ length: pick([1, 2, 4]) }, (_, index) => ({
        rva: 0x1000 * (index + 1),
        virtualSize: 0x1000,
        rawPointer: pick([0x400, 0x800, 0x1000, 0x2a00]),
        rawSize: pick([0x200, 0x1f1, 0, 0x600]),
      })),
    })
    const source = bytesSource(bytes)
    const questions = questionsAbout(bytes, readExecutable(source, 'pe'), 1).filter(
      ({ kind }) => kind === 'ndb',
    )
    const text = questions.map(({ line }, index) => line.replace('@', `Q${index}`)).join('\n')
    const { bytes: set, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-25T00:00:00Z',
      files: [{ name: 'places.ndb', text }],
    })
    assert.deepEqual(summary.refused, [])
    let reads = 0
    const { hits } = createMatcher(openDefinitions(set)).match(source, {
      target: 1,
      structure: () => {
        reads += 1
        return readExecutable(source, 'pe')
      },
    })
    assert.ok(reads <= 1)
    const names = new Set(hits.map(({ name }) => name))
    questions.forEach(({ line, expected }, index) => {
      assert.equal(names.has(`Q${index}`), expected, `seed ${seed}: ${line}`)
      if (expected) found += 1
      else missed += 1
    })
  }
  assert.ok(found > seeds && missed > seeds / 2, `${found} found, ${missed} not`)
})

test('a content that is no program, or a damaged one, has no such places', () => {
  const text =
    'A:1:EP+0:414243444546\nB:1:S0+0,100:414243444546\nC:1:SL+0,100:414243444546\nD:1:SE0:414243444546\nE:1:EP-0:414243444546'
  const { bytes: set } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'places.ndb', text }],
  })
  const matcher = createMatcher(openDefinitions(set))
  const source = bytesSource(Buffer.from('ABCDEFABCDEF'))
  assert.deepEqual(matcher.match(source, { target: 1 }).hits, [])
  assert.deepEqual(matcher.match(source, { target: 1, structure: () => undefined }).hits, [])
  const damaged = {
    format: 'pe',
    entryPoint: 0,
    sections: [{ offset: 0, size: 12 }],
    damage: 'for the test',
    sectionHash: () => undefined,
    importHash: () => undefined,
    versionStrings: () => [],
    iconPlaces: () => [],
  } as const
  assert.deepEqual(matcher.match(source, { target: 1, structure: () => damaged }).hits, [])
  const { hits } = matcher.match(source, { target: 1, structure: () => ({ ...damaged, damage: undefined }) })
  assert.deepEqual(
    hits.map(({ name }) => name),
    ['A', 'B', 'C', 'D', 'E'],
  )
})
