/**
 * Runs the tests: `node tools/test.ts [all|check|unit|interop|e2e]`. The last line it prints is the sum over
 * everything that ran, `N passed, N failed, N skipped`, and nothing else stands on that line. It exits with 1 when
 * anything failed or no test ran. It judges nothing by itself: node:test, tsc, Biome and knip do.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { buildKernelIfOld } from './build-kernel.ts'
import { addCounts, type Counts, countsIn, noCounts, summaryOf } from './test-counts.ts'
import { installTestTools, missingTestTools } from './test-tools.ts'

interface Suite {
  readonly files: readonly string[]
  /** Files run at once. Suites that start whole servers and agents run one at a time, to keep two cores free for them. */
  readonly concurrency: number
  /** Milliseconds one test file may take before it counts as hung. */
  readonly timeout: number
}

const root = join(import.meta.dirname, '..')
const suites: Readonly<Record<string, Suite>> = {
  unit: {
    files: [
      'packages/**/*.test.{ts,tsx}',
      'apps/**/*.test.{ts,tsx}',
      'tools/**/*.test.ts',
      'tests/architecture{.test.ts,/**/*.test.ts}',
      'tests/fuzz/**/*.test.ts',
    ],
    concurrency: Math.max(2, availableParallelism()),
    timeout: 300_000,
  },
  interop: { files: ['tests/interop/**/*.test.ts'], concurrency: 1, timeout: 600_000 },
  e2e: { files: ['tests/e2e/**/*.test.ts'], concurrency: 1, timeout: 900_000 },
}
const checkCommands = [
  ['tsc'],
  // What is published runs on older Nodes, whose library is smaller.
  ['tsc', '-p', 'packages/engine/tsconfig.build.json', '--noEmit'],
  ['biome', 'check', '--error-on-warnings', '.'],
  ['knip'],
] as const
const plans: Readonly<Record<string, readonly string[]>> = {
  all: ['check', 'unit', 'interop', 'e2e'],
  check: ['check'],
  unit: ['unit'],
  interop: ['interop'],
  e2e: ['e2e'],
}

let interrupted = false

process.exitCode = await main(process.argv.slice(2))

async function main(names: readonly string[]): Promise<number> {
  const plan = plans[names[0] ?? 'all']
  if (!plan || names.length > 1) {
    console.error(`usage: node tools/test.ts [${Object.keys(plans).join('|')}]`)
    return 2
  }
  await buildKernelIfOld()
  let total = noCounts
  const needsTools = plan.some((step) => step === 'interop' || step === 'e2e')
  if (needsTools && !prepareTools()) total = addCounts(total, { ...noCounts, failed: 1 })
  for (const step of plan) {
    total = addCounts(total, step === 'check' ? await runChecks() : await runSuite(step))
    if (interrupted) break
  }
  const nothingRan = total.passed + total.failed === 0
  if (nothingRan) console.error('no test ran')
  if (interrupted) console.error('interrupted: not everything ran')
  console.log(summaryOf(total))
  return total.failed > 0 || nothingRan || interrupted ? 1 : 0
}

/** Installs what is missing where that was asked for; elsewhere says what will be skipped. False when it failed. */
function prepareTools(): boolean {
  let missing = missingTestTools()
  if (missing.length === 0) return true
  const asked = process.env.CI === 'true' || process.env.COREWARD_TEST_INSTALL === '1'
  const installed = asked && process.getuid?.() === 0 ? installTestTools(missing) : !asked
  missing = missingTestTools()
  for (const tool of missing)
    console.log(`without ${tool.packages.join(', ')}: ${tool.skipped} will be skipped`)
  if (missing.length > 0 && !asked) {
    console.log('set COREWARD_TEST_INSTALL=1 and run as root to have them installed with apt')
  }
  if (asked && missing.length > 0)
    console.error('the tools the tests need were to be installed, and are not all there')
  return installed && (!asked || missing.length === 0)
}

async function runChecks(): Promise<Counts> {
  let counts = noCounts
  for (const [command, ...parameters] of checkCommands) {
    const status = await run(command, parameters)
    console.log(`${status === 0 ? '✔' : '✖'} ${[command, ...parameters].join(' ')}`)
    counts = addCounts(counts, { ...noCounts, [status === 0 ? 'passed' : 'failed']: 1 })
    if (interrupted) break
  }
  return counts
}

async function runSuite(name: string): Promise<Counts> {
  const suite = suites[name]
  if (!suite) throw new Error(`there is no suite ${name}`)
  const files = globSync([...suite.files], {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  }).sort()
  console.log(`\n${name}: ${files.length} test files`)
  if (files.length === 0) return noCounts
  const folder = mkdtempSync(join(tmpdir(), 'coreward-test-'))
  const summary = join(folder, 'summary.tap')
  try {
    const status = await run(process.execPath, [
      '--test',
      `--test-concurrency=${suite.concurrency}`,
      `--test-timeout=${suite.timeout}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${summary}`,
      ...files,
    ])
    const counts = countsIn(readFileSync(summary, 'utf8'))
    // A runner that failed without a failed test (killed, or a file that could not start) is a failure all the same.
    return status !== 0 && counts.failed === 0 ? addCounts(counts, { ...noCounts, failed: 1 }) : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a command in the root with the repository's own tools first on PATH; resolves to its exit status. */
function run(command: string, parameters: readonly string[]): Promise<number> {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  // Hundreds of processes load the same modules; what Node made of them once takes a third of the time off.
  const cache = join(root, 'node_modules', '.cache', 'node-compile-cache')
  const child = spawn(command, parameters, {
    cwd: root,
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env, PATH: path },
  })
  const forward = (signal: NodeJS.Signals) => {
    interrupted = true
    child.kill(signal)
  }
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve(code ?? 1)
    })
  })
}
