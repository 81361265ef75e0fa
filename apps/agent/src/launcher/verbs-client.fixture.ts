/**
 * For tests: a process in the daemon's place. Becomes the daemon's user when root started it, then makes the calls that its parent sends.
 */
import { dropPrivileges, pathsBelow } from '@coreward/host'
import { localVerbs } from '../guard/local-verbs.ts'
import type { FileVerbs, ScanVerbOptions } from '../verbs/file-verbs.ts'
import { connectGuard } from '../verbs/guard-client.ts'
import { scanOne } from '../verbs/scan-one.ts'
import { VerbError } from '../verbs/verb-error.ts'

const [dataFolder = '', uid] = process.argv.slice(2)
const paths = pathsBelow(dataFolder)
if (uid !== undefined) dropPrivileges(Number(uid), Number(uid))
const verbs = uid !== undefined ? connectGuard(paths) : await localVerbs(paths)

process.on(
  'message',
  ({ id, verb, args }: { id: number; verb: keyof FileVerbs & string; args: unknown[] }) => {
    const scan = (path: string, options?: ScanVerbOptions) => scanOne(verbs, path, options)
    const call = { ...verbs, scan }[verb] as (...args: unknown[]) => Promise<unknown>
    call(...args).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) =>
        process.send?.({
          id,
          code: error instanceof VerbError ? error.code : 'none',
          message: String(error),
        }),
    )
  },
)
process.send?.({ id: 0 })
