/**
 * The synthetic full-size set as a database folder of ClamAV. It is made once for a scale and kept; its folder's name follows from the
 * scale and from the modules that make it, so that another generator makes another set. The same modules make the same bytes.
 */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { digestOf } from '../digest.ts'
import { generator } from '../random.ts'
import { type LineSource, writeFileHashes, writeSectionHashes } from './hash-lines.ts'
import { writeLogicals } from './logical-lines.ts'
import { stemsOf } from './names.ts'
import { writePatterns } from './pattern-lines.ts'
import { type Format, formats, lineCounts } from './proportions.ts'
import { TextWriter } from './text-writer.ts'

export interface FullSet {
  /** Holds the signature files and nothing else. */
  readonly folder: string
  /** Paths of the signature files, in order. */
  readonly files: readonly string[]
  /** Paths of files that a later set has besides, as an update would bring them. */
  readonly update: readonly string[]
  readonly scale: number
  readonly lines: Readonly<Record<Format, number>>
  readonly totalLines: number
  /** Byte patterns in ndb and ldb together, regular expressions not counted. */
  readonly patterns: number
  readonly bytes: number
  /** SHA-256 over all generated lines in order. */
  readonly sha256: string
  /** What it took to generate; 0 when it was there. */
  readonly seconds: number
}

/** How many lines a day's update has for each of the set's. */
const UPDATE_SHARE = 1 / 2000

const builtin = join(import.meta.dirname, '../../packages/definitions/builtin')

/** Makes the set below `cache`, or finds it there. Sets of the same scale that other generators made are removed. */
export function fullSet(cache: string, scale: number): FullSet {
  const prefix = `set-${scale}-`
  const home = join(
    cache,
    prefix + digestOf([import.meta.dirname], readFileSync(join(import.meta.dirname, '../random.ts'), 'utf8')),
  )
  const note = join(home, 'set.json')
  if (existsSync(note)) return { ...(JSON.parse(readFileSync(note, 'utf8')) as FullSet), seconds: 0 }
  for (const former of globSync(`${prefix}*`, { cwd: cache }))
    rmSync(join(cache, former), { recursive: true })
  const [folder, updateFolder] = [join(home, 'database'), join(home, 'update')]
  for (const each of [folder, updateFolder]) mkdirSync(each, { recursive: true })
  const started = performance.now()
  const { lines, ...written } = writeLines(folder, 'full-size set', scale)
  const update = writeLines(updateFolder, 'update', scale * UPDATE_SHARE).files
  // Known to everybody, so that it can be seen that each engine finds anything at all.
  const eicar = globSync('eicar.*', { cwd: builtin }).map((name) => join(folder, name))
  for (const path of eicar) copyFileSync(join(builtin, basename(path)), path)
  const set: FullSet = {
    folder,
    update,
    scale,
    lines,
    totalLines: formats.reduce((sum, format) => sum + lines[format], 0),
    ...written,
    files: [...written.files, ...eicar],
    seconds: (performance.now() - started) / 1000,
  }
  // The note comes last, and whole: a folder without one was left half-made and is made again.
  writeFileSync(`${note}.part`, JSON.stringify(set))
  renameSync(`${note}.part`, note)
  return set
}

function writeLines(folder: string, seed: string, scale: number) {
  const hash = createHash('sha256')
  const lines = { ...lineCounts } as Record<Format, number>
  const files: string[] = []
  let patterns = 0
  let bytes = 0
  let firstNumber = 100_000
  for (const format of formats) {
    // An empty file makes clamscan refuse the whole folder.
    const count = Math.max(1, Math.round(lineCounts[format] * scale))
    const random = generator(`${format} of the ${seed}`)
    const path = join(folder, `bench.${format}`)
    using writer = new TextWriter(path, hash)
    patterns += write(writer, format, count, { random, stem: stemsOf(random), firstNumber })
    bytes += writer.end()
    files.push(path)
    lines[format] = count
    firstNumber += count
  }
  return { files, lines, patterns, bytes, sha256: hash.digest('hex') }
}

/** Writes a file's lines and answers with the number of byte patterns in them. */
function write(writer: TextWriter, format: Format, count: number, source: LineSource): number {
  switch (format) {
    case 'hdb':
    case 'hsb':
      writeFileHashes(writer, count, format === 'hdb' ? 'md5' : 'sha256', source)
      return 0
    case 'mdb':
    case 'msb':
      writeSectionHashes(writer, count, format === 'mdb' ? 'md5' : 'sha256', source)
      return 0
    case 'ndb':
      writePatterns(writer, count, source)
      return count
    case 'ldb':
      return writeLogicals(writer, count, source)
  }
}
