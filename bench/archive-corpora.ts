/**
 * Trees of programs and scripts packed into archives, by the tools of the machine: what lies inside counts, not the archives' own
 * bytes. It writes into the folder it is given and nowhere else.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Corpus } from './corpora.ts'

/** How a tree is packed: what to run within the folder above it, where the archive and the tree are called so. */
const packers = {
  'zip trees': (archive: string, tree: string) => ['zip', '-q', '-r', `${archive}.zip`, tree],
  'tar.gz trees': (archive: string, tree: string) => ['tar', '-czf', `${archive}.tar.gz`, tree],
  '7z trees': (archive: string, tree: string) => ['7zz', 'a', '-bd', '-bso0', `${archive}.7z`, tree],
} as const satisfies Partial<Record<Corpus['name'], (archive: string, tree: string) => string[]>>

type ArchiveCorpusName = keyof typeof packers

/** Files in one archive. */
const FILES = 40

/**
 * Packs the same trees in each way. `sources` are mixed in their order. Throws when a tool is missing, with its name.
 */
export function archiveCorpora(folder: string, sources: readonly Corpus[]): Corpus[] {
  const files = sources.flatMap(({ paths }) => paths)
  const contentBytes = sources.reduce((sum, { contentBytes }) => sum + contentBytes, 0)
  const made = new Map<ArchiveCorpusName, string[]>()
  const names = Object.keys(packers) as ArchiveCorpusName[]
  const within = join(folder, 'archives')
  mkdirSync(within)
  for (let from = 0; from < files.length; from += FILES) {
    const tree = `tree-${from / FILES}`
    mkdirSync(join(within, tree))
    for (const [index, path] of files.slice(from, from + FILES).entries())
      copyFileSync(path, join(within, tree, `${index}-${basename(path)}`))
    for (const name of names) {
      const [command = '', ...given] = packers[name](tree, tree)
      execFileSync(command, given, { cwd: within })
      const archive = join(within, `${tree}.${name.split(' ')[0]}`)
      made.set(name, [...(made.get(name) ?? []), archive])
    }
    rmSync(join(within, tree), { recursive: true })
  }
  return names.map((name) => {
    const paths = made.get(name) ?? []
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0)
    return { name, paths, bytes, contentBytes }
  })
}
