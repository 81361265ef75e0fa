/**
 * Keeps what is new in the set in use: fetches it where files here were clean under an earlier set, has the scanner hold it beside the set, and
 * tells scans what it touches. Whatever goes wrong with it keeps no set from use: every file is read against the whole set then.
 */
import type { Reach } from '@coreward/definitions'
import type { Logger } from 'pino'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import { chooseAdditions, openAdditions } from './additions.ts'
import type { AdditionsNote, DefinitionsStore } from './definitions-store.ts'
import type { DownloadTarget } from './download-target.ts'

/** What is new in a set since others, as scans ask about it. */
export interface KnownAdditions extends AdditionsNote {
  readonly reach: Reach
}

export interface AdditionsDuties {
  readonly store: DefinitionsStore
  readonly verbs: Pick<FileVerbs, 'loadDefinitions'>
  readonly log: Logger
  /** How many files on this host are known to be clean under which sets, by SHA-256. */
  readonly cleanUnder: () => ReadonlyMap<string, number>
}

export class AdditionsKeeper {
  readonly #duties: AdditionsDuties

  constructor(duties: AdditionsDuties) {
    this.#duties = duties
  }

  /** Those of the set in use; undefined when they are not known, or not here. */
  ofCurrent(): KnownAdditions | undefined {
    const { store, log } = this.#duties
    const { current, additions } = store.note
    if (current === null || additions === null) return undefined
    try {
      return { ...additions, reach: openAdditions(store.additionsPathOf(current.sha256), additions.version) }
    } catch (error) {
      log.warn({ err: error }, 'what is new in the definitions cannot be read: every file is read')
      return undefined
    }
  }

  /** Fetches those of a set, if they are of use here. `custom` is what the publisher says of the set. Never rejects. */
  async fetch(
    sha256: string,
    custom: unknown,
    download: DownloadTarget | undefined,
  ): Promise<AdditionsNote | null> {
    const { store, log, cleanUnder } = this.#duties
    const chosen = chooseAdditions(custom, cleanUnder())
    if (chosen === undefined || download === undefined) return null
    const { target, version, since } = chosen
    try {
      const path = store.additionsPathOf(sha256)
      await download(target, path)
      openAdditions(path, version)
      return { version, since }
    } catch (error) {
      log.warn({ err: error, target }, 'what is new in the definitions was not fetched')
      return null
    }
  }

  /** Has the scanner use the set at `path`, with these unless it refuses them; which it uses. Rejects with VerbError. */
  async load(path: string, sha256: string, additions: AdditionsNote | null): Promise<AdditionsNote | null> {
    const { verbs, store, log } = this.#duties
    if (additions !== null) {
      try {
        await verbs.loadDefinitions(path, store.additionsPathOf(sha256))
        return additions
      } catch (error) {
        if (!isRefused(error)) throw error
        log.warn({ err: error }, 'the definitions are loaded without what is new in them')
      }
    }
    await verbs.loadDefinitions(path)
    return null
  }
}

/** What is wrong with a stored set, or with its file; anything else is wrong with the way to the scanner. */
const refusals: readonly string[] = ['definitions-refused', 'missing', 'permission', 'wrong-kind', 'failed']

/** Whether it is the set that fails, or its file, and not the way to the scanner. */
export function isRefused(error: unknown): error is VerbError {
  return error instanceof VerbError && refusals.includes(error.code)
}
