/**
 * What the daemon is told when it is started. A token is never an argument, where every user of the host could read it: it comes from a
 * file or from the environment, and is taken out of there.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataFolder, type Paths, pathsBelow } from '@coreward/host'
import { realDataFolder } from '../data-folder.ts'

export interface Config {
  readonly paths: Paths
  /** Whether the file verbs are the guard process's; otherwise they are done in this process. */
  readonly guard: boolean
  /** Whom to become once everything is loaded; undefined: stay. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
  /** Added to every quick scan. */
  readonly quickPaths: readonly string[]
  /** What the launcher could not do for the separation of the processes. */
  readonly degradations: readonly string[]
  /** The server's address; an enrolled agent whose server has moved follows it there. */
  readonly serverUrl: string | undefined
  /** A one-time token for that server, used when this host is not enrolled. */
  readonly token: string | undefined
  readonly logLevel: string
}

export const usage = `Usage: node apps/agent/src/daemon/main.ts [options]

  --data-folder FOLDER  where the agent keeps its data (default: ${defaultDataFolder()})
  --guard               have files opened and moved by the guard process, which must run as root
  --uid N --gid N       become this user once everything is loaded (only as root)
  --quick-path PATH     scan this in quick scans too; may be repeated
  --degraded CODE       tell in the health that the launcher could not do this; may be repeated
  --server URL          where the server is; without an identity, enrol there
  --token-file FILE     where the one-time enrolment token is; or in COREWARD_ENROLLMENT_TOKEN
  --log-level LEVEL     debug, info, warn or error (default: info); the log goes to standard error
  --help                show this
`

/** Reads the arguments and the environment. Throws Error with a text for people. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config | 'help' {
  const token = takeToken(env)
  const values = parse(args)
  if (values.help) return 'help'
  if (!['debug', 'info', 'warn', 'error', 'silent'].includes(values['log-level'])) {
    throw new Error(`--log-level ${values['log-level']} is none; give debug, info, warn or error.`)
  }
  if (values['data-folder'] === '') throw new Error('--data-folder is empty; name a folder.')
  return {
    paths: pathsBelow(realDataFolder(values['data-folder'])),
    guard: values.guard,
    user: userIn(values.uid, values.gid),
    quickPaths: values['quick-path'].map((path) => resolve(path)),
    degradations: values.degraded,
    serverUrl: serverUrlIn(values.server),
    token: values['token-file'] === undefined ? token : tokenIn(values['token-file']),
    logLevel: values['log-level'],
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'data-folder': { type: 'string', default: defaultDataFolder() },
        guard: { type: 'boolean', default: false },
        uid: { type: 'string' },
        gid: { type: 'string' },
        'quick-path': { type: 'string', multiple: true, default: [] },
        degraded: { type: 'string', multiple: true, default: [] },
        server: { type: 'string' },
        'token-file': { type: 'string' },
        'log-level': { type: 'string', default: 'info' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${what.replace(/\.$/, '')}; --help tells what there is.`, { cause })
  }
}

function userIn(uid: string | undefined, gid: string | undefined): Config['user'] {
  if (uid === undefined && gid === undefined) return undefined
  const user = { uid: Number(uid), gid: Number(gid) }
  if (Number.isInteger(user.uid) && Number.isInteger(user.gid) && user.uid > 0 && user.gid > 0) return user
  throw new Error('--uid and --gid go together and are whole numbers above 0.')
}

function serverUrlIn(text: string | undefined): string | undefined {
  if (text === undefined || URL.parse(text)?.protocol === 'https:') return text
  throw new Error(`--server ${text} is not the address of a server; give it as https://HOST:8443.`)
}

/** Children of this process, and whoever may read its environment, do not get it. */
function takeToken(env: NodeJS.ProcessEnv): string | undefined {
  const token = env.COREWARD_ENROLLMENT_TOKEN?.trim()
  delete env.COREWARD_ENROLLMENT_TOKEN
  return token === '' ? undefined : token
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`--token-file ${file} cannot be read (${why}); name a file with the token alone.`, {
      cause,
    })
  }
}
