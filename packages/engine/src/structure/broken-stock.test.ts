/**
 * Programs whose headers lie, and the same cut short, beside stock clamscan's --alert-broken. COREWARD_ORACLE_SEEDS is how many
 * files of each kind are made.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import type { FileTypeName } from '../file-type.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { isBrokenExecutable } from './broken-executable.ts'
import { makeElf } from './elf.fixture.ts'
import { makeMachO } from './mach-o.fixture.ts'
import { makePe } from './pe.fixture.ts'
import { withoutClamscan } from './stock-offsets.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 100)

type Random = ReturnType<typeof seededRandom>

function randomPe({ pick, whole, chance }: Random): Buffer {
  const sectionAlignment = chance(0.9) ? 0x1000 : pick([0x2000, 0x200, 0, 1])
  const headerBytes = pick([0x400, 0x400, 0x400, 0x401, 0x1000, 0x1001])
  let rva = headerBytes > 0x1000 ? 0x2000 : 0x1000
  const sections = Array.from({ length: 1 + whole(4) }, () => {
    const virtualSize = pick([0x1000, 0x100, 0, 0x333, 0x2000])
    const rawSize = pick([0x200, 0x200, 0x1f1, 0, 0x1000, 0x600])
    const section = {
      rva: rva + (chance(0.05) ? pick([0x133, 0x1000, 0x80000000]) : 0),
      virtualSize: virtualSize + (chance(0.01) ? 0x80000000 : 0),
      rawPointer: pick([0x400, 0x600, 0x800, 0x1000, 0x1400, chance(0.2) ? 0x5000 : 0x400]),
      rawSize,
    }
    rva += Math.ceil((virtualSize === 0 ? rawSize : virtualSize) / 0x1000) * 0x1000
    return section
  })
  return makePe({
    plus: chance(0.4),
    background: Buffer.alloc(pick([0x1000, 0x1800, 0x2abc, 0x3001]), 0x90),
    sectionAlignment,
    fileAlignment: chance(0.9) ? 0x200 : pick([0x1000, 0x400, 0, 0x300]),
    headerBytes,
    entry: pick([0x1000, 0x1010, 0x1040, 0x2000, 0x50, 0, 0x100, 0x4000]),
    sections,
  })
}

function randomElf({ pick, whole, chance }: Random): Buffer {
  return makeElf({
    wide: chance(0.5),
    bigEndian: chance(0.5),
    type: pick([1, 2, 2, 3]),
    entry: pick([0x8010, 0x8010, 0x8200, 0x9010, 0x300, 0, 0xa000]),
    background: Buffer.alloc(0x2000, 0x90),
    segmentTable: 0x1800,
    sectionTable: 0x1a00,
    segments: Array.from({ length: whole(5) }, () => ({
      type: 1,
      address: pick([0x8000, 0x8000, 0x9000, 0]),
      offset: pick([0x200, 0x400, 0x5000]),
      fileSize: 0x400,
      memorySize: pick([0x400, 0x100, 0x2000]),
    })),
    sections: Array.from({ length: 1 + whole(6) }, () => ({ type: 1, offset: 0x300, size: 0x40 })),
    ...(chance(0.05) ? { segmentCount: pick([0, 3, 129, 0xffff]) } : {}),
    ...(chance(0.05) ? { segmentBytes: pick([0, 32, 56]) } : {}),
    ...(chance(0.05) ? { sectionBytes: pick([0, 40, 64]) } : {}),
  })
}

function randomMachO({ pick, chance }: Random): Buffer {
  const section = {
    address: pick([0x8000, 0x8200]),
    size: pick([0x100, 0x4000]),
    offset: pick([0x800, 0x9000]),
    alignment: pick([0, 2, 12, 40]),
  }
  return makeMachO({
    wide: chance(0.5),
    bigEndian: chance(0.5),
    processor: pick([7, 12, 18]),
    background: Buffer.alloc(0x2000, 0x90),
    segments: [[section]],
    ...(chance(0.6) ? { thread: 0x8010 } : {}),
  })
}

const makers: readonly (readonly [FileTypeName, (random: Random) => Buffer])[] = [
  ['pe', randomPe],
  ['elf', randomElf],
  ['mach-o', randomMachO],
]

for (const [type, make] of makers) {
  test(`stock clamscan calls the same ${type} files broken`, { skip: withoutClamscan }, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'coreward-broken-'))
    context.after(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'files'))
    const database = join(folder, 'nothing.hdb')
    writeFileSync(database, `${'a'.repeat(32)}:5:Nothing\n`)
    const files = new Map<string, boolean>()
    for (let seed = 1; seed <= seeds; seed += 1) {
      const bytes = make(seededRandom(seed))
      const path = join(folder, 'files', String(seed))
      writeFileSync(path, bytes)
      files.set(path, isBrokenExecutable(bytesSource(bytes), type))
    }
    const options = ['--alert-broken', '--no-summary', `--database=${database}`, join(folder, 'files')]
    const { stdout } = spawnSync('clamscan', options, { encoding: 'utf8', maxBuffer: 1 << 26 })
    const stock = new Set(
      [...stdout.matchAll(/^(.*): Heuristics\.Broken\.Executable FOUND$/gm)].map(([, path]) => path),
    )
    const different = [...files].filter(([path, isBroken]) => isBroken !== stock.has(path))
    assert.deepEqual(different, [])
    context.diagnostic(`${stock.size} of ${files.size} broken for both`)
    assert.ok(stock.size > seeds * 0.1 && stock.size < seeds * 0.95, 'too one-sided for a test')
  })
}
