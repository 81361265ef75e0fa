/**
 * The process in which a set is compiled, as on a server: reads signature files piece by piece, writes the definitions, and
 * tells its parent what came of it and what it cost. It is ended by being done.
 */
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type CompileSummary, compileDefinitions, fileText } from '@coreward/definitions'

/** What the parent is told. Refused lines are told by number and reason only. */
export interface Compiled {
  readonly summary: Omit<CompileSummary, 'refused'>
  readonly seconds: number
  /** Of all threads of the process. */
  readonly cpuSeconds: number
  /** The most memory that was resident at once, in bytes. */
  readonly peakBytes: number
}

const [output, version, ...paths] = process.argv.slice(2)
if (output === undefined || version === undefined || process.send === undefined)
  throw new Error('this process is started by bench/full/compiled-set.ts')

const started = performance.now()
const { bytes, summary } = compileDefinitions({
  version,
  createdAt: new Date(0).toISOString(),
  files: paths.map((path) => ({ name: basename(path), text: fileText(path) })),
})
writeFileSync(output, bytes)
const { refused: _, ...told } = summary
const compiled: Compiled = {
  summary: told,
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
process.send(compiled, () => process.disconnect())
