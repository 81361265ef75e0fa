/**
 * The PE structure beside stock clamscan, on random headers that lie and on real programs where there are some: byte
 * signatures at the entry point, at sections and behind them, section hashes and import hashes, each found where and only
 * where the structure says. COREWARD_ORACLE_SEEDS is how many files are made.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import type { Executable } from './executable.ts'
import { makeImports, makePe } from './pe.fixture.ts'
import { readPe } from './pe.ts'
import {
  disagreements,
  markedBytes,
  questionsAbout,
  type StockQuestion,
  withoutClamscan,
} from './stock-offsets.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 200)
const testfiles = '/usr/share/clamav-testfiles'

function randomPe(seed: number): Buffer {
  const random = seededRandom(seed)
  const { pick, whole, chance } = random
  const count = pick([1, 1, 2, 3, 5])
  const high = (probability: number) => (chance(probability) ? 0x80000000 : 0)
  const odd = () => pick([0, 0, 0, 0, 1, 0x10, 0x133, 0x200])
  return makePe({
    plus: chance(0.4),
    background: markedBytes(pick([0x1000, 0x1800, 0x2abc, 0x3001]), whole),
    sectionAlignment: pick([0x1000, 0x1000, 0x1000, 0x200, 0x10, 0, 0x2000, 1]),
    fileAlignment: pick([0x200, 0x200, 0x200, 0x1000, 0x400, 0, 0x10, 0x300, 1]),
    headerBytes: pick([0x400, 0x400, 0x401, 0x1000, 0x1001, 0, 0x2000]),
    entry: pick([0x1000, 0x1010, 0x1040, 0x1070, 0x1234, 0x2000, 0x50, 0, 0x100, 0x4000, 0xffffffff]),
    directoryCount: pick([16, 16, 16, 0, 3, 1000, 0xffffffff]),
    sections: Array.from({ length: count }, (_, index) => ({
      rva: 0x1000 * (index + 1 + pick([0, 0, 0, 1])) + odd() + high(0.02),
      virtualSize: pick([0x1000, 0x100, 0, 0x333, 0x2000]) + high(0.02),
      rawPointer:
        pick([0x400, 0x600, 0x800, 0x1000, 0x1400, 0xa10, 0x2000, 0x2a00, 0x3000, 0x401, 0x5000]) +
        high(0.01),
      rawSize: pick([0x200, 0x200, 0x1f1, 0, 0x1000, 0x600, 1, 0x5000]) + high(0.01),
    })),
  })
}

/**
 * Signatures of all hashes there are. Stock computes no import hash of PE32+ when it scans, and reads no import whose name
 * lies in the file's last 256 bytes.
 */
function hashQuestions(executable: Executable | undefined, imports: boolean): StockQuestion[] {
  if (executable === undefined || executable.damage !== undefined) return []
  const questions: StockQuestion[] = []
  executable.sections.slice(0, 20).forEach(({ size }, index) => {
    for (const [kind, algorithm] of [
      ['mdb', 'md5'],
      ['msb', 'sha1'],
      ['msb', 'sha256'],
    ] as const) {
      const hash = executable.sectionHash(index, algorithm)
      const line = `${size}:${hash}:@`
      if (size > 8 && !questions.some((other) => other.line === line)) {
        questions.push({ kind, line, expected: true })
      }
    }
  })
  const hash = imports ? executable.importHash() : undefined
  if (hash !== undefined && hash.length > 0)
    questions.push({ kind: 'imp', line: `${hash.md5}:${hash.length}:@`, expected: true })
  return questions
}

test('stock clamscan finds bytes exactly at the offsets of the structure', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let damaged = 0
  const files = Array.from({ length: seeds }, (_, index) => {
    const bytes = randomPe(index + 1)
    const executable = readPe(bytesSource(bytes))
    if (executable?.damage !== undefined) damaged += 1
    return {
      bytes,
      questions: [...questionsAbout(bytes, executable, 1), ...hashQuestions(executable, false)],
    }
  })
  assert.deepEqual(disagreements(files, folder), [])
  const asked = files.flatMap(({ questions }) => questions)
  const positive = asked.filter(({ expected }) => expected).length
  context.diagnostic(
    `${files.length} files, ${damaged} damaged; ${positive} found and ${asked.length - positive} not found by both`,
  )
  assert.ok(positive > seeds * 2 && damaged < seeds * 0.8, 'too little was found for a test')
})

test('stock clamscan finds import hashes as the structure computes them', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const letters = 'abcXYZ019_.'
  const files = Array.from({ length: seeds }, (_, index) => {
    const { pick, whole, chance } = seededRandom(index + 1)
    const word = (most: number) =>
      Array.from({ length: 1 + whole(most) }, () => letters[whole(letters.length)]).join('')
    const libraries = Array.from(
      { length: 1 + whole(6) },
      () =>
        [
          pick(['ws2_32.dll', 'WSOCK32.dll', 'oleaut32.DLL', `${word(20)}.ocx`, `${word(300)}.sys`, word(9)]),
          Array.from({ length: whole(8) }, () => (chance(0.4) ? whole(520) : word(chance(0.1) ? 300 : 30))),
        ] as const,
    )
    const table = makeImports(0x1000, libraries)
    const damage = whole(20)
    // Now and then the first descriptor's lookup table, address table or name is elsewhere or nowhere.
    if (damage < 3) table.writeUInt32LE(pick([0, 0x900000, 0x1010]), [0, 12, 16][damage] ?? 0)
    const bytes = makePe({
      directories: { 1: [0x1000, pick([1, 1, 1, 0.5]) * (libraries.length + 1) * 20] },
      sections: [
        {
          rva: 0x1000,
          virtualSize: 0x10000,
          rawPointer: 0x400,
          rawSize: table.length + 512,
          data: Buffer.concat([table, Buffer.alloc(1024)]),
        },
      ],
    })
    return { bytes, questions: hashQuestions(readPe(bytesSource(bytes)), true) }
  })
  assert.deepEqual(disagreements(files, folder), [])
  const hashes = files.flatMap(({ questions }) => questions).filter(({ kind }) => kind === 'imp').length
  context.diagnostic(`${hashes} import hashes of ${files.length} files found by stock`)
  assert.ok(hashes > seeds / 2)
})

test('stock clamscan agrees about its own test programs', {
  skip: withoutClamscan || (existsSync(testfiles) ? false : 'clamav-testfiles is not installed'),
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const files = globSync(join(testfiles, '*.exe')).map((path) => {
    const bytes = readFileSync(path)
    const executable = readPe(bytesSource(bytes))
    assert.equal(executable?.damage, undefined, path)
    const places = questionsAbout(bytes, executable, 1).filter(({ expected }) => expected)
    // The names of this one's imports lie in the last 256 bytes, where stock reads none.
    return { bytes, questions: [...places, ...hashQuestions(executable, !path.endsWith('clam-upx.exe'))] }
  })
  assert.deepEqual(disagreements(files, folder), [])
  context.diagnostic(`${files.length} programs, ${files.flatMap(({ questions }) => questions).length} found`)
})
