/**
 * The guard process: root with few capabilities, serving the file verbs to the daemon's user and nobody else. It parses no content and opens no
 * network socket.
 *
 *     node guard/main.ts --data-folder D --daemon-uid U --daemon-gid G --scanner-uid S
 */
import { forbidCoreFiles, forbidNewPrivileges, pathsBelow } from '@coreward/host'
import { keepCompiledCode } from '../code-cache.ts'
import { endWithLauncher } from '../end-with-launcher.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import { readOptions, required, wholeNumber } from '../process-options.ts'
import { localVerbs } from './local-verbs.ts'
import { serveVerbs } from './serve-verbs.ts'

const options = readOptions(['data-folder', 'daemon-uid', 'daemon-gid', 'scanner-uid'])
const paths = pathsBelow(required('data-folder', options['data-folder']))
const owner = process.getuid?.() ?? 0
const daemonUid = wholeNumber('daemon-uid', options['daemon-uid'], owner)
const daemonGid = wholeNumber('daemon-gid', options['daemon-gid'], process.getgid?.() ?? 0)
const scannerUid = wholeNumber('scanner-uid', options['scanner-uid'], owner)

const log = (message: string) => process.stderr.write(`${JSON.stringify({ process: 'guard', message })}\n`)

keepCompiledCode()
forbidCoreFiles()
forbidNewPrivileges()

const verbs = await localVerbs(paths, { scannerUids: [owner, scannerUid], isGuard: true })
const { quarantineRecovery } = await verbs.health()
for (const note of quarantineRecovery) log(note)

const listener = serveVerbs(verbs, {
  path: paths.agent.guardSocket,
  allowedUids: [daemonUid],
  owner: { uid: owner, gid: daemonGid },
  mode: 0o660,
  onRefused: (uid) => log(`User ${uid} may not connect and was cut off.`),
})
log(`The guard listens at ${paths.agent.guardSocket}.`)

const stop = () => {
  listener.close()
  void verbs[Symbol.asyncDispose]().then(() => process.exit(0))
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
endWithLauncher(stop)
giveBackMemoryWhenIdle()
