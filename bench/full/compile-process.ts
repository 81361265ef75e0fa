/**
 * The process in which a set is compiled, as on a server: reads signature files piece by piece, writes the definitions and, beside them, what is new
 * since the set before; and tells its parent what came of it and what it cost. It is ended by being done.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import {
  type CompileSummary,
  compileWithAdditions,
  decodeFormerSets,
  encodeFormerSets,
  fileText,
} from '@coreward/definitions'

/** What the parent is told. Refused lines are told by number and reason only. */
export interface Compiled {
  readonly summary: Omit<CompileSummary, 'refused'>
  /** Signatures that are new since the set before; undefined without one. */
  readonly added: number | undefined
  readonly seconds: number
  /** Of all threads of the process. */
  readonly cpuSeconds: number
  /** The most memory that was resident at once, in bytes. */
  readonly peakBytes: number
}

const [output, version, before, ...paths] = process.argv.slice(2)
if (output === undefined || version === undefined || before === undefined || process.send === undefined)
  throw new Error('this process is started by bench/full/compiled-set.ts')

const started = performance.now()
const { bytes, summary, additions, former } = compileWithAdditions(
  {
    version,
    createdAt: new Date(0).toISOString(),
    files: paths.map((path) => ({ name: basename(path), text: fileText(path) })),
  },
  { former: existsSync(before) ? decodeFormerSets(readFileSync(before)) : undefined, program: 'bench' },
)
writeFileSync(output, bytes)
writeFileSync(`${output}.former`, encodeFormerSets(former))
const { refused: _, ...told } = summary
const compiled: Compiled = {
  summary: told,
  added: additions[0]?.signatures,
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
process.send(compiled, () => process.disconnect())
