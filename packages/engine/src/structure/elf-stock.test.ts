/**
 * The ELF structure beside stock clamscan, on random headers that lie and on programs of this machine: byte signatures are
 * found where and only where the structure says. COREWARD_ORACLE_SEEDS is how many files are made.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { makeElf } from './elf.fixture.ts'
import { readElf } from './elf.ts'
import { disagreements, markedBytes, questionsAbout, withoutClamscan } from './stock-offsets.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 200)
const programs = ['/bin/ls', '/bin/sh', '/usr/bin/env', '/usr/bin/clamscan'].filter((path) =>
  existsSync(path),
)

function randomElf(seed: number): Buffer {
  const { pick, whole, chance } = seededRandom(seed)
  const tables = 0x1800
  return makeElf({
    wide: chance(0.5),
    bigEndian: chance(0.5),
    type: pick([1, 2, 2, 3]),
    entry: pick([0x8010, 0x8010, 0x8200, 0x9010, 0x300, 0, 0x7fff, 0xa000]),
    background: markedBytes(0x2000, whole),
    segmentTable: tables,
    sectionTable: tables + 0x200,
    segments: Array.from({ length: whole(5) }, () => ({
      type: pick([1, 1, 1, 4, 6]),
      address: pick([0x8000, 0x8000, 0x9000, 0x8008, 0]),
      offset: pick([0x200, 0x400, 0x600, 0x1000, 0x5000]),
      fileSize: pick([0x400, 0x100, 0]),
      memorySize: pick([0x400, 0x100, 0x2000]),
    })),
    // Stock reads outside its memory when it looks for SL in a file that has no section.
    sections: Array.from({ length: 1 + whole(6) }, () => ({
      type: pick([0, 1, 1, 1, 3, 8]),
      offset: pick([0, 0x300, 0x400, 0x500, 0x1200, 0x8000]),
      size: pick([0x40, 0x100, 0, 0x4000]),
    })),
    ...(chance(0.05) ? { segmentCount: pick([0, 3, 129, 0xffff]) } : {}),
    ...(chance(0.05) ? { sectionCount: pick([1, 3, 257, 0xffff]) } : {}),
    ...(chance(0.03) ? { segmentBytes: pick([0, 32, 56]) } : {}),
    ...(chance(0.03) ? { sectionBytes: pick([0, 40, 64]) } : {}),
  })
}

test('stock clamscan finds bytes exactly at the offsets of the structure', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let damaged = 0
  const files = Array.from({ length: seeds }, (_, index) => {
    const bytes = randomElf(index + 1)
    const executable = readElf(bytesSource(bytes))
    if (executable?.damage !== undefined) damaged += 1
    return { bytes, questions: questionsAbout(bytes, executable, 6) }
  })
  assert.deepEqual(disagreements(files, folder), [])
  const asked = files.flatMap(({ questions }) => questions)
  const positive = asked.filter(({ expected }) => expected).length
  context.diagnostic(
    `${files.length} files, ${damaged} damaged; ${positive} found and ${asked.length - positive} not found by both`,
  )
  assert.ok(positive > seeds && damaged < seeds * 0.8, 'too little was found for a test')
})

test('stock clamscan agrees about programs of this machine', {
  skip: withoutClamscan || (programs.length > 0 ? false : 'no program to look at'),
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const files = programs.map((path) => {
    const bytes = readFileSync(path)
    const executable = readElf(bytesSource(bytes))
    assert.equal(executable?.damage, undefined, path)
    assert.ok(executable?.entryPoint, path)
    return { bytes, questions: questionsAbout(bytes, executable, 6).filter(({ expected }) => expected) }
  })
  assert.deepEqual(disagreements(files, folder), [])
  context.diagnostic(`${files.length} programs, ${files.flatMap(({ questions }) => questions).length} found`)
})
