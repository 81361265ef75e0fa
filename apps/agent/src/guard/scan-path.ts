/**
 * One path becomes a scan's answer: opened safely here, its descriptor matched in the scanner process. The content is never read here.
 * path → openRegularFile → ScannerClient.scan → ScanAnswer
 */
import { closeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Limits, ScanResult, UnscannedReason } from '@coreward/engine'
import type { ScanAnswer, ScanVerbOptions } from '../verbs/file-verbs.ts'
import type { ScannerClient } from '../verbs/scanner-client.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { openRegularFile } from './open-file.ts'

/**
 * Rest before a lost scanner is asked again, in milliseconds: a process that is being torn down still takes connections for a
 * moment after it has dropped the first.
 */
const REST_MILLISECONDS = 100

/** Why a path that cannot be opened is unscanned. */
const reasons: Readonly<Record<string, UnscannedReason>> = {
  missing: 'vanished',
  permission: 'unreadable',
  'wrong-kind': 'unsupported',
}

/** As FileVerbs.scan. */
export async function scanPath(
  scanner: ScannerClient,
  path: string,
  options: ScanVerbOptions,
): Promise<ScanAnswer> {
  let file: ReturnType<typeof openRegularFile>
  try {
    file = openRegularFile(path)
  } catch (error) {
    if (!(error instanceof VerbError)) throw error
    return { result: unscanned(reasons[error.code] ?? 'unreadable', error.message, 0), identity: null }
  }
  try {
    const result = await scanDescriptor(scanner, file.fd, file.identity.size, options)
    return { result, identity: file.identity }
  } finally {
    closeSync(file.fd)
  }
}

/** Scans an open file. A lost scanner is waited for and asked once more; no-definitions and busy are thrown. */
export async function scanDescriptor(
  scanner: ScannerClient,
  fd: number,
  bytes: number,
  { limits = {}, signal }: ScanVerbOptions,
): Promise<ScanResult> {
  try {
    return await attempt(scanner, fd, bytes, limits, signal)
  } catch (error) {
    if (!(error instanceof VerbError) || error.code !== 'scanner-gone') throw error
  }
  await sleep(REST_MILLISECONDS)
  try {
    return await attempt(scanner, fd, bytes, limits, signal)
  } catch (error) {
    if (!(error instanceof VerbError) || error.code !== 'scanner-gone') throw error
    return unscanned('crashed', `twice: ${error.message}`, bytes)
  }
}

async function attempt(
  scanner: ScannerClient,
  fd: number,
  bytes: number,
  limits: Partial<Limits>,
  signal: AbortSignal | undefined,
): Promise<ScanResult> {
  if (signal?.aborted) return unscanned('cancelled', undefined, bytes)
  try {
    return await scanner.scan(fd, limits, signal)
  } catch (error) {
    if (!(error instanceof VerbError) || error.code !== 'time-out') throw error
    return unscanned('timed-out', error.message, bytes)
  }
}

/** A result for a file of which nothing was read. No definitions were asked, so none are named. */
function unscanned(reason: UnscannedReason, detail: string | undefined, bytes: number): ScanResult {
  return {
    verdict: { outcome: 'unscanned', unscanned: [{ reason, ...(detail === undefined ? {} : { detail }) }] },
    bytes,
    bytesRead: 0,
    fileType: 'unknown',
    milliseconds: 0,
    definitionsVersion: '',
  }
}
