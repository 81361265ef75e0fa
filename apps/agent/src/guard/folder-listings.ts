/**
 * Folders listed page by page: between two pages the folder that is not at its end stays open here, and the caller holds a ticket for
 * it. How many may be open is bounded; the one that rested longest is dropped.
 */
import { randomUUID } from 'node:crypto'
import { FolderReader, HostError } from '@coreward/host'
import { EntryPageWriter } from '../verbs/entry-page.ts'
import type { FolderPage } from '../verbs/file-verbs.ts'
import { VerbError } from '../verbs/verb-error.ts'
import { type OpenFolder, openFolder } from './open-folder.ts'

/** Listings open at once: each scan has two, one of them for its totals. */
const MAX_OPEN = 64

interface Listing {
  readonly folders: readonly string[]
  readonly reader: FolderReader
  /** The place of the folder that is being listed, or of the next one. */
  place: number
  folder: OpenFolder | undefined
  /** The reader stands at an entry that did not fit in the last page. */
  isWaiting: boolean
}

export class FolderListings {
  readonly #open = new Map<string, Listing>()
  /** Of a listing that ended, for the next. */
  #reader: FolderReader | undefined

  /** As FileVerbs.list. */
  page(what: readonly string[] | string): FolderPage {
    const listing = typeof what === 'string' ? this.#take(what) : this.#begin(what)
    const page = new EntryPageWriter()
    if (fill(page, listing)) {
      this.#reader = listing.reader
      return { entries: page.bytes() }
    }
    const next = randomUUID()
    this.#open.set(next, listing)
    this.#dropOldest()
    return { entries: page.bytes(), next }
  }

  /** Drops all. */
  close(): void {
    for (const listing of this.#open.values()) close(listing)
    this.#open.clear()
  }

  #begin(folders: readonly string[]): Listing {
    const reader = this.#reader ?? new FolderReader()
    this.#reader = undefined
    return { folders, reader, place: 0, folder: undefined, isWaiting: false }
  }

  #take(ticket: string): Listing {
    const listing = this.#open.get(ticket)
    if (listing === undefined) {
      const text = 'The listing was dropped; list the folders again from their beginning.'
      throw new VerbError('listing-expired', text)
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

/** Writes as much as fits; true when everything is told. */
function fill(page: EntryPageWriter, listing: Listing): boolean {
  for (; listing.place < listing.folders.length; listing.place += 1) {
    if (!page.begin(listing.place)) return false
    try {
      if (!fillFrom(page, listing)) return false
    } catch (error) {
      page.fail(failureOf(error))
    }
    close(listing)
  }
  return true
}

/** Writes the entries of the folder that the listing stands at; false when there is more. Throws VerbError, HostError. */
function fillFrom(page: EntryPageWriter, listing: Listing): boolean {
  const { reader, folders, place } = listing
  if (listing.folder === undefined) {
    listing.folder = openFolder(folders[place] as string)
    reader.begin(listing.folder.fd)
  }
  while (listing.isWaiting || reader.next()) {
    listing.isWaiting = !page.add(reader)
    if (listing.isWaiting) return false
  }
  return true
}

function close(listing: Listing): void {
  listing.folder?.[Symbol.dispose]()
  listing.folder = undefined
  listing.isWaiting = false
}

function failureOf(error: unknown): 'gone' | 'unreadable' {
  if (!(error instanceof VerbError) && !(error instanceof HostError)) throw error
  return error.code === 'missing' || error.code === 'wrong-kind' ? 'gone' : 'unreadable'
}
