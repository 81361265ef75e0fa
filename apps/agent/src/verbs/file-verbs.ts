/**
 * The contract between the daemon and whoever touches files for it. The daemon has one `FileVerbs` and does not know whether
 * it ends in the guard (guard-client.ts: started by root) or in this process (guard/local-verbs.ts: started by an ordinary
 * user). The daemon never reads a scanned file itself.
 */
import type { Limits, ScanResult } from '@coreward/engine'
import type { FileIdentity, FileStatus } from './file-facts.ts'
import type { QuarantineItem, QuarantineReason, RestoredFile } from './quarantine-item.ts'
import type { Against } from './scan-answer.ts'
import type { VerbsHealth } from './verbs-health.ts'

export interface ScanVerbOptions {
  /** Overrides of the engine's limits for this file. */
  readonly limits?: Partial<Limits> | undefined
  /** Passwords to try on encrypted archives; the engine's own few when absent. */
  readonly passwords?: readonly string[] | undefined
  /** Which signatures are looked for; the result's `definitionsVersion` tells which they were. All when absent. */
  readonly against?: Against | undefined
  /** Ends the scan early; its result is then unscanned, `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

export interface ScanAnswer {
  readonly result: ScanResult
  /** The file that was scanned; null when it could not be opened. */
  readonly identity: FileIdentity | null
}

/** Folders that are listed together. */
export const LIST_FOLDERS = 128

export interface FolderPage {
  /** As in entry-page.ts. */
  readonly entries: Uint8Array
  /** The ticket; absent when everything was told. */
  readonly next?: string | undefined
}

/** Told of the file at a place among those that were asked for. */
export type OnAnswer = (place: number, answer: ScanAnswer) => void

/** Characters of the paths in one request: escaped in JSON they fit in a message. */
export const PATHS_UNITS = 8192

/** What the scanner says of definitions it now uses. */
export interface LoadedDefinitions {
  readonly version: string
  /** RFC 3339. */
  readonly createdAt: string
}

/** Every verb rejects with VerbError only. All may be called at once; see `MAX_OUTSTANDING` in channel.ts for how often. */
export interface FileVerbs {
  /**
   * What is in up to LIST_FOLDERS folders whose paths have PATHS_UNITS characters or fewer together: a page, and a ticket to ask the
   * next one with. Links are not followed; a folder that cannot be listed is told of in the page. Errors: listing-expired.
   */
  list(what: readonly string[] | string): Promise<FolderPage>
  /** A path's own facts, or null when nothing is there. Errors: permission. */
  stat(path: string): Promise<FileStatus | null>
  /**
   * The paths of the executables and libraries that running processes have mapped, each once, as far as this user may know.
   * Paths may have been deleted or replaced since.
   */
  runningFiles(): Promise<readonly string[]>
  /**
   * Scans up to SCAN_FILES files whose paths have PATHS_UNITS characters or fewer together; tells of each as its answer comes, once. A
   * link, a vanished or unreadable file, or one that is not regular is `unscanned` in the result.
   * Errors: no-definitions, busy, scanner-gone, guard-gone; files without an answer were not scanned, or were when the scanner was lost.
   */
  scan(paths: readonly string[], options: ScanVerbOptions, onAnswer: OnAnswer): Promise<void>
  /**
   * Moves a file into quarantine if it still is what was scanned. After it resolves the original is gone and the item is
   * durable; after any error the original is in its place.
   * Errors: missing, permission, wrong-kind, changed, disk-full.
   */
  quarantine(path: string, reason: QuarantineReason): Promise<QuarantineItem>
  /** All items, oldest first. */
  quarantined(): Promise<readonly QuarantineItem[]>
  /**
   * Scans an item's content as it would be restored. `identity` of the answer is null.
   * Errors: quarantine-unknown, quarantine-damaged, no-definitions, scanner-gone, disk-full.
   */
  scanQuarantined(id: string, options?: ScanVerbOptions): Promise<ScanAnswer>
  /**
   * Puts a file back, with owner, mode, times and extended attributes, under its own path or `to`, in one step, and forgets the item.
   * It is not scanned: that is the caller's decision.
   * Errors: quarantine-unknown, quarantine-damaged, exists, missing (the folder), permission, disk-full.
   */
  restore(id: string, options?: { readonly to?: string; readonly overwrite?: boolean }): Promise<RestoredFile>
  /** Deletes an item for good. Errors: quarantine-unknown. */
  remove(id: string): Promise<void>
  /**
   * Has the scanner use the compiled definitions in this file from now on, and the additions in another one. Scans in flight end with the former set.
   * Errors: missing, permission, definitions-refused, scanner-gone.
   */
  loadDefinitions(path: string, additions?: string): Promise<LoadedDefinitions>
  /** How the processes behind the verbs are. Never waits for one that is gone. */
  health(): Promise<VerbsHealth>
  /** Ends the connections. Requests under way fail with guard-gone or scanner-gone. */
  [Symbol.asyncDispose](): Promise<void>
}
