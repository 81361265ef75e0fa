/**
 * Clean files through our engine and through stock clamscan, with the same signatures: what we find, clamscan has to find too, by the same
 * name. Flow: list the files → the built-in set, a part of the full-size set, and signatures made from the files themselves → batch by batch, ours,
 * then clamscan on what we found → differences. Ended and started again, it goes on where it was.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { builtinSources, compileDefinitions, fileText } from '@coreward/definitions'
import { Scanner, type ScanResult } from '@coreward/engine'
import { type CorpusFile, corpusFiles } from './clean/corpus-files.ts'
import { derivedSignatures } from './clean/derived-signatures.ts'
import { askOurs, askStock } from './clean/judges.ts'
import { type Difference, type Progress, readProgress, writeProgress } from './clean/progress.ts'
import { reasons, stockView, whyOursAlone, whyStockAlone } from './clean/reasons.ts'
import { digestOf } from './digest.ts'
import { fullSet } from './set/full-set.ts'

const help = `usage: node bench/clean-corpus.ts [options]
  --folders A:B  the folders that hold clean files (/usr and node_modules of this checkout)
  --scale S      the part of the full-size set that is loaded (0.01)
  --derived N    signatures made from the files themselves (600)
  --seconds N    stop after so long; the next run goes on from there (600)
  --both         ask clamscan about every file, and tell what it alone finds
  --anew         forget what was done before
Exit code: 0 all done and all that we alone found is explained, 1 something is not, 2 not all is done.`

const root = join(import.meta.dirname, '..')
const BATCH_FILES = 2_000
const BATCH_BYTES = 200_000_000

/** Enough for clamscan to say what it takes a file for. */
const smallDatabase = join(root, 'packages/definitions/builtin/eicar.hdb')

const { values } = parseArgs({
  options: {
    folders: { type: 'string', default: `/usr:${join(root, 'node_modules')}` },
    scale: { type: 'string', default: '0.01' },
    derived: { type: 'string', default: '600' },
    seconds: { type: 'string', default: '600' },
    both: { type: 'boolean', default: false },
    anew: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(help)
else process.exitCode = await main()

async function main(): Promise<number> {
  const cache = join(root, '.bench')
  mkdirSync(cache, { recursive: true })
  const files = corpusFiles(values.folders.split(':'))
  const paths = files.map(({ path }) => path)
  const basis = JSON.stringify([values.folders, values.scale, values.derived, values.both, files.length])
  const state = join(
    cache,
    `clean-${digestOf(
      ['engine', 'definitions'].map((name) => join(root, 'packages', name)),
      basis,
    )}.json`,
  )
  if (values.anew) rmSync(state, { force: true })
  const progress = readProgress(state)
  const folder = mkdtempSync(join(tmpdir(), 'coreward-clean-'))
  try {
    const { database, definitions, lines } = prepare(folder, cache, paths)
    await using scanner = await Scanner.start({ definitions, workers: 1, refuseHarmful: false })
    const until = performance.now() + Number(values.seconds) * 1000
    while (progress.next < files.length && performance.now() < until) {
      await compareBatch(scanner, { database, lines }, batchFrom(files, progress.next), progress, folder)
      writeProgress(state, progress)
      console.error(`${progress.next} of ${files.length} files, ${(progress.bytes / 1e6).toFixed(0)} MB`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  report(progress, files.length)
  if (progress.oursAlone.some(({ reason }) => reason === undefined)) return 1
  return progress.next < files.length ? 2 : 0
}

/** Puts all signatures into one database folder for clamscan, and compiles the same texts for us. */
function prepare(folder: string, cache: string, paths: readonly string[]) {
  const set = fullSet(cache, Number(values.scale))
  const builtin = builtinSources()
  const texts = [...builtin.files, ...derivedSignatures(paths, Number(values.derived))]
  const lines = new Map(texts.flatMap(({ text }) => linesByName(text)))
  const database = join(folder, 'database')
  mkdirSync(database)
  for (const { name, text } of texts) writeFileSync(join(database, name), text)
  const generated = set.files.filter((path) => basename(path).startsWith('bench.'))
  for (const path of generated) symlinkSync(path, join(database, basename(path)))
  const { bytes, summary } = compileDefinitions({
    version: 'clean',
    createdAt: new Date(0).toISOString(),
    files: [...texts, ...generated.map((path) => ({ name: basename(path), text: fileText(path) }))],
  })
  const derived = summary.refused.filter(({ file }) => !file.startsWith('bench.'))
  for (const { file, line, reason } of derived) console.error(`refused ${file}:${line}: ${reason}`)
  const loaded = Object.values(summary.counts).reduce((sum, count) => sum + count, 0)
  console.error(`${loaded} signatures loaded, ${summary.refusedCount} lines refused`)
  return { database, definitions: bytes, lines }
}

/** The lines of a text by the names of their signatures. Only derived ones are asked for: their names tell them from fields. */
function linesByName(text: string): [name: string, line: string][] {
  return text.split('\n').flatMap((line) => {
    const name = /(?:^|:)(Derived\.[\w-]+)/.exec(line)?.[1]
    return name === undefined ? [] : [[name, line] as [string, string]]
  })
}

function batchFrom(files: readonly CorpusFile[], first: number): CorpusFile[] {
  const batch: CorpusFile[] = []
  let bytes = 0
  for (const file of files.slice(first, first + BATCH_FILES)) {
    batch.push(file)
    bytes += file.bytes
    if (bytes >= BATCH_BYTES) break
  }
  return batch
}

async function compareBatch(
  scanner: Scanner,
  { database, lines }: { readonly database: string; readonly lines: ReadonlyMap<string, string> },
  batch: readonly CorpusFile[],
  progress: Progress,
  folder: string,
): Promise<void> {
  const started = performance.now()
  const paths = batch.map(({ path }) => path)
  const results = new Map<string, ScanResult>()
  const ours = await askOurs(scanner, paths, (path, result) => {
    const { verdict } = result
    if (verdict.outcome === 'infected') results.set(path, result)
    if (verdict.outcome === 'clean') return
    for (const { reason } of verdict.unscanned)
      progress.unscanned[reason] = (progress.unscanned[reason] ?? 0) + 1
  })
  const asked = values.both ? paths : paths.filter((path) => ours.has(path))
  const stock = askStock(database, asked, folder)
  for (const path of asked) {
    const [own, other] = [ours.get(path) ?? new Set<string>(), stock.get(path) ?? new Set<string>()]
    const [oursAlone, stockAlone] = [own.difference(other), other.difference(own)]
    if (oursAlone.size + stockAlone.size === 0) {
      if (own.size > 0) progress.agreed += 1
      continue
    }
    const result = results.get(path)
    const view = stockView(smallDatabase, path)
    for (const signature of oursAlone) {
      const line = lines.get(signature)
      const reason = whyOursAlone(view, result, signature, line)
      progress.oursAlone.push({ path, signature, line, reason })
    }
    for (const signature of stockAlone) {
      const reason = whyStockAlone(view, result)
      progress.stockAlone.push({ path, signature, line: lines.get(signature), reason })
    }
  }
  progress.next += batch.length
  progress.bytes += batch.reduce((sum, { bytes }) => sum + bytes, 0)
  progress.seconds += (performance.now() - started) / 1000
}

function report(progress: Progress, total: number): void {
  const { next, bytes, seconds, agreed, oursAlone, stockAlone, unscanned } = progress
  const unlooked = Object.entries(unscanned).map(([reason, count]) => `${reason} ${count}`)
  const where = values.both ? '' : ', in files in which we found something'
  console.log(
    [
      `${next} of ${total} files, ${(bytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(0)} s`,
      `${agreed} files in which both find the same`,
      `${oursAlone.length} detections by us alone`,
      ...byReason(oursAlone),
      `${stockAlone.length} detections by clamscan alone${where}`,
      ...byReason(stockAlone),
      `parts that we did not scan: ${unlooked.length === 0 ? 'none' : unlooked.join(', ')}`,
    ].join('\n'),
  )
}

/** How many for each reason, and those without one by name. */
function byReason(differences: readonly Difference[]): string[] {
  const counted = Object.entries(reasons).flatMap(([reason, words]) => {
    const count = differences.filter((difference) => difference.reason === reason).length
    return count === 0 ? [] : [`  ${count} explained: ${words}`]
  })
  const open = differences.filter(({ reason }) => reason === undefined)
  return [
    ...counted,
    ...(open.length === 0 ? [] : [`  ${open.length} not explained`]),
    ...open.slice(0, 50).map(({ path, signature, line }) => `    ${path}: ${line ?? signature}`),
  ]
}
