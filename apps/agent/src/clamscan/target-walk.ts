/**
 * The paths to scan, in the order in which stock clamscan comes to them: as the folders list them, folders entered where they
 * stand. It decides what is left out and says so; it opens no file.
 */
import { type BigIntStats, lstatSync, opendirSync, realpathSync, statSync } from 'node:fs'
import { pathFromBytes, pathToBytes, systemCode } from '@coreward/host'
import type { Orders, PathTest } from './command-line.ts'

/** A file to scan. */
export interface FileFound {
  /** As it is printed. */
  readonly path: string
  /** Where it lies when no link is slipped in meanwhile: absolute, without links. */
  readonly realPath: string
  /** Whether `path` is a link that is to be followed. */
  readonly linked: boolean
  readonly status: BigIntStats
}

/** One thing met on the way. */
export type Found =
  | ({ readonly kind: 'file' } & FileFound)
  | { readonly kind: 'stdin' }
  | { readonly kind: 'folder' }
  /** Nothing to scan here, and what to say of it; `failed` when it should have been scanned. */
  | { readonly kind: 'passed'; readonly path: string; readonly why: string; readonly failed?: boolean }
  /** It cannot be scanned: `fault` is the system's word, when the path itself is the trouble. */
  | { readonly kind: 'refused'; readonly path: string; readonly warning: string; readonly fault?: string }

/** Walks everything. Throws nothing: what goes wrong is in what it yields. */
export function* walkTargets(targets: Iterable<string>, orders: Orders): Generator<Found> {
  for (const target of targets) {
    if (target === '-' && orders.fileList === undefined) yield { kind: 'stdin' }
    else yield* walkTarget(target, orders)
  }
}

function* walkTarget(target: string, orders: Orders): Generator<Found> {
  // A slash at the end asks for a folder, through a link as well.
  let status = look(target, lstatSync)
  if (status instanceof Error) {
    yield { kind: 'refused', path: target, warning: "Can't access file", fault: systemWords(status) }
    return
  }
  const path = target.replace(/(?<=.)\/+$/, '')
  const linked = status.isSymbolicLink()
  if (linked) {
    const behind = look(path, statSync)
    if (behind instanceof Error) {
      // Stock says nothing of it and ends with 0, though it was asked to scan it.
      if (!orders.asStock)
        yield { kind: 'refused', path, warning: "Can't access file", fault: systemWords(behind) }
      return
    }
    const follow = behind.isDirectory() ? orders.followFolders : orders.followFiles
    if (follow === 0) {
      yield { kind: 'passed', path, why: 'Symbolic link' }
      return
    }
    status = behind
  }
  const place = { path, realPath: realPathOf(path), linked, status }
  if (status.isDirectory()) yield* walkFolder(place, [], orders)
  else if (status.isFile()) yield judgeFile(place, orders)
  else yield { kind: 'refused', path, warning: 'Not supported file type' }
}

/** `above`: the folders this one lies in, the one where the walk began first. */
function* walkFolder(
  { path, realPath, status }: FileFound,
  above: readonly BigIntStats[],
  orders: Orders,
): Generator<Found> {
  if (isExcluded(path, orders.excludeFolder, orders.includeFolder)) {
    yield { kind: 'passed', path, why: 'Excluded' }
    return
  }
  if (above.length >= orders.mostFolders) {
    const why = `folders are nested deeper than ${orders.mostFolders} (too-deep) ERROR`
    if (!orders.asStock) yield { kind: 'passed', path, why, failed: true }
    return
  }
  const names = namesIn(path)
  if (names === undefined) {
    yield { kind: 'passed', path, why: "Can't open directory.", failed: true }
    return
  }
  yield { kind: 'folder' }
  const below = (folder: string, name: string) => `${folder === '/' ? '' : folder}/${name}`
  for (const name of names)
    yield* walkEntry(below(path, name), below(realPath, name), [...above, status], orders)
}

function* walkEntry(
  path: string,
  straightPath: string,
  above: readonly BigIntStats[],
  orders: Orders,
): Generator<Found> {
  let status = look(path, lstatSync)
  // It went away after it was listed.
  if (status instanceof Error) return
  const linked = status.isSymbolicLink()
  if (linked) {
    const target = orders.followFolders === 2 || orders.followFiles === 2 ? look(path, statSync) : undefined
    if (target instanceof Error) return
    const follow = target?.isDirectory() ? orders.followFolders : orders.followFiles
    if (target === undefined || follow !== 2 || above.some((folder) => isSame(folder, target))) {
      yield { kind: 'passed', path, why: 'Symbolic link' }
      return
    }
    status = target
  }
  const place = { path, realPath: linked ? realPathOf(path) : straightPath, linked, status }
  if (status.isFile()) yield judgeFile(place, orders)
  else if (status.isDirectory() && orders.recursive) {
    if (!orders.crossFileSystems && !linked && status.dev !== above[0]?.dev)
      yield { kind: 'passed', path, why: 'Excluded' }
    else yield* walkFolder(place, above, orders)
  }
}

function judgeFile(file: FileFound, orders: Orders): Found {
  const { path, realPath, status } = file
  // Files are judged by their path without links, folders as they are named: so does stock.
  if (isExcluded(realPath, orders.exclude, orders.include)) return { kind: 'passed', path, why: 'Excluded' }
  if (status.dev === processFiles()) return { kind: 'passed', path, why: 'Excluded (/proc)' }
  if (status.size === 0n) return { kind: 'passed', path, why: 'Empty file' }
  return { kind: 'file', ...file }
}

function isExcluded(path: string, exclude: readonly PathTest[], include: readonly PathTest[]): boolean {
  if (exclude.some((matches) => matches(path))) return true
  return include.length > 0 && !include.some((matches) => matches(path))
}

/** The path itself when the system cannot tell. */
function realPathOf(path: string): string {
  try {
    return pathFromBytes(realpathSync.native(pathToBytes(path), { encoding: 'buffer' }))
  } catch {
    return path
  }
}

/** As the system lists them, not sorted; undefined when it refuses. */
function namesIn(path: string): string[] | undefined {
  try {
    using folder = opendirSync(pathToBytes(path), { encoding: 'buffer' as BufferEncoding })
    const names: string[] = []
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync())
      names.push(pathFromBytes(entry.name as unknown as Buffer))
    return names
  } catch {
    return undefined
  }
}

function processFiles(): bigint | undefined {
  const status = look('/proc', statSync)
  return status instanceof Error ? undefined : status.dev
}

function look(
  path: string,
  how: (path: Buffer, options: { bigint: true }) => BigIntStats,
): BigIntStats | NodeJS.ErrnoException {
  try {
    return how(pathToBytes(path), { bigint: true })
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}

/** The system's words for an error, as its C library writes them. */
function systemWords(error: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    ENOTDIR: 'Not a directory',
    ELOOP: 'Too many levels of symbolic links',
    ENAMETOOLONG: 'File name too long',
  }
  return words[systemCode(error) ?? ''] ?? error.message
}
