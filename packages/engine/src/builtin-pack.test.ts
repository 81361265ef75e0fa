/**
 * The built-in pack through the whole engine: it finds what it describes, and nothing in clean files. By default every
 * 40th file of this checkout's dependencies is scanned. All files of any folders, with the figures told:
 *
 *     COREWARD_CLEAN_FOLDERS=/usr:/etc:node_modules node --test packages/engine/src/builtin-pack.test.ts
 */
import assert from 'node:assert/strict'
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtinSources, compileDefinitions } from '@coreward/definitions'
import { Scanner } from './scanner.ts'

const { bytes: pack, summary } = compileDefinitions({
  version: 'builtin',
  createdAt: '2026-11-24T00:00:00Z',
  ...builtinSources(),
})

const given = process.env.COREWARD_CLEAN_FOLDERS
const folders = given?.split(':') ?? [join(import.meta.dirname, '../../../node_modules')]
const stride = given === undefined ? 40 : 1
/** Files that are there to be detected. */
const expected = /^\/usr\/share\/clamav-testfiles\//

/** The shortest content that a pattern of the pack matches: the pack has literals, choices and gaps only. */
function exampleOf(hex: string): Buffer {
  const plain = hex.replace(/\(([^|)]*)[^)]*\)/g, '$1').replace(/\*|\{-\d+\}/g, '')
  assert.match(plain, /^(?:[0-9a-f]{2})+$/, 'the pack has a new kind of wildcard: teach this test to read it')
  return Buffer.from(plain, 'hex')
}

test('every line of the built-in pack is taken, and every signature is described once', () => {
  assert.deepEqual(summary.refused, [])
  assert.equal(summary.skipped, 0)
  const names = builtinSources().files.flatMap(({ name, text }) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(':')[name.endsWith('.ndb') ? 0 : 2] ?? ''),
  )
  assert.ok(names.length > 50)
  const { descriptions } = builtinSources()
  for (const name of names) {
    const { description = '', severity } = descriptions[name] ?? {}
    assert.ok(description.length > 20 && severity !== undefined, `${name} has no description`)
  }
  assert.deepEqual(
    Object.keys(descriptions).filter((name) => !names.includes(name)),
    [],
    'descriptions of no signature',
  )
})

test('a copy of the compiled pack is clean: no pattern stands in it as it stands in malware', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-pack-'))
  const path = join(folder, 'copy.bin')
  writeFileSync(path, pack)
  const fd = openSync(path, constants.O_RDONLY)
  try {
    await using scanner = await Scanner.start({ definitions: pack, workers: 1 })
    assert.deepEqual((await scanner.scan({ fd })).verdict, { outcome: 'clean' })
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
})

test('every pattern of the built-in pack finds an example of itself', async () => {
  await using scanner = await Scanner.start({ definitions: pack, workers: 1 })
  const lines = builtinSources().files.flatMap(({ name, text }) =>
    name.endsWith('.ndb') ? text.split('\n').filter((line) => /^[^#]/.test(line)) : [],
  )
  assert.ok(lines.length > 50)
  for (const line of lines) {
    const [name, , offset, hex = ''] = line.split(':')
    const example = exampleOf(hex)
    const bytes = offset === '*' ? Buffer.concat([Buffer.from('x\n'), example, Buffer.from('\n')]) : example
    const { verdict } = await scanner.scan({ bytes })
    const found = verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : []
    assert.ok(name !== undefined && found.includes(name), `${name} in ${example}: ${found}`)
  }
})

test('the built-in pack finds nothing in clean files', async (context) => {
  await using scanner = await Scanner.start({ definitions: pack })
  const detections: string[] = []
  const unscanned: Record<string, number> = {}
  const sums = { files: 0, bytes: 0 }
  const started = performance.now()
  const scanFile = async (path: string) => {
    let fd: number
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      unscanned[code] = (unscanned[code] ?? 0) + 1
      return
    }
    const { verdict, bytes } = await scanner.scan({ fd }).finally(() => closeSync(fd))
    sums.files += 1
    sums.bytes += bytes
    if (verdict.outcome === 'infected' && !expected.test(path)) {
      detections.push(`${path}: ${verdict.detections.map(({ signature }) => signature)}`)
    }
    if (verdict.outcome !== 'clean') {
      for (const { reason } of verdict.unscanned) unscanned[reason] = (unscanned[reason] ?? 0) + 1
    }
  }
  const paths = folders.flatMap(filesBelow).filter((_, index) => index % stride === 0)
  const next = paths[Symbol.iterator]()
  const scanOneByOne = async () => {
    for (const path of next) await scanFile(path)
  }
  await Promise.all(Array.from({ length: 8 }, scanOneByOne))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  context.diagnostic(
    `${sums.files} files, ${sums.bytes} bytes, ${seconds} s, ${detections.length} detections, ` +
      `not scanned whole: ${JSON.stringify(unscanned)}`,
  )
  assert.ok(sums.files > 50, 'hardly any file was scanned')
  assert.deepEqual(detections, [])
})

/** Every file below, links not followed: Node's own recursive listing follows them, and round in circles. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}
