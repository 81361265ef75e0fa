/**
 * The command line `coreward-clamscan`: arguments → what to do, in one frozen value. Names and meanings are those of stock
 * clamscan (docs/guide/clamscan.md says where not). It reads no file and prints nothing but help, version and complaints.
 */

import { tmpdir } from 'node:os'
import { fromExtendedRegex, type UnwantedCategories } from '@coreward/definitions'
import { type AlertName, type Limits, limitBounds } from '@coreward/engine'
import { pathToBytes } from '@coreward/host'
import { Command, InvalidArgumentError, Option } from 'commander'
import { productVersion } from '../version.ts'
import { ArgumentError, readStockArguments } from './stock-arguments.ts'

/** How far links are followed: never, when named on the command line, or always. */
export type FollowLinks = 0 | 1 | 2

/** Whether a path matches. */
export type PathTest = (path: string) => boolean

export interface Orders {
  readonly paths: readonly string[]
  readonly fileList: string | undefined
  readonly databases: readonly string[]
  readonly recursive: boolean
  readonly onlyInfected: boolean
  readonly withoutOk: boolean
  readonly allMatches: boolean
  readonly innerNames: boolean
  readonly summary: boolean
  readonly allToStdout: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly bell: boolean
  readonly asStock: boolean
  /** Whether texts, pages and scripts are matched in their normalised forms. */
  readonly normalise: boolean
  /** Whether certificates of programs' signers are heeded. */
  readonly certificates: boolean
  /** Which signatures of programs that may be unwanted are asked for; none when undefined. */
  readonly unwanted: UnwantedCategories | undefined
  readonly log: string | undefined
  readonly move: string | undefined
  readonly copy: string | undefined
  readonly remove: boolean
  readonly exclude: readonly PathTest[]
  readonly include: readonly PathTest[]
  readonly excludeFolder: readonly PathTest[]
  readonly includeFolder: readonly PathTest[]
  readonly limits: Partial<Limits>
  readonly mostFolders: number
  readonly followFolders: FollowLinks
  readonly followFiles: FollowLinks
  readonly crossFileSystems: boolean
  /** Whether links in mails are judged. */
  readonly judgesLinks: boolean
  /** Whether signatures for mails by their text are used, which have names of their own. */
  readonly usesPhishingNames: boolean
  /** What is told as found though no signature finds it. */
  readonly alerts: readonly AlertName[]
  /** Whether such a finding goes before those of signatures. */
  readonly alertsFirst: boolean
  /** Where descriptions of the files go, if they are wanted. */
  readonly descriptions: Descriptions | undefined
}

/** Descriptions of files in JSON: printed on standard error, kept in a folder, or both. */
export interface Descriptions {
  readonly print: boolean
  readonly folder: string | undefined
}

/** Reads the arguments. Ends the process after help (0), version (0) and arguments that cannot be used (2). */
export function readCommandLine(args: readonly string[]): Orders {
  const program = describeCommand()
  try {
    program.parse(readStockArguments(args), { from: 'user' })
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    program.error(`error: ${error.message}`)
  }
  const given = program.opts()
  if (given.includePua !== undefined && given.excludePua !== undefined)
    program.error('error: the options --exclude-pua and --include-pua exclude each other')
  if (given.genJson !== true && (given.debug === true || given.leaveTemps === true))
    program.error('error: the options --debug and --leave-temps are supported with --gen-json only')
  return Object.freeze({
    paths: program.args,
    fileList: given.fileList,
    databases: given.database ?? [],
    recursive: given.recursive === true,
    onlyInfected: given.infected === true,
    withoutOk: given.suppressOkResults === true,
    allMatches: given.allmatch === true,
    innerNames: given.archiveVerbose === true,
    summary: given.summary !== false,
    allToStdout: given.stdout === true,
    quiet: given.quiet === true,
    verbose: given.verbose === true,
    bell: given.bell === true,
    asStock: given.asStock === true,
    normalise: given.normalize !== false,
    certificates: given.nocerts !== true,
    unwanted: given.detectPua === true ? { only: given.includePua, without: given.excludePua } : undefined,
    log: given.log,
    move: given.move,
    copy: given.copy,
    remove: given.remove === true,
    exclude: given.exclude ?? [],
    include: given.include ?? [],
    excludeFolder: given.excludeDir ?? [],
    includeFolder: given.includeDir ?? [],
    limits: limitsOf(given),
    mostFolders: given.maxDirRecursion,
    followFolders: given.followDirSymlinks,
    followFiles: given.followFileSymlinks,
    crossFileSystems: given.crossFs !== false,
    judgesLinks: given.phishingScanUrls !== false,
    usesPhishingNames: given.phishingSigs !== false,
    alerts: alertsOf(given),
    alertsFirst: given.heuristicScanPrecedence === true,
    descriptions: given.genJson === true ? descriptionsOf(given) : undefined,
  })
}

function describeCommand(): Command {
  const command = new Command('coreward-clamscan')
    .description('Scans files and folders as clamscan does, with the engine of Coreward.')
    .usage('[options] [FILE|FOLDER|-]...')
    .argument('[paths...]', 'what to scan; the current folder when absent, - for standard input')
    .version(`Coreward ${productVersion}`, '-V, --version')
    .helpOption('-h, --help')
    .showHelpAfterError('Try coreward-clamscan --help')
    .configureOutput({ outputError: (text, write) => write(`ERROR: ${text.replace(/^error: /, '')}`) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing found, 1 something found, 2 an error, or not all was scanned.',
    )
  const toggle = (flags: string, description: string, on = false) => {
    const long = /--([a-z-]+)/.exec(flags)?.[1] as string
    command.addOption(new Option(flags, description).default(on || undefined))
    command.addOption(new Option(`--no-${long}`).hideHelp())
  }
  command.option(
    '-d, --database <path>',
    'take signatures from a file, or from all in a folder',
    gather,
    undefined,
  )
  toggle('-r, --recursive', 'scan folders within folders')
  toggle('-i, --infected', 'print only what is found')
  toggle('-o, --suppress-ok-results', 'do not print files that are OK')
  toggle('-z, --allmatch', 'print every signature that is found in a file')
  toggle('-a, --archive-verbose', 'print also where in a container something is found')
  command.option('--no-summary', 'print no summary').addOption(new Option('--summary').hideHelp())
  toggle('--stdout', 'print warnings and errors on standard output')
  toggle('--quiet', 'print errors only')
  toggle('-v, --verbose', 'print each file before it is scanned')
  toggle('--bell', 'ring the bell when something is found')
  toggle(
    '--as-stock',
    'call OK what stock clamscan calls OK though limits or damage left a part of it unscanned',
  )
  command
    .option('-l, --log <file>', 'add the report to a file')
    .option('-f, --file-list <file>', 'scan the paths in a file, one a line')
    .option('--move <folder>', 'move infected files into a folder')
    .option('--copy <folder>', 'copy infected files into a folder')
  toggle('--remove', 'delete infected files')
  command
    .option('--exclude <regex>', 'leave out files whose path matches', gatherTest, undefined)
    .option('--include <regex>', 'scan only files whose path matches', gatherTest, undefined)
    .option('--exclude-dir <regex>', 'leave out folders whose path matches', gatherTest, undefined)
    .option('--include-dir <regex>', 'scan only folders whose path matches', gatherTest, undefined)
    .option('--max-filesize <size>', 'bytes of one file (K, M, G)', size)
    .option('--max-scansize <size>', 'bytes unpacked from one file (K, M, G)', size)
    .option('--max-files <count>', 'entries of the containers in one file', count)
    .option('--max-recursion <count>', 'containers within containers', count)
    .option('--max-dir-recursion <count>', 'folders within folders', count, 15)
    .option('--max-scantime <milliseconds>', 'time for one file', count)
    .option(
      '--follow-dir-symlinks <when>',
      'links to folders: 0 never, 1 when named here, 2 always',
      follow,
      1,
    )
    .option(
      '--follow-file-symlinks <when>',
      'links to files: 0 never, 1 when named here, 2 always',
      follow,
      1,
    )
  toggle('--cross-fs', 'enter folders on other file systems', true)
  toggle('--alert-encrypted', 'find archives and documents that need a password')
  toggle('--alert-encrypted-archive', 'find archives that need a password')
  toggle('--alert-encrypted-doc', 'find documents that need a password')
  toggle('--alert-broken', 'find programs whose headers are broken')
  toggle('--alert-macros', 'find documents with macros')
  toggle('--alert-exceeds-max', 'find files of which a limit left something unscanned')
  toggle('--alert-phishing-ssl', 'find links in mails that show a secure address and lead to another')
  toggle('--alert-phishing-cloak', 'find links in mails whose address hides its host')
  toggle('--phishing-sigs', 'use signatures named HTML.Phishing and Email.Phishing', true)
  toggle('--phishing-scan-urls', 'judge links in mails by .pdb, .wdb and .gdb', true)
  toggle('--heuristic-scan-precedence', 'name these findings before those of signatures')
  toggle('--gen-json', 'describe each file in JSON, with --debug or --leave-temps')
  toggle('--debug', 'print the descriptions on standard error')
  toggle('--leave-temps', 'keep the descriptions in the folder for temporary files')
  command.option('--tempdir <folder>', 'the folder for temporary files', tmpdir())
  toggle('--nocerts', 'leave out certificates of those who sign programs (.crb)')
  toggle('--normalize', 'match texts, pages and scripts in their normalised forms', true)
  toggle('--detect-pua', 'take signatures of programs that may be unwanted (.ndu and the like)')
  command.option(
    '--exclude-pua <category>',
    'with --detect-pua: but not those of a category',
    gather,
    undefined,
  )
  command.option('--include-pua <category>', 'with --detect-pua: only those of a category', gather, undefined)
  toggle('--disable-cache', 'without effect: nothing is remembered between files')
  return command
}

function alertsOf(given: Record<string, unknown>): AlertName[] {
  const every = given.alertEncrypted === true
  const wanted: readonly (readonly [AlertName, boolean])[] = [
    ['encrypted-archives', every || given.alertEncryptedArchive === true],
    ['encrypted-documents', every || given.alertEncryptedDoc === true],
    ['broken-executables', given.alertBroken === true],
    ['macros', given.alertMacros === true],
    ['exceeded-limits', given.alertExceedsMax === true],
    ['spoofed-ssl', given.alertPhishingSsl === true],
    ['cloaked-links', given.alertPhishingCloak === true],
  ]
  return wanted.flatMap(([name, isWanted]) => (isWanted ? [name] : []))
}

function descriptionsOf(given: Record<string, unknown>): Descriptions {
  return {
    print: given.debug === true,
    folder: given.leaveTemps === true ? String(given.tempdir) : undefined,
  }
}

/** Stock counts the file itself as the first container, and takes 0 for no limit (for its default in the depth). */
function limitsOf(given: Record<string, number | undefined>): Partial<Limits> {
  const limits: { -readonly [Name in keyof Limits]?: number } = {}
  const set = (name: keyof Limits, value: number | undefined) => {
    const [lowest, , highest] = limitBounds[name]
    if (value !== undefined) limits[name] = value === 0 ? highest : Math.min(highest, Math.max(lowest, value))
  }
  set('maxFileBytes', given.maxFilesize)
  set('maxContentBytes', given.maxFilesize)
  set('maxTotalContentBytes', given.maxScansize)
  set('maxEntries', given.maxFiles)
  set('timeLimitMilliseconds', given.maxScantime)
  if (given.maxRecursion) limits.maxDepth = Math.min(limitBounds.maxDepth[2], given.maxRecursion - 1)
  return limits
}

function gather(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}

function gatherTest(value: string, before: PathTest[] | undefined): PathTest[] {
  try {
    const regex = fromExtendedRegex(pathToBytes(value).toString('latin1'))
    return [...(before ?? []), (path) => regex.test(pathToBytes(path).toString('latin1'))]
  } catch (error) {
    throw new InvalidArgumentError(`It is no regular expression: ${(error as Error).message}.`)
  }
}

function size(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text) ?? []
  if (digits === undefined)
    throw new InvalidArgumentError('Give a number of bytes, such as 4096, 512K, 100M or 2G.')
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ')
}

function count(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

function follow(text: string): FollowLinks {
  if (text !== '0' && text !== '1' && text !== '2') throw new InvalidArgumentError('Give 0, 1 or 2.')
  return Number(text) as FollowLinks
}
