/**
 * Ours and stock clamscan asked about the same files with the same signatures: every name that each finds, by path.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scanner, ScanResult } from '@coreward/engine'

/** Names by path. */
export type Found = ReadonlyMap<string, ReadonlySet<string>>

/** What we find; each result is also handed to `onResult`. Files that cannot be opened are left out. */
export async function askOurs(
  scanner: Scanner,
  paths: readonly string[],
  onResult: (path: string, result: ScanResult) => void,
): Promise<Found> {
  const found = new Map<string, Set<string>>()
  for (const path of paths) {
    let fd: number
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    } catch {
      // Gone since it was listed, or not for us to read; clamscan says nothing of it either.
      continue
    }
    const result = await scanner.scan({ fd }).finally(() => closeSync(fd))
    onResult(path, result)
    if (result.verdict.outcome !== 'infected') continue
    found.set(path, new Set(result.verdict.detections.map(({ signature }) => signature)))
  }
  return found
}

/** What clamscan finds with the database folder; `folder` is for its list of files. Throws when it fails. */
export function askStock(database: string, paths: readonly string[], folder: string): Found {
  const found = new Map<string, Set<string>>()
  if (paths.length === 0) return found
  const list = join(folder, 'clamscan.list')
  writeFileSync(list, `${paths.join('\n')}\n`)
  const options = [
    `--database=${database}`,
    `--file-list=${list}`,
    `--tempdir=${folder}`,
    '--allmatch',
    '--max-filesize=2000M',
    '--max-scansize=4000M',
    '--max-files=1000000',
    '--no-summary',
    '--suppress-ok-results',
  ]
  const { status, stdout, stderr } = spawnSync('clamscan', options, { encoding: 'utf8', maxBuffer: 1 << 30 })
  if (status !== 0 && status !== 1 && !/Can't (?:open|access) file|Can't read file/.test(stderr))
    throw new Error(`clamscan ended with ${status}: ${stderr}`)
  for (const line of stdout.split('\n')) {
    const [, path, signature] = /^(.*?)(?:!\(\d+\)[^:]*)?: (\S+) FOUND$/.exec(line) ?? []
    if (path === undefined || signature === undefined) continue
    const names = found.get(path) ?? new Set()
    found.set(path, names.add(signature.replace(/\.UNOFFICIAL$/, '')))
  }
  return found
}
