/**
 * Paths become a scan's answers: opened safely here, their descriptors matched in the scanner process, together. The content is never
 * read here. paths → openRegularFile → ScannerClient.scan → ScanAnswer for each
 */
import { closeSync } from 'node:fs'
import type { ScanResult, UnscannedReason } from '@coreward/engine'
import type { OnAnswer, ScanVerbOptions } from '../verbs/file-verbs.ts'
import type { ScannerClient } from '../verbs/scanner-client.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { type OpenFile, openRegularFile } from './open-file.ts'

/** Why a path that cannot be opened is unscanned. */
const reasons: Readonly<Record<string, UnscannedReason>> = {
  missing: 'vanished',
  permission: 'unreadable',
  'wrong-kind': 'unsupported',
}

/** As FileVerbs.scan. */
export async function scanPaths(
  scanner: ScannerClient,
  paths: readonly string[],
  options: ScanVerbOptions,
  onAnswer: OnAnswer,
): Promise<void> {
  const opened: (OpenFile & { readonly place: number })[] = []
  try {
    for (const [place, path] of paths.entries()) {
      try {
        opened.push({ ...openRegularFile(path), place })
      } catch (error) {
        if (!(error instanceof VerbError)) throw error
        const result = unscanned(reasons[error.code] ?? 'unreadable', error.message, 0)
        onAnswer(place, { result, identity: null })
      }
    }
    const files = opened.map(({ fd, identity }) => ({ fd, bytes: identity.size }))
    await scanDescriptors(scanner, files, options, (at, result) => {
      const file = opened[at]
      if (file !== undefined) onAnswer(file.place, { result, identity: file.identity })
    })
  } finally {
    for (const { fd } of opened) closeSync(fd)
  }
}

/** Scans one open file. Errors: no-definitions, busy, scanner-gone. */
export async function scanDescriptor(
  scanner: ScannerClient,
  fd: number,
  bytes: number,
  options: ScanVerbOptions,
): Promise<ScanResult> {
  let result: ScanResult | undefined
  await scanDescriptors(scanner, [{ fd, bytes }], options, (_, given) => {
    result = given
  })
  return result ?? unscanned('crashed', 'the scanner gave no result', bytes)
}

/** Each file gets one result, unless it throws: no-definitions, busy, scanner-gone. */
async function scanDescriptors(
  scanner: ScannerClient,
  files: readonly { readonly fd: number; readonly bytes: number }[],
  options: ScanVerbOptions,
  onResult: (place: number, result: ScanResult) => void,
): Promise<void> {
  const left = new Set(files.keys())
  const give = (place: number, result: ScanResult) => {
    if (left.delete(place)) onResult(place, result)
  }
  const giveUp = (reason: UnscannedReason, detail?: string) => {
    for (const place of left) give(place, unscanned(reason, detail, files[place]?.bytes ?? 0))
  }
  if (files.length === 0) return
  if (options.signal?.aborted) return giveUp('cancelled')
  try {
    const descriptors = files.map(({ fd }) => fd)
    await scanner.scan(descriptors, options, (results) => {
      for (const [place, result] of results) give(place, result)
    })
    giveUp('crashed', 'the scanner gave no result')
  } catch (error) {
    if (!(error instanceof VerbError) || error.code !== 'time-out') throw error
    giveUp('timed-out', error.message)
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
