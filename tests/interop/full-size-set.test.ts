import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { compileDefinitions, fileText } from '@coreward/definitions'
import { fullSet } from '../../bench/set/full-set.ts'
import { formats, lineCounts } from '../../bench/set/proportions.ts'

/**
 * The benchmark's set, a two-thousandth of it: what is measured with it means something only while stock clamscan takes every line of it.
 */

const home = mkdtempSync(join(tmpdir(), 'coreward-full-size-set-'))
after(() => rmSync(home, { recursive: true }))

const scale = 1 / 2000
const set = fullSet(join(home, 'one'), scale)
/** The EICAR signatures that come along. */
const known = 3
const withoutClamscan =
  spawnSync('clamscan', ['--version']).status === 0 ? false : 'clamscan is not installed'

test('it has the proportions of the official sets, and is the same every time', () => {
  for (const format of formats)
    assert.equal(set.lines[format], Math.round(lineCounts[format] * scale), format)
  const again = fullSet(join(home, 'two'), scale)
  assert.equal(again.sha256, set.sha256)
  assert.deepEqual(
    { ...again, seconds: 0, folder: '', files: [], update: [] },
    { ...set, seconds: 0, folder: '', files: [], update: [] },
  )
  assert.deepEqual(fullSet(join(home, 'one'), scale), { ...set, seconds: 0 })
})

test('stock clamscan takes every line and complains of none', { skip: withoutClamscan }, () => {
  const file = join(home, 'harmless')
  writeFileSync(file, 'nothing to see here')
  for (const [database, lines] of [
    [set.folder, set.totalLines + known],
    ...set.update.map((path) => [path, undefined] as const),
  ] as const) {
    const { stdout, stderr } = spawnSync('clamscan', [`--database=${database}`, file], { encoding: 'utf8' })
    assert.equal(stderr, '', database)
    if (lines !== undefined) assert.match(stdout, new RegExp(`^Known viruses: ${lines}$`, 'm'))
  }
})

test('we take every line too, or say that we do not do such a thing yet', () => {
  const { summary } = compileDefinitions({
    version: 'test',
    createdAt: '2026-11-25T00:00:00Z',
    files: set.files.map((path) => ({ name: basename(path), text: fileText(path) })),
  })
  const taken = Object.values(summary.counts).reduce((sum, count) => sum + count, 0)
  assert.equal(taken + summary.refusedCount, set.totalLines + known)
  for (const { reason } of summary.refused) assert.match(reason, /does not do yet/)
})
