/**
 * What can be set for `npm start`. Parsing only.
 */
import { resolve } from 'node:path'
import { defaultDataFolder } from '@coreward/host'
import { Command, InvalidArgumentError } from 'commander'

/** How to start. Ports are TCP ports; paths are absolute. */
export interface StartOptions {
  readonly dataFolder: string
  readonly agentPort: number
  readonly agentHost: string
  readonly consolePort: number
  readonly consoleHost: string
  readonly consoleCertificate: string | undefined
  readonly consoleKey: string | undefined
  readonly signatures: string | undefined
  readonly scanPaths: readonly string[]
  readonly scan: boolean
  readonly quarantine: boolean
  readonly demo: boolean
}

/** Reads the command line; prints help or an error and ends the process where that is what was asked for. */
export function parseOptions(argv: readonly string[]): StartOptions {
  const program = new Command('npm start --')
    .description(
      'Starts the management server, its console and an agent that protects this machine, and runs a first scan.',
    )
    .option('--data-folder <folder>', 'where everything is stored', defaultDataFolder())
    .option('--agent-port <port>', 'TCP port for agents (https, client certificates)', parsePort, 8443)
    .option(
      '--agent-host <address>',
      'address agents reach the server at; 0.0.0.0 to take agents of other hosts',
      '127.0.0.1',
    )
    .option('--console-port <port>', 'TCP port of the web console', parsePort, 8080)
    .option(
      '--console-host <address>',
      'address of the web console; any but loopback needs a certificate',
      '127.0.0.1',
    )
    .option('--console-certificate <file>', 'certificate of the console, PEM')
    .option('--console-key <file>', 'its private key, PEM')
    .option('--signatures <folder>', 'own signatures in ClamAV’s text formats, added to the built-in ones')
    .option('--scan-path <path...>', 'scan these files and folders instead of the quick scan')
    .option('--no-scan', 'do not scan at start')
    .option(
      '--quarantine',
      'move what the first scan finds to quarantine (otherwise it is only reported)',
      false,
    )
    .option('--demo', 'make a demo folder with a harmless EICAR test file and quarantine that at once', false)
    .addHelpText(
      'after',
      `
Examples:
  npm start                                    everything, with a quick scan
  npm start -- --scan-path /srv/www --demo     scan a web root, and see a detection
  npm start -- --no-scan --console-port 9080   only start, on another port

Ctrl-C stops everything; the next start goes on with what this one stored.`,
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  program.parse(argv, { from: 'user' })
  const options = program.opts()
  return {
    dataFolder: resolve(options.dataFolder),
    agentPort: options.agentPort,
    agentHost: options.agentHost,
    consolePort: options.consolePort,
    consoleHost: options.consoleHost,
    consoleCertificate: options.consoleCertificate,
    consoleKey: options.consoleKey,
    signatures: options.signatures === undefined ? undefined : resolve(options.signatures),
    scanPaths: ((options.scanPath ?? []) as string[]).map((path) => resolve(path)),
    scan: options.scan,
    quarantine: options.quarantine,
    demo: options.demo,
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535 (0: any free one).')
  return port
}
