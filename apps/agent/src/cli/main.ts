/**
 * The command line `coreward`: parses arguments and joins each command to its room. It does nothing itself: every act goes
 * through the agent's control socket, so that what is allowed is decided there.
 */
import { Id } from '@coreward/contracts'
import { defaultDataFolder, pathsBelow } from '@coreward/host'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { realDataFolder } from '../data-folder.ts'
import { productVersion } from '../version.ts'
import { completionScript, type Shell, shells } from './completion.ts'
import { showDefinitions, updateDefinitions } from './definitions.ts'
import { enroll } from './enroll.ts'
import { listEvents } from './events.ts'
import { inColumns, manualPage, manualTexts } from './manual-page.ts'
import { type CommandContext, runCommand } from './output.ts'
import { deleteQuarantined, listQuarantine, restoreQuarantined } from './quarantine.ts'
import { runAgent } from './run.ts'
import { runScan, type ScanWords } from './scan.ts'
import { showStatus } from './status.ts'

const program = new Command('coreward')
  .description('The Coreward agent on this host: what it does, finds and keeps in quarantine.')
  .version(productVersion)
  .option(
    '--data-folder <folder>',
    'where the agent keeps its data',
    process.env.COREWARD_DATA_FOLDER ?? defaultDataFolder(),
  )
  .addOption(new Option('--output <form>', 'what to print').choices(['text', 'json']).default('text'))
  .addHelpText(
    'after',
    `\nExit codes:\n${inColumns(manualTexts.exitCodes)}\n\nEnvironment:\n${inColumns(manualTexts.environment)}`,
  )
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('Try coreward --help')
  .configureOutput({ outputError: (text, write) => write(`coreward: ${text.replace(/^error: /, '')}`) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

/** Runs a command with what the options before it say. */
function run(command: (context: CommandContext) => Promise<number>): Promise<void> {
  const options = program.opts<{ dataFolder: string; output: 'text' | 'json' }>()
  const dataFolder = realDataFolder(options.dataFolder)
  return runCommand(
    { ...options, dataFolder, socketPath: pathsBelow(dataFolder).agent.controlSocket },
    command,
  )
}

program
  .command('status')
  .description('health, versions, last scan and settings')
  .action(() => run(showStatus))

program
  .command('scan')
  .description('scan quickly, fully, or the paths given')
  .addArgument(
    new Argument(
      '<quick|full|path...>',
      'quick, full, or files and folders (./quick for a file of that name)',
    ),
  )
  .option('--quarantine', 'move what is found to quarantine, whatever the policy says')
  .option('--fresh', 'read every file, also those that were clean before and have not changed')
  .option('--quiet', 'show no progress')
  .action((target: string[], options: ScanWords) => run((context) => runScan(context, target, options)))

const quarantine = program.command('quarantine').description('files in quarantine')
quarantine
  .command('list')
  .description('list them')
  .action(() => run(listQuarantine))
quarantine
  .command('restore')
  .description('put a file back with its owner, mode, times and attributes; it is scanned again first')
  .argument('<id>', 'from quarantine list', parseId)
  .option('--to <path>', 'put it there instead of where it was')
  .option('--overwrite', 'replace a file that is there')
  .option('--even-if-infected', 'also when something is still found in it')
  .action((id: string, options: object) => run((context) => restoreQuarantined(context, id, options)))
quarantine
  .command('delete')
  .description('delete a file for good')
  .argument('<id>', 'from quarantine list', parseId)
  .action((id: string) => run((context) => deleteQuarantined(context, id)))

const definitions = program.command('definitions').description('what is looked for')
definitions
  .command('show')
  .description(
    'the sets on this host: how many signatures of each format, where they are from and whether that is verified, and what was refused or is not supported, and why',
  )
  .action(() => run(showDefinitions))
definitions
  .command('update')
  .description('ask the server for the assigned set now')
  .action(() => run(updateDefinitions))

program
  .command('events')
  .description('what this host has reported, newest first')
  .option('--limit <count>', 'how many at the most', parseCount, 50)
  .action((options: { limit: number }) => run((context) => listEvents(context, options.limit)))

program
  .command('enroll')
  .description(
    'put this host under a server; the one-time token is read from standard input or COREWARD_ENROLLMENT_TOKEN',
  )
  .requiredOption('--server <url>', 'the server as agents reach it, such as https://server.example:8443')
  .action((options: { server: string }) => run((context) => enroll(context, options.server)))

program
  .command('run')
  .description('run the agent in the foreground, until Ctrl-C')
  .option('--server <url>', 'the new address of the server that this host is enrolled with, if it has moved')
  .action((options: { server?: string }) => run((context) => runAgent(context, options)))

program
  .command('completion')
  .description('a script that completes these commands in a shell: source <(coreward completion bash)')
  .addArgument(new Argument('<shell>', 'for which shell').choices(shells))
  .action((shell: Shell) => {
    process.stdout.write(completionScript(program, shell))
  })

program
  .command('man')
  .description('the manual page: coreward man | man -l -')
  .action(() => {
    process.stdout.write(manualPage(program))
  })

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError('Give a whole number from 1 to 10000.')
  return count
}

function parseId(text: string): string {
  const id = Id.safeParse(text)
  if (!id.success) throw new InvalidArgumentError('coreward quarantine list shows the ids.')
  return id.data
}

// Whoever reads the answer may have had enough of it (coreward events | head).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
await program.parseAsync()
