/**
 * The whole run with the full-size set. Flow: generate the set → compile it in a process of its own → our agent → our engine alone → our scanner
 * process → clamd, one after the other, each on the same files → judge. Each is asked only for what a wanted figure needs.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { eicar, tarGzOf, zipOf } from '../../tests/fixtures/eicar.ts'
import { archiveCorpora } from '../archive-corpora.ts'
import { type Corpus, gatherCorpora, machineCorpora } from '../corpora.ts'
import { fullSet } from '../set/full-set.ts'
import { compiledSet } from './compiled-set.ts'
import { type CorpusFigure, corpusFigures, type FigureName } from './figures.ts'
import { ownNode } from './own-node.ts'
import { type FullResult, inOrder, isMissed, reportText } from './report.ts'
import { judgeCompiling, judgeSpeed, measureAgent, measureClamd, measureEngine, type Run } from './steps.ts'

export interface FullOptions {
  /** For whatever is written, except the set. */
  readonly folder: string
  /** The length of generated files, and the most of programs. */
  readonly bytes: number
  readonly scale: number
  readonly only: ReadonlySet<FigureName>
  /** The tree that is scanned again. */
  readonly tree: string
  readonly json: boolean
}

const repository = join(import.meta.dirname, '../..')

/** Stock clamd goes through scripts at a third of a megabyte a second. */
const SCRIPT_BYTES = 4_000_000

/** What is packed into archives: a little, since stock clamd is slow at scripts. */
const PACKED_BYTES = { programBytes: 20_000_000, scriptBytes: 1_000_000 }

const archiveFigures: ReadonlySet<CorpusFigure> = new Set(['zip', 'tarGz', 'sevenZip'])

/** Runs, prints, and answers with the exit code. */
export async function runFull(options: FullOptions): Promise<number> {
  const result = await measure(options)
  console.log(options.json ? JSON.stringify(result, undefined, 2) : reportText(result))
  return result.complaints.length > 0 || isMissed(result.measured) ? 1 : 0
}

async function measure({ folder, bytes, scale, only, tree }: FullOptions): Promise<FullResult> {
  const say = (text: string) => console.error(`measuring ${text}`)
  const set = fullSet(join(repository, '.bench'), scale)
  say(`set: ${set.seconds === 0 ? 'there' : `generated in ${set.seconds.toFixed(1)} s`}, ${set.folder}`)
  const isCompileWanted = only.has('compile') || only.has('compileMemory')
  const definitions = await compiledSet(dirname(set.folder), 'one', set.files)
  say(`definitions: ${definitions.isNew ? '' : 'there, '}compiled in ${definitions.seconds.toFixed(1)} s`)
  const corpusNames = Object.keys(corpusFigures) as CorpusFigure[]
  const wanted = corpusNames.filter((name) => only.has(name))
  const planted = join(folder, 'planted.tar.gz')
  writeFileSync(planted, await tarGzOf('inner.zip', zipOf('eicar.com', eicar())))
  const sizes = { programBytes: bytes, scriptBytes: SCRIPT_BYTES, generatedBytes: bytes }
  const plain = wanted.length > 0 || only.has('workers') ? gatherCorpora(folder, repository, sizes) : []
  const isArchiveWanted = wanted.some((name) => archiveFigures.has(name))
  const gathered = isArchiveWanted ? [...plain, ...packed(folder)] : plain
  const corpora = new Map(
    corpusNames.flatMap((name) =>
      gathered.filter((corpus) => corpus.name === corpusFigures[name]).map((corpus) => [name, corpus]),
    ),
  )
  const run: Run = {
    folder,
    only,
    tree,
    node: ownNode(folder),
    set,
    definitions,
    planted,
    corpora,
    wanted,
    speeds: new Map(),
    measured: [],
    say,
  }
  if (isCompileWanted) await judgeCompiling(run)
  await measureAgent(run)
  await measureEngine(run)
  const clamd = await measureClamd(run)
  const complaints = wanted.flatMap((name) => judgeSpeed(run, name))
  const measured = inOrder(run.measured).filter(({ figure }) => only.has(figure))
  return {
    machine: machine(),
    set,
    compiled: definitions,
    ...(clamd === undefined ? {} : { clamd }),
    measured,
    complaints,
  }
}

function packed(folder: string): Corpus[] {
  return archiveCorpora(folder, machineCorpora(repository, PACKED_BYTES))
}

function machine(): string {
  const load = loadavg().map((value) => value.toFixed(1))
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`
  const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`
  return `${processor}, ${memory}, Linux ${release()}, Node ${process.version}, load ${load.join(' ')}`
}
