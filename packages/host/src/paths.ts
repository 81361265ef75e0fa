/**
 * The one room that knows the name of every file and folder of the product. It names them and creates none.
 */
import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { HostError } from './host-error.ts'

/** sun_path holds 108 bytes with its closing zero on Linux, 104 on macOS (unix(7), unix(4)). */
export const SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107

/** Every name below one data folder. */
export interface Paths {
  readonly data: string
  readonly agent: {
    readonly folder: string
    readonly log: string
    /** What Node has compiled of our code. */
    readonly codeCache: string
    /** Sockets; see `runFolder` for when it lies elsewhere. */
    readonly run: string
    /** Held by the launcher: one agent on a data folder. */
    readonly launcherSocket: string
    readonly guardSocket: string
    readonly scannerSocket: string
    readonly controlSocket: string
    /** The guard's; no other process opens it. */
    readonly quarantine: string
    readonly quarantineKey: string
    readonly daemon: {
      readonly folder: string
      readonly spool: string
      readonly knownClean: string
      /** Files that the scanner process died of. */
      readonly fatalFiles: string
      readonly enrollmentToken: string
      readonly identity: string
      readonly policy: string
      readonly definitions: string
    }
  }
  readonly server: {
    readonly folder: string
    readonly database: string
    readonly authority: string
    /** The online signing keys. */
    readonly keys: string
    /** The TUF repository. */
    readonly tuf: string
    readonly log: string
  }
  /** TUF root and top-level targets keys; the server process never opens it. */
  readonly offlineKeys: string
  /** The built console. */
  readonly console: string
}

/**
 * The data folder when none is named: `$XDG_DATA_HOME/coreward`, else /var/lib/coreward for root and
 * ~/.local/share/coreward for anyone else (XDG Base Directory Specification 0.8; a relative value is ignored as it says).
 */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.()): string {
  const xdg = env.XDG_DATA_HOME
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'coreward')
  return uid === 0 ? '/var/lib/coreward' : join(env.HOME ?? homedir(), '.local/share/coreward')
}

/** All names below a data folder; a relative one is taken from the current folder. */
export function pathsBelow(dataFolder: string): Paths {
  const data = resolve(dataFolder)
  const agent = join(data, 'agent')
  const daemon = join(agent, 'daemon')
  const run = runFolder(agent)
  const server = join(data, 'server')
  return {
    data,
    agent: {
      folder: agent,
      log: join(agent, 'log'),
      codeCache: join(agent, 'code-cache'),
      run,
      launcherSocket: join(run, 'launcher.sock'),
      guardSocket: join(run, 'guard.sock'),
      scannerSocket: join(run, 'scanner.sock'),
      controlSocket: join(run, 'control.sock'),
      quarantine: join(agent, 'quarantine'),
      quarantineKey: join(agent, 'quarantine', 'identity.age-key'),
      daemon: {
        folder: daemon,
        spool: join(daemon, 'spool.sqlite'),
        knownClean: join(daemon, 'known-clean.table'),
        fatalFiles: join(daemon, 'fatal-files.json'),
        enrollmentToken: join(daemon, 'enrollment.json'),
        identity: join(daemon, 'identity'),
        policy: join(daemon, 'policy'),
        definitions: join(daemon, 'definitions'),
      },
    },
    server: {
      folder: server,
      database: join(server, 'coreward.sqlite'),
      authority: join(server, 'ca'),
      keys: join(server, 'keys'),
      tuf: join(server, 'tuf'),
      log: join(server, 'log'),
    },
    offlineKeys: join(data, 'offline-keys'),
    console: join(data, 'console'),
  }
}

/** The longest name among the sockets. */
const LONGEST_SOCKET = '/launcher.sock'

/**
 * Where the sockets lie: `run` in the agent's folder, unless that makes their paths too long for the system; then a folder
 * in the temporary folder, named by a hash of the agent's so that every process finds the same. Throws `path-too-long` when that
 * is too long as well.
 */
function runFolder(agent: string): string {
  const usual = join(agent, 'run')
  if (Buffer.byteLength(usual + LONGEST_SOCKET) <= SOCKET_PATH_BYTES) return usual
  const short = join(tmpdir(), `coreward-${createHash('sha256').update(agent).digest('hex').slice(0, 16)}`)
  if (Buffer.byteLength(short + LONGEST_SOCKET) <= SOCKET_PATH_BYTES) return short
  throw new HostError(
    'path-too-long',
    `Neither ${usual} nor ${short} is short enough for a socket (${SOCKET_PATH_BYTES} bytes); choose a shorter data folder.`,
  )
}
