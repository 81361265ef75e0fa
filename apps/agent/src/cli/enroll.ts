/**
 * `coreward enroll`: leaves the server's address and a one-time token for the daemon, which looks for them.
 * The token is never an argument, where every user of the host could read it.
 */
import { chownSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { parseEnrollmentToken } from '@coreward/contracts'
import { pathsBelow, serviceUser, writeDurably } from '@coreward/host'
import { prepareFolders } from '../prepare-folders.ts'
import { exitCode } from './exit-code.ts'
import { type CommandContext, printAnswer } from './output.ts'
import { checkServerAddress } from './server-address.ts'

/** Reads the token and stores the order. Throws Error when the address or the token is not one. */
export async function enroll(context: CommandContext, serverUrl: string): Promise<number> {
  checkServerAddress(serverUrl)
  const token = await readToken()
  if (parseEnrollmentToken(token) === undefined)
    throw new Error('That is not an enrolment token; copy it whole from the console (it begins with cw1.)')
  storeOrder(context.dataFolder, { serverUrl, token })
  printAnswer(context, { serverUrl, dataFolder: context.dataFolder }, () =>
    [
      `The agent of ${context.dataFolder} enrols with ${serverUrl}: within seconds if it runs, else when it starts.`,
      'Start it with: coreward run. See how it went with: coreward status.',
    ].join('\n'),
  )
  return exitCode.clean
}

async function readToken(): Promise<string> {
  const given = process.env.COREWARD_ENROLLMENT_TOKEN
  if (given !== undefined) return given.trim()
  if (process.stdin.isTTY) process.stderr.write('Paste the one-time token, then press Enter and Ctrl-D:\n')
  return (await text(process.stdin)).trim()
}

/** Makes the agent's folders first, so that the order belongs to the daemon's user, who reads it and deletes it when done. */
function storeOrder(dataFolder: string, order: { serverUrl: string; token: string }): void {
  const paths = pathsBelow(dataFolder)
  const daemon = process.getuid?.() === 0 ? serviceUser('daemon') : undefined
  prepareFolders(paths, daemon && { daemon })
  const { enrollmentToken } = paths.agent.daemon
  writeDurably(enrollmentToken, JSON.stringify(order))
  if (daemon !== undefined) chownSync(enrollmentToken, daemon.uid, daemon.gid)
}
