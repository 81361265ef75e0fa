/** The server's command line: what can be said to it, and what a wrong word is answered with. Parsing only. */
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ServerUser } from './privileges.ts'
import { ServerError } from './server-error.ts'

export interface ServeOptions {
  readonly dataFolder: string
  readonly agentHost: string
  readonly agentPort: number
  readonly publicNames: readonly string[]
  readonly consoleHost: string
  readonly consolePort: number
  readonly consoleAssets: string | undefined
  readonly consoleCertificate: string | undefined
  readonly consoleKey: string | undefined
  readonly user: ServerUser | undefined
  readonly logLevel: string
  /** A folder of an administrator's own signatures. */
  readonly signatures: string | undefined
  /** Ends when standard input does: whoever started the server is gone, however it went. */
  readonly endWithInput: boolean
}

export interface InitializeOptions {
  readonly dataFolder: string
  readonly offlineKeysFolder: string
  readonly user: ServerUser | undefined
}

export interface EnrollmentTokenOptions {
  readonly dataFolder: string
  readonly name: string
  readonly minutes: number
  readonly user: ServerUser | undefined
}

/** What the command line asks for. */
export type Order =
  | { readonly kind: 'serve'; readonly options: ServeOptions }
  | { readonly kind: 'initialize'; readonly options: InitializeOptions }
  | { readonly kind: 'enrollment-token'; readonly options: EnrollmentTokenOptions }

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

const readyHelp = `
Options of the server itself: main.ts serve --help

Standard output:
  One line of JSON when everything is up, and nothing else:
    {"ready":true,"version":"0.1.0","consoleUrl":"http://127.0.0.1:8080","agentUrl":"https://127.0.0.1:8443",
     "authoritySha256":"…","definitionsVersion":"2026.11.24.1","setupUrl":"http://127.0.0.1:8080/setup#token=…"}
  setupUrl is there only until the first administrator is made; its token is good for 24 hours.
  The log goes to standard error, one JSON object a line.

First start, in this order:
  main.ts initialize --data-folder D --offline-keys-folder K     once; K may be taken away afterwards
  main.ts --data-folder D --console-assets FOLDER                the server itself; it never opens K
  main.ts enrollment-token --data-folder D                       a one-time token for a host, as one line of JSON;
                                                                 also while the server runs

Ends with 0 when told to by SIGTERM or SIGINT, 2 when it cannot start (the reason is on standard error), 1 otherwise.`

/**
 * Reads the command line. For help and for mistakes it prints and ends the process itself; for options that do not go together
 * it throws `option-wrong`.
 */
export function parseCommandLine(argv: readonly string[], version: string): Order {
  let order: Order | undefined
  const program = new Command('coreward-server')
    .description("Coreward's management server: agents on one port (mutual TLS), the console on another.")
    .version(version)
    .addHelpText('after', readyHelp)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  const serve = program
    .command('serve', { isDefault: true })
    .description('Run the server. This is what happens when no command is named.')
    .requiredOption(
      '--data-folder <folder>',
      'where everything is stored; the server uses FOLDER/server',
      absolutePath,
    )
    .option('--agent-host <address>', 'address to listen on for agents', '127.0.0.1')
    .option('--agent-port <port>', 'TCP port for agents; 0: any free one', parsePort, 8443)
    .option(
      '--public-name <name...>',
      'further names or addresses agents reach this server at; the first is the one told',
      [],
    )
    .option(
      '--console-host <address>',
      'address of the console; any but loopback needs a certificate',
      '127.0.0.1',
    )
    .option('--console-port <port>', 'TCP port of the console; 0: any free one', parsePort, 8080)
    .option('--console-assets <folder>', 'the built console; without it only the API is served')
    .option('--console-certificate <file>', 'certificate chain of the console, PEM')
    .option('--console-key <file>', 'its private key, PEM')
    .option(
      '--signatures <folder>',
      'own signatures in ClamAV’s text formats, added to the built-in ones; read at the start',
    )
    .option('--end-with-input', 'end when standard input ends, so that no server outlives its starter', false)
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(logLevels).default('info'))
    .addHelpText('after', readyHelp)
    .action((options) => {
      order = {
        kind: 'serve',
        options: {
          dataFolder: options.dataFolder,
          agentHost: options.agentHost,
          agentPort: options.agentPort,
          publicNames: options.publicName,
          consoleHost: options.consoleHost,
          consolePort: options.consolePort,
          consoleAssets: absolute(options.consoleAssets),
          consoleCertificate: absolute(options.consoleCertificate),
          consoleKey: absolute(options.consoleKey),
          user: userOf(options),
          logLevel: options.logLevel,
          signatures: absolute(options.signatures),
          endWithInput: options.endWithInput,
        },
      }
    })
  withUser(serve)
  withUser(
    program
      .command('initialize')
      .description(
        'Make the keys and the update repository of a new installation. Repeating it changes nothing.',
      )
      .requiredOption('--data-folder <folder>', 'the installation’s data folder', absolutePath)
      .requiredOption(
        '--offline-keys-folder <folder>',
        'where the offline keys go; keep it away from the server',
        absolutePath,
      )
      .action((options) => {
        const { dataFolder, offlineKeysFolder } = options
        order = { kind: 'initialize', options: { dataFolder, offlineKeysFolder, user: userOf(options) } }
      }),
  )
  withUser(
    program
      .command('enrollment-token')
      .description(
        'Make a one-time token for one host and print it as JSON: {"token":"cw1.…","expiresAt":"…"}.',
      )
      .requiredOption('--data-folder <folder>', 'the installation’s data folder', absolutePath)
      .option('--name <name>', 'what the console calls it', 'command line')
      .option('--minutes <minutes>', 'how long it is good for', parseMinutes, 60)
      .action((options) => {
        const { dataFolder, name, minutes } = options
        order = { kind: 'enrollment-token', options: { dataFolder, name, minutes, user: userOf(options) } }
      }),
  )
  program.parse(argv, { from: 'user' })
  if (order === undefined) throw new TypeError('the command line led to no action')
  return order
}

function withUser(command: Command): void {
  command
    .option('--user-id <number>', 'as root: the user to become once everything is loaded', parseNumber)
    .option('--group-id <number>', 'as root: its group', parseNumber)
}

function userOf(options: { userId?: number; groupId?: number }): ServerUser | undefined {
  const { userId, groupId } = options
  if (userId === undefined && groupId !== undefined)
    throw new ServerError('option-wrong', 'Give --user-id together with --group-id.')
  if (userId === undefined) return undefined
  return { userId, groupId: groupId ?? userId }
}

const absolutePath = (path: string) => resolve(path)
const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path))
const parsePort = (text: string) => parseWithin(text, 0, 65_535)
const parseMinutes = (text: string) => parseWithin(text, 1, 30 * 24 * 60)
const parseNumber = (text: string) => parseWithin(text, 0, 4_294_967_294)

function parseWithin(text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  return value
}
