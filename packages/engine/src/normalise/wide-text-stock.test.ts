/** What stock clamscan takes for text of two bytes a character, by what it says that it recognised, beside what is taken for it here. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { identifyFileType } from '../file-type.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { hasControlUnit } from './wide-text.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 300)

/** Bytes that are neither ASCII nor anything by their first, and one or two units in them. */
function content(seed: number): Buffer {
  const { whole, pick, chance } = seededRandom(seed)
  const bytes = Buffer.alloc(2 * (20 + whole(700)), Buffer.from([0x81, 0x82]))
  for (let count = 1 + whole(2); count > 0; count -= 1) {
    const at = whole(bytes.length - 1)
    bytes[at] = chance(0.8) ? 0 : whole(256)
    bytes[at + 1] = pick([0, 5, 7, 10, 11, 13, 27, 65, 127, 128, whole(256)])
  }
  return bytes
}

test('a control character of two bytes near the beginning is what tells data from text', {
  skip: clamscanMissing,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-wide-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const contents = Array.from({ length: seeds }, (_, index) => content(index + 1))
  const paths = contents.map((bytes, index) => {
    const path = join(folder, String(index))
    writeFileSync(path, bytes)
    return path
  })
  const database = join(folder, 'nothing.hdb')
  writeFileSync(database, `${'a'.repeat(32)}:5:Nothing\n`)
  const options = ['--debug', '--no-summary', `--database=${database}`, ...paths]
  const { stdout, stderr } = spawnSync('clamscan', options, { encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(stdout.match(/: OK$/gm)?.length, seeds)
  const recognised = [...stderr.matchAll(/Recognized (.*)$/gm)].map(([, type = '']) => type)
  assert.equal(recognised.length, seeds)
  const different = contents.flatMap((bytes, index) => {
    const isData = identifyFileType(bytes).name === 'data' && hasControlUnit(bytesSource(bytes))
    return isData === (recognised[index] === 'binary data') ? [] : [`${index}: ${recognised[index]}`]
  })
  assert.deepEqual(different, [])
  const data = recognised.filter((type) => type === 'binary data').length
  assert.ok(data > seeds / 10 && data < seeds / 1.2, `${data} of ${seeds} are data`)
})
