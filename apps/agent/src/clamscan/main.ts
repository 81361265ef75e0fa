/**
 * `coreward-clamscan`: a stand-in for stock clamscan, for the scripts that call it. It scans in its own process as the user who
 * calls it, without an agent or a server, and joins its parts here:
 * arguments → databases → scanner → walk → scans → lines → what is done about a detection → summary → exit code.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Scanner } from '@coreward/engine'
import { pathFromBytes, pathToBytes } from '@coreward/host'
import { openFolderWithoutLinks } from '../guard/open-folder.ts'
import { productVersion } from '../version.ts'
import { type Orders, readCommandLine } from './command-line.ts'
import { DatabaseError, loadDatabases } from './databases.ts'
import { openDescriptions } from './file-description.ts'
import { countFirstFiles } from './first-files.ts'
import { preparePutAway } from './put-away.ts'
import { openReport, type Report } from './report.ts'
import { scanAll } from './scan-run.ts'
import { emptyTally, exitCodeOf, formatSummary } from './summary.ts'
import { walkTargets } from './target-walk.ts'

/** More threads than this rarely help: a folder's files are read from one disk. */
const MOST_WORKERS = 8

const failure = 2

// Whoever reads the answer may have had enough of it (coreward-clamscan … | head).
process.stdout.on('error', () => process.exit(failure))
process.exitCode = await main(readCommandLine(process.argv.slice(2)))

async function main(orders: Orders): Promise<number> {
  try {
    using report = openReport(orders)
    return await scan(orders, report)
  } catch (error) {
    process.stderr.write(`ERROR: ${(error as Error).message}\n`)
    return failure
  }
}

async function scan(orders: Orders, report: Report): Promise<number> {
  const putAway = preparePutAway(orders, openFolderWithoutLinks)
  const describe = openDescriptions(orders.descriptions, report)
  const targets = targetsOf(orders, report)
  const started = new Date()
  const tally = emptyTally()
  let signatures = 0
  const end = (code: number) => {
    const summary = () => formatSummary(tally, signatures, productVersion, started, new Date())
    if (orders.summary) report.block(summary())
    return code
  }
  try {
    const leftOut = {
      certificates: !orders.certificates,
      links: !orders.judgesLinks,
      phishingNames: !orders.usesPhishingNames,
    }
    const { definitions, signatureCount, complaints } = await loadDatabases(
      orders.databases,
      leftOut,
      orders.unwanted,
    )
    signatures = signatureCount
    for (const complaint of complaints) report.warning(complaint)
    // A file that is moved away must be gone before the next path is looked at.
    const oneByOne = putAway !== undefined
    const most = Math.min(availableParallelism(), MOST_WORKERS)
    const walk = walkTargets(targets, orders)
    const { files, all } = oneByOne ? { files: 1, all: walk } : countFirstFiles(walk, most)
    const workers = Math.max(1, files)
    await using scanner = await Scanner.start({
      definitions,
      // As in stock: what somebody names with -d may match whatever it is written for.
      refuseHarmful: false,
      limits: orders.limits,
      workers,
    })
    const ahead = oneByOne ? 0 : 2 * workers
    await scanAll(all, { orders, scanner, ahead, report, tally, putAway, describe })
    return end(exitCodeOf(tally))
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    for (const line of error.message.split('\n')) report.error(line)
    return end(failure)
  }
}

/** What to scan: the lines of the list, the paths, or the current folder. */
function targetsOf(orders: Orders, report: Report): readonly string[] {
  if (orders.fileList !== undefined) {
    if (orders.paths.length > 0)
      report.warning('Only scanning files from --file-list (files passed at cmdline are ignored)')
    return listedIn(orders.fileList)
  }
  return orders.paths.length > 0 ? orders.paths : [process.cwd()]
}

/** One path a line; empty lines say nothing. */
function listedIn(path: string): string[] {
  try {
    const text = readFileSync(pathToBytes(path)).toString('latin1')
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.map((line) => pathFromBytes(Buffer.from(line.replace(/\r$/, ''), 'latin1')))
  } catch (error) {
    throw new Error(`--file-list: Can't open file ${path}: ${(error as Error).message}`)
  }
}
