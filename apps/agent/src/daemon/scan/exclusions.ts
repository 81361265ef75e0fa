/**
 * What the policy leaves out of scans. Excluded files are walked past and counted, so that a summary shows how much is not
 * looked at; nothing here decides what is in scope.
 */
import { extname } from 'node:path'
import type { Exclusion } from '@coreward/contracts'

/** Answers whether a file is excluded: by its own path, by a folder above it, or by its extension. Undefined: nothing is. */
export function exclusionTest(exclusions: readonly Exclusion[]): ((path: string) => boolean) | undefined {
  if (exclusions.length === 0) return undefined
  const files = new Set<string>()
  const folders: string[] = []
  const extensions = new Set<string>()
  for (const { kind, value } of exclusions) {
    if (kind === 'file') files.add(value)
    else if (kind === 'folder') folders.push(value.endsWith('/') ? value : `${value}/`)
    else extensions.add(`.${value.replace(/^\*?\./, '').toLowerCase()}`)
  }
  return (path) =>
    files.has(path) ||
    folders.some((folder) => path.startsWith(folder)) ||
    (extensions.size > 0 && extensions.has(extname(path).toLowerCase()))
}
