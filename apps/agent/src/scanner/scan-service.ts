/**
 * The scanner process's work: open descriptors come in, the engine's results go out. It holds the host's only definitions, and none
 * until they are loaded. It opens no path.
 */
import { emptyDefinitions } from '@coreward/definitions'
import {
  EngineError,
  type Limits,
  limitBounds,
  resolveLimits,
  Scanner,
  type ScanResult,
} from '@coreward/engine'
import type { Handlers } from '../verbs/channel-server.ts'
import { fitResult, PartsGatherer } from '../verbs/scan-answer.ts'
import type { scannerContract } from '../verbs/scanner-contract.ts'
import { VerbError } from '../verbs/verb-error.ts'

export interface ScanServiceOptions {
  readonly workers: number
  readonly ownPss: () => number | null
  /** Told once when a worker is lost: this process can start no other and must be replaced, after `drained`. */
  readonly onWorkerLost: (cause: string) => void
}

export interface ScanService extends AsyncDisposable {
  readonly handlers: Handlers<typeof scannerContract>
  /** Resolves when no scan is under way. */
  drained(): Promise<void>
}

/** Starts the workers, all of them loaded when it resolves. Throws EngineError `workers-not-started`. */
export async function startScanService(options: ScanServiceOptions): Promise<ScanService> {
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString()
  /** Requests with the number of their files. */
  const inFlight = new Map<Promise<unknown>, number>()
  let loadedVersion: string | null = null
  let isLost = false
  const scanner = await Scanner.start({
    // Workers need a set to start with; nothing is scanned with this one.
    definitions: emptyDefinitions('none', startedAt),
    workers: options.workers,
    replaceWorkers: false,
    onWorkerLost(cause) {
      if (isLost) return
      isLost = true
      options.onWorkerLost(cause)
    },
  })

  /** Resolves when each descriptor has its result; they are not used any more then. */
  const scanAll = async (request: ScanRequest, limits: Limits): Promise<null> => {
    const { against, passwords } = request.params
    const { signal } = request
    const results = new PartsGatherer<ScanResult>(isClean, request.answerPart)
    const scans = request.descriptors.map(async (fd, place) => {
      results.add(
        place,
        fitResult(await scanner.scan({ fd }, { limits, against, signal, ...(passwords && { passwords }) })),
      )
    })
    const failed = (await Promise.allSettled(scans)).find((scan) => scan.status === 'rejected')
    results.flush()
    if (failed === undefined) return null
    const { message } = failed.reason as EngineError
    throw new VerbError('scanner-gone', message, failed.reason)
  }

  return {
    handlers: {
      scan(request) {
        if (loadedVersion === null) {
          throw new VerbError('no-definitions', 'The scanner has no definitions yet; load them, then scan.')
        }
        // This process ends soon: the connection's end is the answer, and the caller asks its successor.
        if (isLost) return new Promise(() => {})
        const scan = scanAll(request, resolveLimits(withinBounds(request.params.limits)))
        inFlight.set(scan, request.descriptors.length)
        return scan.finally(() => inFlight.delete(scan))
      },
      async load({ descriptors: [descriptor = -1, additions], keepDescriptors }) {
        keepDescriptors()
        const info = await swap(scanner, descriptor, additions)
        loadedVersion = info.version
        return { version: info.version, createdAt: info.createdAt }
      },
      health: async () => ({
        pid: process.pid,
        pssBytes: options.ownPss(),
        startedAt,
        definitionsVersion: loadedVersion,
        workers: options.workers,
        scansInFlight: [...inFlight.values()].reduce((sum, files) => sum + files, 0),
      }),
    },
    async drained() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight.keys())
    },
    [Symbol.asyncDispose]: () => scanner[Symbol.asyncDispose](),
  }
}

type ScanRequest = Parameters<Handlers<typeof scannerContract>['scan']>[0]

/** What a policy allows beyond the engine's bounds is brought within them. */
function withinBounds(limits: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, value]) => {
      const [lowest, , highest] = limitBounds[name as keyof Limits]
      return [name, Math.min(highest, Math.max(lowest, value))]
    }),
  )
}

const isClean = ({ verdict }: ScanResult) => verdict.outcome === 'clean'

async function swap(scanner: Scanner, fd: number, additions: number | undefined) {
  try {
    return await scanner.swap({ fd }, additions === undefined ? undefined : { fd: additions })
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'definitions-refused') throw error
    throw new VerbError('definitions-refused', error.message, error)
  }
}
