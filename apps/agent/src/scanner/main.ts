/**
 * The scanner process. Load, then drop: workers are started and the socket listens before privileges are given up, because afterwards
 * this program may not be able to read its own code. It ends when it loses a worker; the launcher starts another.
 *
 *     node scanner/main.ts --data-folder D [--workers N] [--uid U --gid G]
 */
import { availableParallelism } from 'node:os'
import { DescriptorListener, dropPrivileges, forbidCoreFiles, openOwnPss, pathsBelow } from '@coreward/host'
import { keepCompiledCode } from '../code-cache.ts'
import { endWithLauncher } from '../end-with-launcher.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import { readOptions, required, wholeNumber } from '../process-options.ts'
import { serveConnection } from '../verbs/channel-server.ts'
import { scannerContract } from '../verbs/scanner-contract.ts'
import { startScanService } from './scan-service.ts'

/** How long scans on other workers may go on once one is lost, in milliseconds. */
const DRAIN_MILLISECONDS = 5_000
/** EX_TEMPFAIL (sysexits.h): start me again. */
const REPLACE_ME = 75

const options = readOptions(['data-folder', 'workers', 'uid', 'gid'])
const paths = pathsBelow(required('data-folder', options['data-folder']))
const uid = wholeNumber('uid', options.uid, undefined)
const gid = wholeNumber('gid', options.gid, undefined)

const log = (message: string) => process.stderr.write(`${JSON.stringify({ process: 'scanner', message })}\n`)

const service = await startScanService({
  workers: wholeNumber('workers', options.workers, 0) || Math.max(1, Math.floor(availableParallelism() / 2)),
  ownPss: openOwnPss(),
  onWorkerLost(cause) {
    log(`A scan worker was lost (${cause}); this process ends and is to be replaced.`)
    setTimeout(() => process.exit(REPLACE_ME), DRAIN_MILLISECONDS)
    // The last answers leave in the same turn of the event loop in which their scans settle; one more turn, then the end.
    void service.drained().then(() => setTimeout(() => process.exit(REPLACE_ME), 50))
  },
})

keepCompiledCode()
const listener = new DescriptorListener({
  path: paths.agent.scannerSocket,
  // As root the guard asks, and is root; else the daemon, who is the same user as this process.
  allowedUids: [process.getuid?.() ?? 0],
  onConnection: (socket) => serveConnection(socket, scannerContract, service.handlers),
  onRefused: (user) => log(`User ${user} may not connect and was cut off.`),
})

if (uid !== undefined && gid !== undefined) dropPrivileges(uid, gid)
else forbidCoreFiles()
log(`The scanner listens at ${paths.agent.scannerSocket}.`)

const stop = () => {
  listener.close()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
endWithLauncher(stop)
giveBackMemoryWhenIdle()
