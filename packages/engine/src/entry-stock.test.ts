/**
 * Signatures for what containers say of their entries beside stock clamscan: generated lines over generated archives, near misses
 * included. What differs on purpose is not generated (DESIGN.md): CRCs, which stock takes and does not look at, archives behind a
 * prefix, and names in tar archives that need a pax header, which stock does not read.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanMissing } from './match/clamscan.fixture.ts'
import { scanHere } from './scanner.fixture.ts'
import { makeTar, makeZip, randomBytes, randomText } from './unpack/archives.fixture.ts'

const LINES = 400
const ARCHIVES = 24

let state = 20261125
/** A whole number below `below`. */
function whole(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const oneOf = <Value>(values: readonly Value[]): Value => values[whole(values.length)] as Value

const folders = ['', 'dir/', 'a/b/', 'Dir/']
const stems = ['one', 'two', 'invoice', 'INVOICE', 'x', 'caf\u00e9']
const endings = ['.exe', '.txt', '.pdf.exe', '', '.js']

function randomEntries(accents = true) {
  return Array.from({ length: 1 + whole(5) }, (_, index) => ({
    name: `${oneOf(folders)}${oneOf(accents ? stems : stems.slice(0, -1))}${index}${oneOf(endings)}`,
    data: whole(4) === 0 ? Buffer.alloc(0) : randomText(whole(1e9), 2 * (1 + whole(300))),
    stored: whole(2) === 0,
    encrypted: whole(5) === 0,
  }))
}

async function randomArchive(): Promise<Buffer> {
  const kind = whole(3)
  if (kind === 0) return makeTar(randomEntries(false))
  const entries = randomEntries()
  if (kind === 1) return makeZip(entries)
  return makeZip([
    { name: 'inner.tar', data: await makeTar(randomEntries(false)) },
    { name: 'inner.zip', data: makeZip(randomEntries()), stored: true },
    ...entries,
  ])
}

function randomRange(near: readonly number[]): string {
  const value = oneOf(near) + oneOf([0, 0, 0, 1, -1])
  const low = Math.max(0, value)
  return oneOf(['*', `${low}`, `${low}-${low + whole(40)}`, `${Math.max(0, low - whole(40))}-${low}`])
}

const expressions = [
  '\\.exe$',
  '^dir/',
  '(?i)invoice',
  'invoice|two',
  '[0-2]\\.(exe|js)$',
  '^[^/]+$',
  'caf..',
  'o{1,2}',
  '/b/.*[a-z]$',
  '^(a/|dir/)?x',
]

function randomLine(index: number, sizes: readonly number[], archiveSizes: readonly number[]): string {
  const some = (value: () => string) => (whole(3) === 0 ? value() : '*')
  const fields = [
    `S${index}`,
    oneOf(['*', 'CL_TYPE_ZIP', 'CL_TYPE_ZIP', 'CL_TYPE_POSIX_TAR', 'CL_TYPE_ANY', 'CL_TYPE_RAR']),
    some(() => randomRange(archiveSizes)),
    some(() => oneOf(expressions)),
    some(() => randomRange(sizes)),
    some(() => randomRange(sizes)),
    some(() => oneOf(['0', '1'])),
    some(() => randomRange([1, 2, 3, 4])),
    '*',
    '*',
    ...oneOf([[], [], ['1'], ['1', '255'], ['300'], ['1', '100']]),
  ]
  return fields.join(':')
}

test('what is found of entries is what stock finds', {
  skip: clamscanMissing,
  timeout: 120_000,
}, async () => {
  const archives = await Promise.all(Array.from({ length: ARCHIVES }, randomArchive))
  const sizes = Array.from({ length: 40 }, () => whole(620))
  const archiveSizes = archives.map(({ length }) => length)
  const lines = Array.from({ length: LINES }, (_, index) => randomLine(index, sizes, archiveSizes))
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.cdb', text: lines.join('\n') }],
  })
  // Those that would find everything are taken by stock alone.
  assert.ok(summary.refused.every(({ reason }) => /every entry/.test(reason)))
  const refused = new Set(summary.refused.map(({ line }) => line - 1))
  const folder = mkdtempSync(join(tmpdir(), 'coreward-entries-'))
  try {
    const database = join(folder, 'a.cdb')
    writeFileSync(database, lines.filter((_, index) => !refused.has(index)).join('\n'))
    const paths = archives.map((archive, index) => {
      const path = join(folder, `${index}`)
      writeFileSync(path, archive)
      return path
    })
    const { status, stdout } = spawnSync(
      'clamscan',
      [`--database=${database}`, '--allmatch', '--no-summary', ...paths],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    )
    assert.equal(status, 1)
    let hits = 0
    for (const [index, path] of paths.entries()) {
      const theirs = [...stdout.matchAll(/^(.*): (S\d+)\.UNOFFICIAL FOUND$/gm)]
      const expected = new Set(theirs.filter(([, file]) => file === path).map(([, , name]) => name))
      const { verdict } = await scanHere(
        { bytes: archives[index] ?? randomBytes(1, 2) },
        {},
        undefined,
        bytes,
      )
      const found = verdict.outcome === 'infected' ? verdict.detections : []
      const ours = new Set(found.map(({ signature }) => signature))
      hits += ours.size
      assert.deepEqual([...ours].sort(), [...expected].sort(), `archive ${index}`)
    }
    assert.ok(hits > 200, `${hits} hits`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
