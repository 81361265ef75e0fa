/**
 * A scanned file by its open descriptor, and its name in its folder, held open too. Whatever is done goes through these two, so
 * a link or another file slipped in under the path diverts nothing.
 */
import { type BigIntStats, fstatSync, lstatSync, readlinkSync } from 'node:fs'
import { pathFromBytes, pathToBytes } from '@coreward/host'

/** The file that was scanned, still open. */
export interface InfectedFile {
  /** As it was named or met. */
  readonly path: string
  /** Where it lay when it was met: absolute, without links. */
  readonly realPath: string
  readonly fd: number
  /** As it was when it was opened for the scan. */
  readonly status: BigIntStats
}

/** A folder held open; its entries' paths, as bytes, are valid as long. */
export interface HeldFolder extends Disposable {
  readonly fd: number
  entry(name: Uint8Array): Buffer
}

/** Opens a folder, refusing a path with a link in it. */
export type OpenFolder = (path: string) => HeldFolder

/** An infected file where it lies. */
export interface HeldFile extends Disposable {
  readonly fd: number
  readonly folder: HeldFolder
  readonly name: string
  /** The path of its name, through the held folder. */
  readonly entry: Buffer
  /** Throws unless its name still stands for it and its content is what was scanned. */
  assertSame(): void
}

/** Holds the file in its folder. Throws when it is not there any more, or not the same. */
export function holdFile(file: InfectedFile, openFolder: OpenFolder): HeldFile {
  const path = pathFromBytes(readlinkSync(`/proc/self/fd/${file.fd}`, { encoding: 'buffer' }))
  // A link slipped in under a folder on the way leads to files that nobody named.
  if (path !== file.realPath) throw new Error(`it lies elsewhere now: ${path}`)
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  const folder = openFolder(path.slice(0, slash) || '/')
  const entry = folder.entry(pathToBytes(name))
  const held = {
    fd: file.fd,
    folder,
    name,
    entry,
    assertSame() {
      const open = fstatSync(file.fd, { bigint: true })
      if (!isSameFile(lstatSync(entry, { bigint: true }), open))
        throw new Error('another file stands there now')
      if (open.size !== file.status.size || open.mtimeNs !== file.status.mtimeNs)
        throw new Error('it has changed since it was scanned')
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
  try {
    held.assertSame()
    return held
  } catch (error) {
    folder[Symbol.dispose]()
    throw error
  }
}

/** Whether two statuses are of one file, whatever its names. */
export function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino
}
