/**
 * The text of projects of macros, byte by byte beside what stock clamscan writes down when it is asked to leave its files: random code in random
 * projects, without a CR alone and two underscores in a row, of which stock loses some. COREWARD_ORACLE_SEEDS is how many there are.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { unpackOle2 } from './ole2.ts'
import { programLine } from './program.fixture.ts'
import { makeVbaStreams } from './vba.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 6)

const tokens = [
  ...[
    'Sub',
    'Foo',
    'X',
    '"Text  Here"',
    '"',
    ' ',
    '  ',
    '\t',
    '\r\n',
    '\n',
    ' _\r\n',
    '_\r\n',
    ' _ \r\n',
    '\t_\r\n',
  ],
  ...['&', '=', "'", 'REM', '(', ')', '"A""B"', '\xe9', '\xc9', '\x01', 'End Sub', ',', '1'],
]

function randomCode(random: Random): string {
  return Array.from({ length: random.whole(400) }, () => random.pick(tokens)).join('')
}

function projectText(folder: string): Buffer | undefined {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (/vba_project[^/]*$/.test(entry)) return readFileSync(join(folder, entry))
  return undefined
}

test('the text of a project is what clamscan makes of it', { skip: clamscanMissing }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-vba-'))
  try {
    const database = join(folder, 'program.hdb')
    writeFileSync(database, programLine)
    for (let seed = 1; seed <= seeds; seed += 1) {
      const random = seededRandom(seed)
      const modules = Array.from({ length: 1 + random.whole(4) }, (_, index) => ({
        name: `Module${index}`,
        code: randomCode(random),
        cache: Buffer.alloc(random.whole(300), 7),
      }))
      const file = makeOle2([{ name: 'WordDocument', data: Buffer.alloc(100) }, ...makeVbaStreams(modules)])
      const place = join(folder, `${seed}`)
      mkdirSync(place)
      writeFileSync(join(place, 'a.doc'), file)
      const left = join(place, 'left')
      mkdirSync(left)
      spawnSync('clamscan', [
        `--database=${database}`,
        '--leave-temps',
        `--tempdir=${left}`,
        join(place, 'a.doc'),
      ])
      const stock = projectText(left)
      assert.ok(stock !== undefined, 'clamscan wrote no project')
      const budget = createBudget(resolveLimits(), () => false)
      let ours: string | undefined
      for await (const part of unpackOle2(bytesSource(file), budget))
        if (part.label === 'VBA project' && part.kind === 'content')
          ours = Buffer.from(part.content.read(0, 1e9)).toString()
      assert.equal(ours, stock.toString(), `seed ${seed}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
