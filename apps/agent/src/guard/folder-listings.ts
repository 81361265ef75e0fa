/**
 * Folders listed page by page: between two pages the folder stays open here, and the caller holds a ticket for it. How many may be
 * open is bounded; the one that rested longest is dropped.
 */
import { randomUUID } from 'node:crypto'
import { type BigIntStats, type Dir, lstatSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { pathFromBytes } from '@coreward/host'
import type { FileKind, FolderEntry, FolderPage } from '../verbs/file-facts.ts'
import { PAGE_BYTES } from '../verbs/guard-contract.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { pathError } from './open-file.ts'
import { type OpenFolder, openFolder } from './open-folder.ts'

/** Listings open at once: a walk has one for each level of depth it stands in, at worst. */
const MAX_OPEN = 256

interface Listing {
  readonly path: string
  readonly folder: OpenFolder
  readonly entries: Dir
}

export class FolderListings {
  readonly #open = new Map<string, Listing>()

  /** As FileVerbs.list. */
  async page(path: string, ticket?: string): Promise<FolderPage> {
    const listing = ticket === undefined ? await open(path) : this.#take(path, ticket)
    try {
      const { entries, more } = await readPage(listing)
      if (!more) {
        close(listing)
        return { entries }
      }
      const next = randomUUID()
      this.#open.set(next, listing)
      this.#dropOldest()
      return { entries, next }
    } catch (error) {
      close(listing)
      throw pathError(path, error)
    }
  }

  /** Drops all. */
  close(): void {
    for (const listing of this.#open.values()) close(listing)
    this.#open.clear()
  }

  #take(path: string, ticket: string): Listing {
    const listing = this.#open.get(ticket)
    if (listing === undefined || listing.path !== path) {
      throw new VerbError(
        'listing-expired',
        'The listing was dropped; list the folder again from its beginning.',
      )
    }
    this.#open.delete(ticket)
    return listing
  }

  #dropOldest(): void {
    const [oldest] = this.#open
    if (this.#open.size <= MAX_OPEN || oldest === undefined) return
    this.#open.delete(oldest[0])
    close(oldest[1])
  }
}

/** What an entry is. */
export function kindOf(status: BigIntStats): FileKind {
  if (status.isFile()) return 'file'
  if (status.isDirectory()) return 'folder'
  return status.isSymbolicLink() ? 'link' : 'other'
}

async function open(path: string): Promise<Listing> {
  const folder = openFolder(path)
  try {
    // Node's types know only text encodings here; it gives names as bytes all the same.
    const entries = await opendir(folder.entry(Buffer.from('.')), { encoding: 'buffer' as BufferEncoding })
    return { path, folder, entries }
  } catch (error) {
    folder[Symbol.dispose]()
    throw pathError(path, error)
  }
}

async function readPage({ folder, entries }: Listing): Promise<{ entries: FolderEntry[]; more: boolean }> {
  const page: FolderEntry[] = []
  for (let used = 0; used < PAGE_BYTES; ) {
    const next = await entries.read()
    if (next === null) return { entries: page, more: false }
    const name = next.name as unknown as Buffer
    const status = lstatSync(folder.entry(name), { bigint: true, throwIfNoEntry: false })
    if (status === undefined) continue
    const entry = {
      name: pathFromBytes(name),
      kind: kindOf(status),
      device: String(status.dev),
      inode: String(status.ino),
      size: Number(status.size),
      links: Number(status.nlink),
      mtimeNs: String(status.mtimeNs),
      ctimeNs: String(status.ctimeNs),
    }
    page.push(entry)
    used += Buffer.byteLength(JSON.stringify(entry)) + 1
  }
  return { entries: page, more: true }
}

function close({ folder, entries }: Listing): void {
  entries.closeSync()
  folder[Symbol.dispose]()
}
