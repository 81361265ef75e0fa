/**
 * Stock clamscan under test: one process for each corpus, which loads the signatures anew each time. What loading costs
 * is measured once on an empty file and taken off, so that the speed told is that of scanning.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EngineUnderTest, limits, type ScanCost } from './engine-under-test.ts'
import { watchPss } from './process-cost.ts'

/** Runs a command, tells its process id first and the CPU times of the shell's children (POSIX `times`) last. */
const timed = '"$@" & echo "pid $!" >&2; wait $!; status=$?; times >&2; exit $status'

/** Makes clamscan ready on a folder of signatures; `folder` receives its file lists. */
export async function prepareClamscan(signatures: string, folder: string): Promise<EngineUnderTest> {
  const empty = join(folder, 'empty')
  writeFileSync(empty, '')
  const load = await run(signatures, folder, [empty])
  return {
    name: 'clamscan',
    loadSeconds: load.wallSeconds,
    idlePss: 0,
    async scan(paths): Promise<ScanCost> {
      const cost = await run(signatures, folder, paths)
      return {
        ...cost,
        cpuSeconds: Math.max(0, cost.cpuSeconds - load.cpuSeconds),
        wallSeconds: Math.max(0, cost.wallSeconds - load.wallSeconds),
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function run(signatures: string, folder: string, paths: readonly string[]): Promise<ScanCost> {
  const list = join(folder, 'clamscan.list')
  writeFileSync(list, `${paths.join('\n')}\n`)
  const from = performance.now()
  const child = spawn('bash', [
    '-c',
    timed,
    'bash',
    'clamscan',
    `--database=${signatures}`,
    `--file-list=${list}`,
    `--tempdir=${folder}`,
    `--max-filesize=${limits.fileBytes}`,
    `--max-scansize=${limits.contentBytes}`,
    `--max-scantime=${limits.seconds * 1000}`,
    '--alert-exceeds-max=yes',
    '--disable-cache',
    '--no-summary',
    '--suppress-ok-results',
  ])
  let pss: ReturnType<typeof watchPss> | undefined
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => {
    errors += chunk
    const pid = /^pid (\d+)$/m.exec(errors)?.[1]
    if (pss === undefined && pid !== undefined) pss = watchPss(Number(pid))
  })
  const [status] = (await once(child, 'close')) as [number]
  const peakPss = pss?.stop() ?? 0
  const wallSeconds = (performance.now() - from) / 1000
  const times = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s\n*$/m.exec(errors.trimEnd().split('\n').at(-1) ?? '')
  if (status > 1 || !times) throw new Error(`clamscan ended with ${status}: ${errors}`)
  const found = new Map<string, string>()
  const unscanned: string[] = []
  for (const line of output.split('\n')) {
    const [, path, signature] = /^(.*): (\S+) FOUND$/.exec(line) ?? []
    if (path === undefined || signature === undefined) {
      const failed = /^(.*): .*ERROR$/.exec(line)?.[1]
      if (failed !== undefined) unscanned.push(failed)
    } else if (signature.startsWith('Heuristics.Limits.Exceeded')) unscanned.push(path)
    else found.set(path, signature)
  }
  const [userMinutes, user, systemMinutes, system] = times.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  return {
    cpuSeconds: userMinutes * 60 + user + systemMinutes * 60 + system,
    wallSeconds,
    peakPss,
    found,
    unscanned,
  }
}
