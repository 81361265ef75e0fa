/**
 * One file's scan inside a worker. The flow: take the file's state, scan its content and all that is inside
 * (scan-content.ts), hash it if that is wanted, compare its state, and turn whatever happened into a result.
 */
import type { Budget } from './budget.ts'
import { ByteSourceError } from './byte-source.ts'
import { createContentList, hashOf } from './content-list.ts'
import { contentType } from './content-type.ts'
import { defaultPasswords } from './decoders/passwords.ts'
import { EngineError } from './engine-error.ts'
import { createFindings } from './findings.ts'
import { type LoadedDefinitions, scanContent } from './scan-content.ts'
import { type OpenedInput, openInput } from './scan-input.ts'
import { SurfaceAccount } from './surface.ts'
import type { Shortfall } from './unpack/container.ts'
import { unscannedResult } from './unscanned-result.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanInput, ScanWishes } from './worker-messages.ts'

/**
 * Scans one input under its budget. Never rejects: this is the worker's boundary, where even a fault of ours becomes an
 * unscanned part, so that it neither hides what was found before it nor passes for clean.
 */
export async function scanFile(
  input: ScanInput,
  loaded: LoadedDefinitions,
  budget: Budget,
  wishes: ScanWishes,
): Promise<ScanResult> {
  const started = performance.now()
  const { version } = loaded.definitions
  try {
    using file = openInput(input, budget)
    return await scanOpened(file, loaded, budget, { wishes, started })
  } catch (error) {
    const { reason, detail } = shortfallOf(error)
    return unscannedResult(input, reason, detail, performance.now() - started, version)
  }
}

async function scanOpened(
  file: OpenedInput,
  loaded: LoadedDefinitions,
  budget: Budget,
  { wishes, started }: { readonly wishes: ScanWishes; readonly started: number },
): Promise<ScanResult> {
  const { source } = file
  const alerts = new Set(wishes.alerts)
  const findings = createFindings(alerts)
  const contents = wishes.contents === true ? createContentList() : undefined
  const surface = new SurfaceAccount()
  let fileType = 'unknown'
  let sha256: string | undefined
  try {
    if (source.size > budget.limits.maxFileBytes) {
      findings.addUnscanned('too-large', undefined, `the limit is ${budget.limits.maxFileBytes} bytes`)
    } else {
      fileType = contentType(source, loaded.definitions).name
      const normalises = wishes.normalise !== false
      const { passwords = defaultPasswords } = wishes
      const scan = { loaded, budget, findings, alerts, contents, surface, normalises, passwords }
      await scanContent(source, { depth: 0, cut: false, containers: [] }, scan)
      if (findings.infected || wishes.sha256 === true) sha256 = hashOf(source, 'sha256')
    }
  } catch (error) {
    const { reason, detail } = shortfallOf(error)
    findings.addUnscanned(reason, undefined, detail)
  }
  if (!file.unchanged()) {
    findings.addUnscanned('changed-during-scan', undefined, 'its size or modification time changed')
    // It would be the hash of no state the file was ever in.
    sha256 = undefined
  }
  const verdict = findings.verdict()
  return {
    verdict,
    bytes: source.size,
    bytesRead: file.bytesRead(),
    fileType,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(contents === undefined ? {} : { contents: contents.contents() }),
    ...(verdict.outcome === 'clean' ? { surface: surface.told() } : {}),
    milliseconds: performance.now() - started,
    definitionsVersion: loaded.definitions.version,
  }
}

/** What an error thrown on the way means for the file as a whole. */
function shortfallOf(error: unknown): Shortfall {
  if (error instanceof EngineError) {
    const { code, message } = error
    if (code === 'timed-out' || code === 'cancelled' || code === 'unreadable')
      return { reason: code, detail: message }
  }
  if (error instanceof ByteSourceError) return { reason: 'changed-during-scan', detail: error.message }
  if (!(error instanceof Error)) return { reason: 'crashed', detail: String(error).slice(0, 300) }
  const { syscall, code } = error as NodeJS.ErrnoException
  if (syscall !== undefined) return { reason: 'unreadable', detail: `${syscall} failed: ${code}` }
  return { reason: 'crashed', detail: `${error.name}: ${error.message}`.slice(0, 300) }
}
