/**
 * The files that were found clean, by their identity, so that an unchanged file need not be read again. An entry holds for one
 * state of a file (device, inode, size, both times to the nanosecond) under one set of definitions and limits, and for nothing
 * else. They are in memory while a scan uses them, and in a file between scans. Losing entries costs time only: so the file is
 * written now and then, and a damaged one counts for nothing.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { systemCode, writeDurably } from '@coreward/host'
import type { Logger } from 'pino'
import { CleanTable } from './clean-table.ts'

/** What a scan asks and tells, until it disposes of it. */
export interface CleanFiles extends Disposable {
  /** Whether the state that begins at `at` is known. */
  isKnown(words: Uint32Array, at: number): boolean
  /** The state was found clean. `openedAt`: when at the earliest the file was opened for that, in milliseconds since 1970. */
  remember(state: Uint32Array, openedAt: number): void
}

/** Some 70 MB of disk; past it nothing more is remembered until the definitions change. */
const MOST = 2_000_000
/**
 * The file is written at a scan's end, and within a long one when so many entries, and a quarter of all, are new: a kill loses them.
 */
const BATCH = 50_000
/**
 * A file that was changed so shortly before it was opened, in milliseconds, might be changed again within the same tick of the clock
 * that its times are taken from, and look the same.
 */
const SETTLED = 2_000

interface Kept {
  readonly basis: Buffer
  readonly table: CleanTable
  /** Scans that use it. */
  users: number
  /** New entries that are not in the file. */
  unwritten: number
}

export class KnownClean {
  readonly #path: string
  readonly #log: Logger
  readonly #settled: number
  #kept: Kept | undefined

  /** Keeps its file at `path`. */
  constructor(path: string, log: Logger, settledMilliseconds = SETTLED) {
    this.#path = path
    this.#log = log
    this.#settled = settledMilliseconds
  }

  /**
   * What is known on this basis: definitions, limits and program, as one text. Another basis than the last forgets everything. `fresh`:
   * nothing counts as known, but what is found clean is remembered. Never throws: without its file every file is read.
   */
  on(basis: string, fresh: boolean): CleanFiles {
    const kept = this.#keep(createHash('sha256').update(basis).digest())
    kept.users += 1
    const isCurrent = () => this.#kept === kept
    return {
      isKnown: (words, at) => !fresh && isCurrent() && kept.table.has(words, at),
      remember: (state, openedAt) => {
        if (!isCurrent() || openedAt - changedAt(state) < this.#settled || kept.table.count >= MOST) return
        kept.table.put(state)
        kept.unwritten += 1
        if (kept.unwritten >= Math.max(BATCH, kept.table.count / 4)) this.#write(kept)
      },
      [Symbol.dispose]: () => {
        kept.users -= 1
        if (!isCurrent() || kept.users > 0) return
        this.#write(kept)
        // A host scans for an hour a day: the memory is others' meanwhile.
        this.#kept = undefined
      },
    }
  }

  #keep(basis: Buffer): Kept {
    if (this.#kept?.basis.equals(basis) !== true) {
      this.#kept = { basis, table: this.#read(basis) ?? new CleanTable(), users: 0, unwritten: 0 }
    }
    return this.#kept as Kept
  }

  #read(basis: Buffer): CleanTable | undefined {
    try {
      return CleanTable.decode(readFileSync(this.#path), basis)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        this.#log.warn({ err: error }, 'known clean files are not known: every file is read')
      return undefined
    }
  }

  #write(kept: Kept): void {
    if (kept.unwritten === 0) return
    kept.unwritten = 0
    try {
      writeDurably(this.#path, kept.table.encode(kept.basis))
    } catch (error) {
      this.#log.warn({ err: error }, 'known clean files are not kept: they are read again by the next scan')
    }
  }
}

/** A state's change time, in milliseconds since 1970 (packages/host folder-reader.ts). */
function changedAt(state: Uint32Array): number {
  const [low, high] = [state[7] as number, state[8] as number]
  const seconds = (low >>> 30) + high * 4
  return seconds * 1000 + (low & 0x3fffffff) / 1e6
}
