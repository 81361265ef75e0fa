/**
 * The steps of a full run: each starts what it measures, asks it, and ends it. What they find is left in the run; nothing is
 * printed here but what is being done.
 */
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAgent } from '../agent.ts'
import { startClamd } from '../clamd.ts'
import { startCoreward } from '../coreward.ts'
import type { Corpus } from '../corpora.ts'
import type { EngineUnderTest } from '../engine-under-test.ts'
import type { FullSet } from '../set/full-set.ts'
import { type CompiledSet, compiledSet } from './compiled-set.ts'
import { type CorpusFigure, type FigureName, formatValue, type Measured } from './figures.ts'
import { rescan } from './rescan.ts'
import { secondsToReady, swap } from './scanner-process.ts'
import { type Speed, speedOf } from './speed.ts'
import { bestRounds } from './workers.ts'

/** What every step is given, and where it leaves what it found. */
export interface Run {
  /** For whatever is written. */
  readonly folder: string
  readonly only: ReadonlySet<FigureName>
  /** The tree that is scanned again. */
  readonly tree: string
  readonly node: string
  readonly set: FullSet
  readonly definitions: CompiledSet
  /** EICAR in a zip in a tar.gz: whoever does not find it is not measured. */
  readonly planted: string
  readonly corpora: ReadonlyMap<CorpusFigure, Corpus>
  /** The speeds that are wanted. */
  readonly wanted: readonly CorpusFigure[]
  /** By engine. */
  readonly speeds: Map<string, Map<CorpusFigure, Speed>>
  readonly measured: Measured[]
  readonly say: (text: string) => void
}

/** Time for garbage to be collected and buffers to be returned, in milliseconds. */
const REST = 5_000

/** As on a server that has compiled a set before: the next one, with what is new in it. */
export async function judgeCompiling(run: Run): Promise<void> {
  const { measured } = run
  const { seconds, cpuSeconds, peakBytes, added = 0 } = await nextSet(run, true)
  const note = `${cpuSeconds.toFixed(1)} CPU-seconds, ${added} signatures new`
  measured.push({ figure: 'compile', value: seconds, agent: formatValue('compile', seconds), note })
  measured.push({ figure: 'compileMemory', value: peakBytes, agent: formatValue('compileMemory', peakBytes) })
}

/** The whole agent: memory, speeds, an unchanged tree, a change of definitions; then its scanner process alone. */
export async function measureAgent(run: Run): Promise<void> {
  const { folder, only, node, definitions, planted, tree, measured, say } = run
  const names: readonly FigureName[] = ['memory', 'swap', 'pause', 'ready', 'rescan']
  if (run.wanted.length === 0 && !names.some((name) => only.has(name))) return
  say('agent')
  const next = only.has('swap') || only.has('pause') ? await nextSet(run) : undefined
  let dataFolder: string
  {
    await using agent = await startAgent(
      { file: definitions.path, summary: definitions.summary },
      folder,
      node,
    )
    dataFolder = agent.dataFolder
    await assertFinds(agent, planted)
    await sleep(REST)
    const idle = agent.pss()
    await measureSpeeds(run, agent)
    await sleep(REST)
    const later = `${formatValue('memory', agent.pss())} after all scans`
    const note = `${later}; ready ${agent.loadSeconds.toFixed(1)} s after the launcher's start`
    measured.push({ figure: 'memory', value: idle, agent: formatValue('memory', idle), note })
    if (only.has('rescan')) {
      say('agent: unchanged tree')
      const { agentSeconds, findSeconds, files, readAgain } = await rescan(agent, tree)
      measured.push({
        figure: 'rescan',
        value: agentSeconds / findSeconds,
        agent: `${agentSeconds.toFixed(2)} s`,
        peer: `find ${findSeconds.toFixed(2)} s`,
        note: `${files} files of ${tree}, of which ${readAgain} were read again`,
      })
    }
    if (next !== undefined) {
      say('agent: change of definitions')
      const { steadyPss, peakPss, pauseSeconds, seconds } = await swap(agent, next.path, planted)
      const peak = `${formatValue('memory', steadyPss)} → ${formatValue('memory', peakPss)}`
      measured.push({
        figure: 'swap',
        value: peakPss / steadyPss,
        agent: peak,
        note: `took ${seconds.toFixed(1)} s`,
      })
      measured.push({ figure: 'pause', value: pauseSeconds, agent: formatValue('pause', pauseSeconds) })
    }
  }
  if (!only.has('ready')) return
  say('scanner process')
  const seconds = await secondsToReady(dataFolder, definitions.path, planted, node)
  measured.push({ figure: 'ready', value: seconds, agent: formatValue('ready', seconds) })
}

/** A day later: some signatures more. */
function nextSet({ set, definitions }: Run, anew = false): Promise<CompiledSet> {
  const files = [...set.files, ...set.update]
  return compiledSet(dirname(set.folder), 'next', files, { anew, before: definitions })
}

/** The engine without an agent: speeds, and what a second worker brings. */
export async function measureEngine(run: Run): Promise<void> {
  const { only, node, definitions, planted, corpora, measured, say } = run
  if (run.wanted.length > 0) {
    say('engine')
    await using engine = await startCoreward(definitions.path, { node })
    await assertFinds(engine, planted)
    await measureSpeeds(run, engine)
  }
  const programs = corpora.get('elf')
  if (!only.has('workers') || programs === undefined) return
  say('engine: workers')
  const [one, two] = await bestRounds(definitions.path, programs, node)
  const engine = `${one.toFixed(2)} s → ${two.toFixed(2)} s`
  measured.push({ figure: 'workers', value: one / two, engine })
}

/** The peer, with the identical files; what it said of them. */
export async function measureClamd(run: Run): Promise<string | undefined> {
  const { only, set, folder, planted, measured, say } = run
  if (run.wanted.length === 0 && !only.has('memory')) return undefined
  say('clamd')
  await using clamd = await startClamd(set.folder, folder)
  await assertFinds(clamd, planted)
  await measureSpeeds(run, clamd)
  const memory = measured.findIndex(({ figure }) => figure === 'memory')
  if (memory !== -1)
    measured[memory] = { ...(measured[memory] as Measured), peer: formatValue('memory', clamd.idlePss) }
  return `ready after ${clamd.loadSeconds.toFixed(1)} s; ${clamd.log}`
}

/** The speed of the whole agent against clamd's; complaints where they do not find the same. */
export function judgeSpeed({ speeds, measured, corpora }: Run, figure: CorpusFigure): string[] {
  const of = (name: string) => speeds.get(name)?.get(figure)
  const [agent, engine, clamd] = [of('agent'), of('engine'), of('clamd')]
  if (agent === undefined || engine === undefined || clamd === undefined) return []
  const ratio = (speed: Speed) => speed.bytesPerCpuSecond / clamd.bytesPerCpuSecond
  const rate = ({ bytesPerCpuSecond }: Speed) => (bytesPerCpuSecond / 1e6).toPrecision(3)
  const corpus = corpora.get(figure)
  const invalid = [agent, engine, clamd].flatMap((speed) => speed.invalid ?? []).join('; ')
  measured.push({
    figure,
    value: ratio(agent),
    agent: rate(agent),
    engine: `${rate(engine)} (${formatValue(figure, ratio(engine))})`,
    peer: rate(clamd),
    ...(invalid === '' ? {} : { invalid }),
    note: `${corpus?.paths.length} files, ${((corpus?.contentBytes ?? 0) / 1e6).toFixed(1)} MB`,
  })
  return differences(corpus?.paths ?? [], { agent, engine, clamd })
}

async function assertFinds(engine: EngineUnderTest, planted: string): Promise<void> {
  const { found } = await engine.scan([planted])
  if (!found.has(planted))
    throw new Error(`${engine.name} did not find the EICAR file in the zip in the tar.gz`)
}

async function measureSpeeds({ wanted, corpora, speeds, say }: Run, engine: EngineUnderTest): Promise<void> {
  const own = new Map<CorpusFigure, Speed>()
  speeds.set(engine.name, own)
  for (const figure of wanted) {
    const corpus = corpora.get(figure)
    if (corpus === undefined) continue
    say(`${engine.name}: ${corpus.name}, ${corpus.paths.length} files`)
    own.set(figure, await speedOf(engine, corpus))
  }
}

/** Names are compared without ClamAV's `.UNOFFICIAL`. */
function differences(paths: readonly string[], speeds: Readonly<Record<string, Speed>>): string[] {
  return paths.flatMap((path) => {
    const names = Object.values(speeds).map(
      ({ found }) => found.get(path)?.replace(/\.UNOFFICIAL$/, '') ?? 'nothing',
    )
    if (new Set(names).size === 1) return []
    return [
      `${path}: ${Object.keys(speeds)
        .map((engine, index) => `${engine} found ${names[index]}`)
        .join(', ')}`,
    ]
  })
}
