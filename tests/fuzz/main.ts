/**
 * The fuzzer's command: `npm run fuzz -- --help`. Sessions are resumed: what was kept and counted stands in .fuzz/, and `--report`
 * adds the counts to docs/fuzzing.md.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { reportCounts } from './report.ts'
import { shrink } from './shrink.ts'
import { openStore } from './store.ts'
import { superviseTarget } from './supervise.ts'
import { findTarget, targetNames } from './target-list.ts'
import { tryInput } from './trial.ts'

const usage = `npm run fuzz -- --target T [--runs N] [--total N] [--seconds N] [--seed N]
npm run fuzz -- --all ...         each target after the other
npm run fuzz -- --list            the targets, with what each has run here
npm run fuzz -- --target T --input FILE     runs one input and tells what comes of it
npm run fuzz -- --target T --shrink FILE    makes an input smaller that shows a fault; writes FILE.small
npm run fuzz -- --report          adds what was counted to docs/fuzzing.md
--runs are executions more; --total those over all sessions of this checkout. The same seed and corpus give the same inputs.`

const RUNS = 100_000

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      runs: { type: 'string' },
      total: { type: 'string' },
      seconds: { type: 'string', default: '86400' },
      seed: { type: 'string' },
      input: { type: 'string' },
      shrink: { type: 'string' },
    },
  })
  const [first] = values.target
  if (values.report) {
    console.log(reportCounts())
    return 0
  }
  if (values.list) {
    for (const name of await targetNames())
      console.log(`${name.padEnd(28)} ${openStore(name).counts().total}`)
    return 0
  }
  if (values.help || (first === undefined && !values.all)) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  if (first !== undefined && values.input !== undefined) return await runInput(first, values.input)
  if (first !== undefined && values.shrink !== undefined) return await shrinkInput(first, values.shrink)
  const names = values.all ? await targetNames() : values.target
  let findings = 0
  for (const name of names) findings += await run(name, values)
  return findings === 0 ? 0 : 1
}

interface Wishes {
  readonly runs?: string | undefined
  readonly total?: string | undefined
  readonly seconds: string
  readonly seed?: string | undefined
}

async function run(name: string, { runs, total, seconds, seed }: Wishes): Promise<number> {
  const done = openStore(name).counts().total
  const wanted = total === undefined ? Number(runs ?? RUNS) : Number(total) - done
  if (wanted <= 0) return 0
  const chosen = seed === undefined ? Date.now() & 0x7fffffff : Number(seed)
  const campaign = await superviseTarget(
    name,
    { runs: wanted, seconds: Number(seconds), seed: chosen },
    console.log,
  )
  const { executions, kept, reached, findings, seconds: took } = campaign
  const rate = Math.round(executions / Math.max(took, 0.001))
  console.log(
    `${name}: ${executions} executions in ${took.toFixed(1)} s (${rate}/s), seed ${chosen}, ${kept} kept, ${reached} counters reached, ${findings} new findings`,
  )
  return findings
}

async function runInput(name: string, path: string): Promise<number> {
  const fault = await tryInput(await findTarget(name), readFileSync(path), true)
  console.log(fault === undefined ? 'nothing is wrong' : `${fault.key}\n${fault.detail}`)
  return fault === undefined ? 0 : 1
}

async function shrinkInput(name: string, path: string): Promise<number> {
  const small = await shrink(await findTarget(name), readFileSync(path))
  writeFileSync(`${path}.small`, small)
  console.log(`${small.length} bytes in ${path}.small: ${Buffer.from(small).toString('hex').slice(0, 400)}`)
  return 0
}
