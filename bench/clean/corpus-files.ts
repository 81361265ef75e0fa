/**
 * The files of a clean corpus: every regular file below some folders, each inode once, links not followed, in an order that is
 * the same in every run over the same tree.
 */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface CorpusFile {
  readonly path: string
  readonly bytes: number
}

export function corpusFiles(folders: readonly string[]): CorpusFile[] {
  const seen = new Set<string>()
  return folders
    .flatMap((folder) => filesBelow(folder))
    .flatMap((path) => {
      const { dev, ino, size } = lstatSync(path)
      const inode = `${dev}:${ino}`
      // A list of files has one on each line.
      if (size === 0 || seen.has(inode) || path.includes('\n')) return []
      seen.add(inode)
      return [{ path, bytes: size }]
    })
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}
