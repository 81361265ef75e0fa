/**
 * Walks the files below some roots through the verbs: each file once, no link followed, memory bounded by the number of folders and
 * the files of the largest one. It reads no file and decides nothing about what it finds.
 */
import { entriesOf } from '../../verbs/entries.ts'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import type { FileState } from './known-clean.ts'
import { isPassing, mostTries, patiently, restAfter } from './patience.ts'

export interface WalkOptions {
  readonly verbs: Pick<FileVerbs, 'list' | 'stat'>
  /** Files and folders; no file among them lies below a folder among them. */
  readonly roots: readonly string[]
  /** Folders that are out of scope with all that is below them. */
  readonly pruned: (path: string) => boolean
  readonly signal: AbortSignal
}

/** A file, or a folder that could not be listed. */
export type WalkedEntry =
  | { readonly kind: 'file'; readonly path: string; readonly state: FileState }
  | { readonly kind: 'unreadable-folder'; readonly path: string; readonly reason: string }

/**
 * Yields the files, depth first. A root that is not there is passed over; a root that is a link is too (the caller resolves
 * it where it wants to). Rejects with VerbError only when the verbs themselves are gone.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<WalkedEntry, void, void> {
  const { verbs, signal, pruned } = options
  const seen = new Set<string>()
  const stack: string[] = []
  for (const root of options.roots) {
    if (signal.aborted) return
    const status = await statusOf(verbs, root, signal)
    if (status === null || pruned(root)) continue
    if (status === 'unreadable') {
      yield { kind: 'unreadable-folder', path: root, reason: 'permission' }
      continue
    }
    const { device, inode, links } = status.identity
    const id = `${device}:${inode}`
    if (status.kind === 'file' && isNew(seen, id, links))
      yield { kind: 'file', path: root, state: status.identity }
    if (status.kind !== 'folder' || seen.has(id)) continue
    seen.add(id)
    stack.push(root)
    for (let folder = stack.pop(); folder !== undefined && !signal.aborted; folder = stack.pop()) {
      yield* listed(options, folder, seen, stack)
    }
  }
}

async function* listed(
  { verbs, pruned, signal }: WalkOptions,
  folder: string,
  seen: Set<string>,
  stack: string[],
): AsyncGenerator<WalkedEntry, void, void> {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`
  // A listing dies with the guard that holds it and is begun again; what was given of this folder is not given twice.
  const given = new Set<string>()
  for (let tries = 1; ; tries += 1) {
    try {
      for await (const entry of entriesOf(verbs, folder)) {
        const path = prefix + entry.name
        const id = `${entry.device}:${entry.inode}`
        if (entry.kind === 'file' && !given.has(entry.inode) && isNew(seen, id, entry.links)) {
          if (entry.links < 2) given.add(entry.inode)
          yield { kind: 'file', path, state: entry }
        }
        // The same folder by another name is a bind mount, or one root below another.
        if (entry.kind !== 'folder' || seen.has(id) || pruned(path)) continue
        seen.add(id)
        stack.push(path)
      }
      return
    } catch (error) {
      if (isPassing(error) && tries < mostTries && !signal.aborted) {
        await restAfter(tries, signal)
        continue
      }
      if (!(error instanceof VerbError) || isLost(error)) throw error
      // Gone since it was listed, or replaced by something else: there is nothing below it.
      if (error.code === 'missing' || error.code === 'wrong-kind') return
      yield { kind: 'unreadable-folder', path: folder, reason: error.message }
      return
    }
  }
}

/** Whether a file was not seen before; only one with several names can have been, so only those are remembered. */
function isNew(seen: Set<string>, id: string, links: number): boolean {
  if (links < 2) return true
  if (seen.has(id)) return false
  seen.add(id)
  return true
}

async function statusOf(verbs: Pick<FileVerbs, 'stat'>, path: string, signal: AbortSignal) {
  try {
    return await patiently(() => verbs.stat(path), signal)
  } catch (error) {
    if (error instanceof VerbError && error.code === 'permission') return 'unreadable' as const
    if (error instanceof VerbError && !isLost(error)) return null
    throw error
  }
}

/** Whether it is not this folder that fails but the way to all of them. */
function isLost(error: VerbError): boolean {
  return ['guard-gone', 'scanner-gone', 'time-out', 'malformed', 'cancelled'].includes(error.code)
}
