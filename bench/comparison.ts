/**
 * Our scan speed and memory beside stock clamscan's and clamd's, in one run, on the same files, with the identical signature text, one
 * file at a time on one thread each. All must find the same EICAR inside a zip inside a tar.gz, and the same signatures in the
 * corpora, or the run fails: a fast engine that misses is not fast.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { compileDefinitions } from '@coreward/definitions'
import { eicar, tarGzOf, zipOf } from '../tests/fixtures/eicar.ts'
import { startAgent } from './agent.ts'
import { startClamd } from './clamd.ts'
import { prepareClamscan } from './clamscan.ts'
import { startCoreward } from './coreward.ts'
import { type Corpus, gatherCorpora } from './corpora.ts'
import type { EngineUnderTest, ScanCost } from './engine-under-test.ts'
import { makeSignatures, type SignatureCounts, writeSignatures } from './signatures.ts'
import { table } from './table.ts'

/** The engines that ours is compared with, by name. */
const peers: readonly string[] = ['clamd', 'clamscan']

/** Measures and prints; the exit code. `folder` receives all that is written; `bytes`: how much of each kind of file. */
export async function compare(folder: string, bytes: number, counts: SignatureCounts): Promise<number> {
  const repository = join(import.meta.dirname, '..')
  const set = makeSignatures(join(repository, 'packages/definitions/builtin'), counts)
  const signatures = mkdtempSync(join(folder, 'signatures-'))
  writeSignatures(signatures, set)
  console.log(`signatures  ${set.lines} lines, SHA-256 ${set.sha256}`)
  const compiled = compileDefinitions({
    version: '0',
    createdAt: new Date(0).toISOString(),
    files: [...set.files],
  })
  for (const { file, line, reason } of compiled.summary.refused)
    console.log(`refused     ${file}:${line}: ${reason}`)
  const definitionsFile = join(folder, 'definitions.bin')
  writeFileSync(definitionsFile, compiled.bytes)
  const corpora = gatherCorpora(folder, repository, {
    programBytes: bytes,
    scriptBytes: bytes,
    generatedBytes: bytes,
  })
  const planted = join(folder, 'planted.tar.gz')
  writeFileSync(planted, await tarGzOf('inner.zip', zipOf('eicar.com', eicar())))
  console.log(
    `machine     ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}\n`,
  )

  const costs: EngineCosts[] = []
  for (const start of [
    () => startCoreward(definitionsFile),
    () => startAgent({ file: definitionsFile, summary: compiled.summary }, folder),
    () => startClamd(signatures, folder),
    () => prepareClamscan(signatures, folder),
  ]) {
    await using engine = await start()
    costs.push(await scanAll(engine, planted, corpora))
  }
  print(corpora, costs)
  const complaints = disagreements(planted, corpora, costs)
  for (const complaint of complaints) console.error(`✖ ${complaint}`)
  if (complaints.length === 0) console.log('✔ all found the planted EICAR and the same signatures elsewhere')
  return complaints.length > 0 || compiled.summary.refused.length > 0 ? 1 : 0
}

interface EngineCosts {
  readonly engine: EngineUnderTest
  readonly planted: ScanCost
  /** In the order of the corpora. */
  readonly corpora: readonly ScanCost[]
}

async function scanAll(
  engine: EngineUnderTest,
  planted: string,
  corpora: readonly Corpus[],
): Promise<EngineCosts> {
  console.log(`measuring   ${engine.name}`)
  const found = await engine.scan([planted])
  const costs: ScanCost[] = []
  for (const corpus of corpora) {
    costs.push(await engine.scan(corpus.paths))
  }
  return { engine, planted: found, corpora: costs }
}

function print(corpora: readonly Corpus[], costs: readonly EngineCosts[]): void {
  const ofPeer = ({ engine }: EngineCosts) => peers.includes(engine.name)
  const speed = (cost: ScanCost | undefined, corpus: Corpus) =>
    corpus.bytes / 1e6 / Math.max(cost?.cpuSeconds ?? 0, 0.01)
  const rows = corpora.map((corpus, index) => {
    const speeds = costs.map((cost) => speed(cost.corpora[index], corpus))
    const ratios = costs.flatMap((own, at) =>
      ofPeer(own)
        ? []
        : costs.flatMap((peer, of) => (ofPeer(peer) ? [(speeds[at] ?? 0) / (speeds[of] ?? 1)] : [])),
    )
    return [
      corpus.name,
      String(corpus.paths.length),
      (corpus.bytes / 1e6).toFixed(0),
      ...speeds.map((value) => value.toFixed(1)),
      ...ratios.map((ratio) => `${ratio.toFixed(2)}×`),
    ]
  })
  const names = costs.map(({ engine }) => engine.name)
  const ratioNames = costs.flatMap((own) =>
    ofPeer(own) ? [] : peers.map((peer) => `${own.engine.name}/${peer}`),
  )
  console.log(`\nMB per CPU-second (MB = 10^6 bytes on disk; user and system time of all processes of each)`)
  console.log(table(['corpus', 'files', 'MB', ...names, ...ratioNames], rows))
  const memory = costs.map(({ engine, corpora: scans }) => [
    engine.name,
    engine.loadSeconds.toFixed(2),
    engine.idlePss === 0 ? '–' : (engine.idlePss / 1e6).toFixed(1),
    (Math.max(...scans.map((scan) => scan.peakPss)) / 1e6).toFixed(1),
    String(scans.reduce((sum, scan) => sum + scan.unscanned.length, 0)),
  ])
  console.log(`\nload in seconds from start of the process; memory is PSS of all processes of each in MB`)
  console.log(
    'engine: one process with our engine alone; agent: launcher, guard (as root), scanner and daemon',
  )
  console.log(table(['', 'load', 'loaded', 'peak', 'unscanned files'], memory))
  console.log('')
}

/** Where the engines do not find the same; signature names are compared without ClamAV's `.UNOFFICIAL`. */
function disagreements(planted: string, corpora: readonly Corpus[], costs: readonly EngineCosts[]): string[] {
  const nameOf = (found: ReadonlyMap<string, string>, path: string) =>
    found.get(path)?.replace(/\.UNOFFICIAL$/, '') ?? 'nothing'
  const judge = (path: string, scans: readonly ScanCost[]) => {
    const names = scans.map((scan) => nameOf(scan.found, path))
    if (new Set(names).size === 1) return []
    return [`${path}: ${names.map((name, index) => `${costs[index]?.engine.name} found ${name}`).join(', ')}`]
  }
  const missed = costs.filter(({ planted: scan }) => !scan.found.has(planted))
  return [
    ...missed.map(({ engine }) => `${engine.name} did not find the EICAR file in the zip in the tar.gz`),
    ...judge(
      planted,
      costs.map((cost) => cost.planted),
    ),
    ...corpora.flatMap((corpus, index) => {
      const scans = costs.flatMap((cost) => cost.corpora[index] ?? [])
      return corpus.paths.flatMap((path) => judge(path, scans))
    }),
  ]
}
