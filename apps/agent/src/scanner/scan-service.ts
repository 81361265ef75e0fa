/**
 * The scanner process's work: open descriptors come in, the engine's results go out. It holds the host's only definitions, and none
 * until they are loaded. It opens no path.
 */
import { compileDefinitions } from '@coreward/definitions'
import { EngineError, Scanner, type ScanResult } from '@coreward/engine'
import type { Handlers } from '../verbs/channel-server.ts'
import { fitResult } from '../verbs/scan-answer.ts'
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
  const inFlight = new Set<Promise<unknown>>()
  let loadedVersion: string | null = null
  let isLost = false
  const scanner = await Scanner.start({
    // Workers need a set to start with; nothing is scanned with this one.
    definitions: compileDefinitions({ version: 'none', createdAt: startedAt, files: [] }).bytes,
    workers: options.workers,
    replaceWorkers: false,
    onWorkerLost(cause) {
      if (isLost) return
      isLost = true
      options.onWorkerLost(cause)
    },
  })

  /** A scan that a lost worker took with it, or that found none left, is asked again of the next process. */
  const judge = (result: ScanResult): ScanResult => {
    const { verdict } = result
    if (isLost && verdict.outcome === 'unscanned' && verdict.unscanned[0]?.reason === 'crashed') {
      throw new VerbError(
        'scanner-gone',
        `A scan worker was lost: ${verdict.unscanned[0].detail ?? 'it crashed'}.`,
      )
    }
    return fitResult(result)
  }

  return {
    handlers: {
      scan({ params, descriptor, signal }) {
        if (loadedVersion === null) {
          throw new VerbError('no-definitions', 'The scanner has no definitions yet; load them, then scan.')
        }
        // This process ends soon: the connection's end is the answer, and the caller asks its successor.
        if (isLost) return new Promise(() => {})
        const scan = scanner.scan({ fd: descriptor }, { limits: params.limits, signal })
        inFlight.add(scan)
        return scan.then(judge).finally(() => inFlight.delete(scan))
      },
      async load({ descriptor, keepDescriptor }) {
        keepDescriptor()
        const info = await swap(scanner, descriptor)
        loadedVersion = info.version
        return { version: info.version, createdAt: info.createdAt }
      },
      health: async () => ({
        pid: process.pid,
        pssBytes: options.ownPss(),
        startedAt,
        definitionsVersion: loadedVersion,
        workers: options.workers,
        scansInFlight: inFlight.size,
      }),
    },
    async drained() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight)
    },
    [Symbol.asyncDispose]: () => scanner[Symbol.asyncDispose](),
  }
}

async function swap(scanner: Scanner, fd: number) {
  try {
    return await scanner.swap({ fd })
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'definitions-refused') throw error
    throw new VerbError('definitions-refused', error.message, error)
  }
}
