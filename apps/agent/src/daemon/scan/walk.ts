/**
 * Walks the files below some roots through the verbs: each file once, no link followed, memory bounded by the number of folders, one
 * page, and the files of the largest folder. What is found comes page by page; of a file that nobody asks about, no object is made. It
 * reads no file and decides nothing about what it finds.
 */
import { stateOf } from '@coreward/host'
import { EntryPage } from '../../verbs/entry-page.ts'
import type { FileIdentity } from '../../verbs/file-facts.ts'
import { type FileVerbs, LIST_FOLDERS, PATHS_UNITS } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import { isPassing, mostTries, patiently, restAfter } from './patience.ts'

export interface WalkOptions {
  readonly verbs: Pick<FileVerbs, 'list' | 'stat'>
  /** Files and folders; no file among them lies below a folder among them. */
  readonly roots: readonly string[]
  /** Folders that are out of scope with all that is below them. */
  readonly pruned: (path: string) => boolean
  readonly signal: AbortSignal
}

/** Some files, and the folders that could not be listed. */
export interface WalkedPage {
  /** Holds the states of the files. */
  readonly words: Uint32Array
  /** Where in `words` the state of each file begins (packages/host folder-reader.ts). */
  readonly files: readonly number[]
  /** The path of a file by its place in `files`. */
  path(place: number): string
  readonly unreadableFolders: readonly string[]
}

/**
 * Yields the files, depth first. A root that is not there is passed over; a root that is a link is too (the caller resolves
 * it where it wants to). Rejects with VerbError only when the verbs themselves are gone.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<WalkedPage, void, void> {
  const { verbs, signal, pruned } = options
  const seen = new SeenFiles()
  for (const root of options.roots) {
    if (signal.aborted) return
    const status = await statusOf(verbs, root, signal)
    if (status === null || pruned(root)) continue
    if (status === 'unreadable') {
      yield { ...onlyFile(root, new Uint32Array(0)), files: [], unreadableFolders: [root] }
      continue
    }
    const state = stateOfIdentity(status.identity)
    if (status.kind === 'file' && (status.identity.links < 2 || seen.add(state, 0)))
      yield onlyFile(root, state)
    if (status.kind !== 'folder' || !seen.add(state, 0)) continue
    const stack = [root]
    while (stack.length > 0 && !signal.aborted) yield* listed(options, takeFolders(stack), seen, stack)
  }
}

/** As many from the stack's end as are listed together. */
function takeFolders(stack: string[]): string[] {
  const taken: string[] = []
  let units = 0
  for (let top = stack.at(-1); top !== undefined && taken.length < LIST_FOLDERS; top = stack.at(-1)) {
    units += top.length
    if (units > PATHS_UNITS && taken.length > 0) break
    taken.push(top)
    stack.pop()
  }
  return taken
}

async function* listed(
  options: WalkOptions,
  folders: string[],
  seen: SeenFiles,
  stack: string[],
): AsyncGenerator<WalkedPage, void, void> {
  const { verbs, signal } = options
  let asked = folders
  /** The folder that the last page ended in and its files so far: a listing dies with the guard, and is begun again with that folder. */
  let place = 0
  let given = new Set<string>()
  let next: string | undefined
  let isAgain = false
  for (let tries = 1; !signal.aborted; ) {
    let page: Awaited<ReturnType<FileVerbs['list']>>
    try {
      page = await verbs.list(next ?? asked)
    } catch (error) {
      if (!isPassing(error) || tries >= mostTries) throw error
      await restAfter(tries, signal)
      tries += 1
      next = undefined
      asked = asked.slice(place)
      place = 0
      isAgain = true
      continue
    }
    const read = readPage(
      new EntryPage(page.entries),
      asked,
      options.pruned,
      seen,
      isAgain ? given : undefined,
    )
    stack.push(...read.folders)
    yield read.walked
    if (page.next === undefined) return
    next = page.next
    if (read.lastPlace !== place) {
      given = new Set()
      isAgain = false
    }
    place = read.lastPlace
    for (const id of read.idsOfLast()) given.add(id)
  }
}

function readPage(
  page: EntryPage,
  asked: readonly string[],
  pruned: (path: string) => boolean,
  seen: SeenFiles,
  given: ReadonlySet<string> | undefined,
) {
  const { words } = page
  const files: number[] = []
  const prefixes: string[] = []
  const folders: string[] = []
  const unreadableFolders: string[] = []
  let folder = ''
  let prefix = ''
  let lastPlace = 0
  let lastFrom = 0
  for (let kind = page.next(); kind !== undefined; kind = page.next()) {
    if (kind === 'begins') {
      lastPlace = page.value
      lastFrom = files.length
      folder = asked[lastPlace] ?? ''
      if (folder === '') throw new VerbError('malformed', 'A page tells of a folder that was not asked for.')
      prefix = folder.endsWith('/') ? folder : `${folder}/`
    } else if (kind === 'failed') {
      // Gone since it was listed, or replaced by something else: there is nothing below it.
      if (page.failure === 'unreadable') unreadableFolders.push(folder)
    } else if (kind === 'file') {
      const at = page.stateAt
      // Only one with several names can have been seen.
      if (page.links >= 2 && !seen.add(words, at)) continue
      if (given !== undefined && lastPlace === 0 && given.has(EntryPage.id(words, at))) continue
      files.push(at)
      prefixes.push(prefix)
    } else {
      const path = prefix + page.nameOf(page.stateAt)
      // The same folder by another name is a bind mount, or one root below another.
      if (!pruned(path) && seen.add(words, page.stateAt)) folders.push(path)
    }
  }
  const path = (place: number) => `${prefixes[place]}${page.nameOf(files[place] as number)}`
  return {
    walked: { words, files, path, unreadableFolders } satisfies WalkedPage,
    folders,
    lastPlace,
    idsOfLast: () => files.slice(lastFrom).map((at) => EntryPage.id(words, at)),
  }
}

function onlyFile(path: string, state: Uint32Array): WalkedPage {
  return { words: state, files: [0], path: () => path, unreadableFolders: [] }
}

/** The state of a file by what a verb told of it. */
export function stateOfIdentity(identity: FileIdentity): Uint32Array {
  const { device, inode, size, mtimeNs, ctimeNs } = identity
  return stateOf({
    dev: BigInt(device),
    ino: BigInt(inode),
    size: BigInt(size),
    mtimeNs: BigInt(mtimeNs),
    ctimeNs: BigInt(ctimeNs),
  })
}

/** Devices and inodes. */
class SeenFiles {
  readonly #devices = new Map<number, Set<number | bigint>>()

  /** Notes the one whose state begins at `at`; false when it was noted before. */
  add(words: Uint32Array, at: number): boolean {
    const [low, high] = [words[at + 1] as number, words[at + 2] as number]
    // Exact to 53 bits; few file systems have larger inodes.
    const inode = high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low)
    const device = words[at] as number
    const inodes = this.#devices.get(device) ?? new Set()
    if (inodes.size === 0) this.#devices.set(device, inodes)
    const before = inodes.size
    return inodes.add(inode).size > before
  }
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

/** Whether it is not this path that fails but the way to all of them. */
function isLost(error: VerbError): boolean {
  return ['guard-gone', 'scanner-gone', 'time-out', 'malformed', 'cancelled'].includes(error.code)
}
