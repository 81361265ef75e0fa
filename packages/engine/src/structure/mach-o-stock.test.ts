/**
 * The Mach-O structure beside stock clamscan, on random headers that lie: byte signatures are found where and only where
 * the structure says. COREWARD_ORACLE_SEEDS is how many files are made.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { makeMachO } from './mach-o.fixture.ts'
import { readMachO } from './mach-o.ts'
import { disagreements, markedBytes, questionsAbout, withoutClamscan } from './stock-offsets.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 200)

function randomMachO(seed: number): Buffer {
  const { pick, whole, chance } = seededRandom(seed)
  const section = () => ({
    address: pick([0x8000, 0x8000, 0x8200, 0x9000]),
    size: pick([0x100, 0x45, 0x200, 0x4000]),
    offset: pick([0x800, 0x900, 0xa08, 0x1000, 0x9000]),
    alignment: pick([0, 0, 2, 4, 12, chance(0.1) ? 40 : 3]),
  })
  const sections = () => Array.from({ length: whole(4) }, section)
  return makeMachO({
    wide: chance(0.5),
    bigEndian: chance(0.5),
    processor: pick([7, 12, 18, 18]),
    background: markedBytes(0x2000, whole),
    // Stock reads outside its memory when it looks for SL in a file that has no section.
    segments: [[section()], ...Array.from({ length: whole(3) }, sections)],
    ...(chance(0.6) ? { thread: pick([0x8000, 0x8010, 0x8110, 0x8208, 0x9010, 0x7000]) } : {}),
    ...(chance(0.3) ? { main: 0x810 } : {}),
  })
}

test('stock clamscan finds bytes exactly at the offsets of the structure', {
  skip: withoutClamscan,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-structure-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let damaged = 0
  const files = Array.from({ length: seeds }, (_, index) => {
    const bytes = randomMachO(index + 1)
    const executable = readMachO(bytesSource(bytes))
    if (executable?.damage !== undefined) damaged += 1
    return { bytes, questions: questionsAbout(bytes, executable, 9) }
  })
  assert.deepEqual(disagreements(files, folder), [])
  const asked = files.flatMap(({ questions }) => questions)
  const positive = asked.filter(({ expected }) => expected).length
  context.diagnostic(
    `${files.length} files, ${damaged} damaged; ${positive} found and ${asked.length - positive} not found by both`,
  )
  assert.ok(positive > seeds && damaged < seeds * 0.8, 'too little was found for a test')
})
