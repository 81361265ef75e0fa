/**
 * The matcher alone: `node bench/matcher.ts [SCALE…]` compiles the byte patterns of the full-size set at each scale (1 is 120,000 ndb and
 * 50,000 ldb), and matches contents that lie in memory, in one thread. Speeds are by processor time, so that others on the machine
 * count little. packages/engine/DESIGN.md has the figures.
 */
import { createHash } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../packages/engine/src/byte-source.ts'
import { createMatcher } from '../packages/engine/src/match/matcher.ts'
import { generator } from './random.ts'
import { writeLogicals } from './set/logical-lines.ts'
import { stemsOf } from './set/names.ts'
import { writePatterns } from './set/pattern-lines.ts'
import { lineCounts } from './set/proportions.ts'
import { TextWriter } from './set/text-writer.ts'

interface Corpus {
  readonly name: string
  readonly target: number
  readonly contents: readonly Uint8Array[]
}

const repository = join(import.meta.dirname, '..')
const scales = process.argv.slice(2).map(Number)
const corpora: readonly Corpus[] = [
  { name: 'programs', target: 6, contents: read('/usr/bin/*', 150e6, 60e6) },
  {
    name: 'text',
    target: 0,
    contents: [Buffer.concat(read('/usr/share/**/*.{txt,html,pl,pm,py,md,xml}', 60e6))],
  },
  { name: 'random', target: 0, contents: [randomBytes(60e6)] },
  {
    name: 'small JavaScript',
    target: 0,
    contents: read(join(repository, 'node_modules/**/*.{js,mjs,cjs}'), 45e6, 100e3),
  },
]
for (const { name, contents } of corpora)
  console.log(`${name}: ${contents.length} files, ${bytesOf(contents)} bytes`)
for (const scale of scales.length > 0 ? scales : [1]) measure(scale)

function measure(scale: number): void {
  const files = [
    { name: 'bench.ndb', text: linesOf('ndb', scale) },
    { name: 'bench.ldb', text: linesOf('ldb', scale) },
  ]
  const [{ bytes }, compiling] = timed(() =>
    compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files }),
  )
  const [definitions, opening] = timed(() => openDefinitions(bytes))
  const tables = Object.values(definitions.patternTables).filter(ArrayBuffer.isView)
  const memory = tables.reduce((sum, table) => sum + table.byteLength, 0)
  console.log(
    `${definitions.patternTables.patternCount} patterns: tables ${memory} bytes, compiled in ${compiling.toFixed(2)} s, opened in ${opening.toFixed(3)} s`,
  )
  const matcher = createMatcher(definitions)
  for (const { name, target, contents } of corpora) {
    // What V8 knows of the code it learns here.
    for (const content of contents.slice(0, 100))
      matcher.match(bytesSource(content.subarray(0, 1e6)), { target })
    const [, seconds] = timed(() =>
      contents.map((content) => matcher.match(bytesSource(content), { target })),
    )
    console.log(`  ${name}: ${(bytesOf(contents) / 1e6 / seconds).toFixed(0)} MB/s`)
  }
}

function linesOf(format: 'ndb' | 'ldb', scale: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-matcher-'))
  const path = join(folder, format)
  try {
    const random = generator(`${format} of the full-size set`)
    const source = { random, stem: stemsOf(random), firstNumber: 100_000 }
    using writer = new TextWriter(path, createHash('sha256'))
    const count = Math.max(1, Math.round(lineCounts[format] * scale))
    if (format === 'ndb') writePatterns(writer, count, source)
    else writeLogicals(writer, count, source)
    writer.end()
    return readFileSync(path, 'latin1')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function timed<Result>(run: () => Result): [result: Result, seconds: number] {
  const before = process.cpuUsage()
  const result = run()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
}

/** Files up to so many bytes in all. */
function read(pattern: string, most: number, largest = 5e6): Uint8Array[] {
  const contents: Uint8Array[] = []
  let sum = 0
  for (const path of globSync(pattern).sort()) {
    const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 }
    if (size === 0 || size > largest || sum + size > most || !statSync(path).isFile()) continue
    contents.push(readFileSync(path))
    sum += size
  }
  return contents
}

function bytesOf(contents: readonly Uint8Array[]): number {
  return contents.reduce((sum, { length }) => sum + length, 0)
}

function randomBytes(length: number): Uint8Array {
  const random = generator('bytes without order')
  return new Uint8Array(Uint32Array.from({ length: length / 4 }, random).buffer)
}
