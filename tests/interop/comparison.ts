/**
 * What stock clamscan and our engine say of the same files with the same signatures, each as a map from path to a word.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileDefinitions } from '@coreward/definitions'
import { Scanner } from '@coreward/engine'
import type { SignatureFile } from '../../bench/signatures.ts'

const hasClamscan = spawnSync('clamscan', ['--version']).status === 0
/** Why tests that need stock clamscan are skipped; false where it is installed. */
export const withoutClamscan = hasClamscan ? false : 'clamscan is not installed'

/** A temporary folder that is removed when its block ends. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'coreward-interop-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

/** What stock clamscan says of each path: a signature's name, or nothing when it says OK. Any complaint is an error. */
export function clamscan(database: string, paths: readonly string[]): Map<string, string> {
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [`--database=${database}`, '--no-summary', ...paths],
    {
      encoding: 'utf8',
    },
  )
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
  assert.equal(stderr, '')
  const found = [...stdout.matchAll(/^(.*): (\S+?)(?:\.UNOFFICIAL)? FOUND$/gm)]
  return new Map(found.map(([, path = '', signature = '']) => [path, signature]))
}

/** What our engine says of each path: a signature's name, `unscanned REASON`, or `clean`. */
export async function coreward(
  files: readonly SignatureFile[],
  paths: readonly string[],
): Promise<Map<string, string>> {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [...files],
  })
  assert.deepEqual(summary.refused, [])
  await using scanner = await Scanner.start({ definitions: bytes, workers: 1 })
  const said = new Map<string, string>()
  for (const path of paths) {
    const fd = openSync(path, 'r')
    const { verdict } = await scanner.scan({ fd }).finally(() => closeSync(fd))
    if (verdict.outcome === 'infected') said.set(path, verdict.detections[0]?.signature ?? '')
    else said.set(path, verdict.outcome === 'clean' ? 'clean' : `unscanned ${verdict.unscanned[0]?.reason}`)
  }
  return said
}
