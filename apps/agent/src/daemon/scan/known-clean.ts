/**
 * The files that were found clean, by their identity, so that an unchanged file need not be read again. An entry holds for one
 * state of a file (device, inode, size, both times to the nanosecond) under one set of definitions and limits, and for nothing
 * else; when signatures were added, it is what the additions are asked about. Entries are in memory while a scan uses them, and in a file
 * between scans. Losing them costs time only: so the file is written now and then, and a damaged one counts for nothing.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { Reach, Rereading } from '@coreward/definitions'
import type { Surface } from '@coreward/engine'
import { systemCode, writeDurably } from '@coreward/host'
import type { Logger } from 'pino'
import { z } from 'zod'
import { EntryPage } from '../../verbs/entry-page.ts'
import { BASES_MAX, basisIn, bitsIn, hashIn, NOTE_WORDS, noteOf, onBasis } from './clean-note.ts'
import { CleanTable, HEAD_MAX_BYTES, headIn } from './clean-table.ts'

/** What a verdict rests on. */
export interface CleanBasis {
  /** SHA-256 of the definitions. */
  readonly definitions: string
  /** Limits and program, as one text. */
  readonly rest: string
  /** What is new in the definitions; undefined when that is not known. Asked only where there are entries on another basis. */
  readonly additions: () => KnownAdditions | undefined
}

/** What is new in a set since each of some others. */
export interface KnownAdditions {
  /** The version that the scanner tells for verdicts of these alone. */
  readonly version: string
  /** SHA-256 of those sets. */
  readonly since: readonly string[]
  readonly reach: Reach
}

/**
 * known: clean on this basis. answered: it was clean on another one, and nothing that is new could be found in it. added: it is to be
 * read against the additions. unknown: it is to be read against everything.
 */
export type Standing = 'known' | 'answered' | 'added' | 'unknown'

/** What a scan asks and tells, until it disposes of it. */
export interface CleanFiles extends Disposable {
  /** The version of the additions that files are `added` for; undefined when none are. */
  readonly additionsVersion: string | undefined
  /** What is known of the state that begins at `at`. One that is answered is known from then on. */
  standing(words: Uint32Array, at: number): Standing
  /** The state was found clean. `openedAt`: when at the earliest the file was opened for that, in milliseconds since 1970. */
  remember(state: Uint32Array, openedAt: number, surface: Surface | undefined): void
  /** The state was clean against the additions; false when that does not make it clean, since it is none that was clean before. */
  carry(state: Uint32Array): boolean
}

/** Some 130 MB of disk; past it nothing more is remembered. */
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

/** The number of the basis that counts. */
const CURRENT = 0

const Head = z.strictObject({
  rest: z.string(),
  /** Definitions by their numbers: at first those of the last scan. */
  definitions: z.array(z.string()).min(1).max(BASES_MAX),
  /** How many entries rest on each. */
  entries: z.array(z.int()),
})
type Head = z.infer<typeof Head>

interface Kept {
  readonly head: Head
  readonly table: CleanTable
  readonly additions: KnownAdditions | undefined
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
   * How many entries rest on which definitions, by their SHA-256: to choose additions by. A hint, read from the file's head without a check of
   * the rest.
   */
  get cleanUnder(): ReadonlyMap<string, number> {
    if (this.#kept !== undefined) return entriesOf(headNow(this.#kept))
    try {
      const fd = openSync(this.#path, 'r')
      try {
        const bytes = new Uint8Array(2 * HEAD_MAX_BYTES)
        return entriesOf(headOf(headIn(bytes.subarray(0, readSync(fd, bytes)))))
      } finally {
        closeSync(fd)
      }
    } catch {
      return new Map()
    }
  }

  /**
   * What is known on this basis. On another one than the last, only what is carried over to it by its additions. `fresh`: nothing counts
   * as known, but what is found clean is remembered. Never throws: without its file every file is read.
   */
  on(basis: CleanBasis, fresh: boolean): CleanFiles {
    const kept = this.#keep(basis)
    kept.users += 1
    const isCurrent = () => this.#kept === kept
    const { table } = kept
    const rereading = (number: number, size: number): Rereading =>
      kept.additions?.reach.rereading(touchedFile(table, number, size)) ?? 'whole'
    const noteNews = () => {
      kept.unwritten += 1
      if (kept.unwritten >= Math.max(BATCH, table.count / 4)) this.#write(kept)
    }
    const moveToCurrent = (number: number) => {
      const at = number * NOTE_WORDS
      table.notes[at] = onBasis(table.notes[at] as number, CURRENT)
      noteNews()
    }
    return {
      additionsVersion: kept.additions?.version,
      standing(words, at) {
        if (fresh || !isCurrent()) return 'unknown'
        const number = table.find(words, at)
        if (number === -1) return 'unknown'
        if (basisIn(table.notes[number * NOTE_WORDS] as number) === CURRENT) return 'known'
        const asked = rereading(number, EntryPage.size(words, at))
        if (asked === 'additions') return 'added'
        if (asked === 'whole') return 'unknown'
        moveToCurrent(number)
        return 'answered'
      },
      remember: (state, openedAt, surface) => {
        if (!isCurrent() || openedAt - changedAt(state) < this.#settled || table.count >= MOST) return
        table.put(state, noteOf(surface, CURRENT))
        noteNews()
      },
      carry(state) {
        if (!isCurrent() || kept.additions === undefined) return false
        const number = table.find(state, 0)
        if (number === -1) return false
        if (basisIn(table.notes[number * NOTE_WORDS] as number) === CURRENT) return true
        // It may have taken the place of the one that was asked about.
        if (rereading(number, EntryPage.size(state, 0)) === 'whole') return false
        moveToCurrent(number)
        return true
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

  #keep(basis: CleanBasis): Kept {
    const before = this.#kept?.head
    if (
      this.#kept === undefined ||
      before?.rest !== basis.rest ||
      before.definitions[CURRENT] !== basis.definitions
    )
      this.#kept = this.#carried(this.#kept ?? this.#read(), basis)
    return this.#kept
  }

  /** What of a table holds on this basis, or is what its additions are asked about. */
  #carried(read: { readonly head: Head; readonly table: CleanTable } | undefined, basis: CleanBasis): Kept {
    const { rest, definitions } = basis
    const fresh = { additions: undefined, users: 0, unwritten: 0 }
    if (read === undefined || read.head.rest !== rest)
      return { ...fresh, head: { rest, definitions: [definitions], entries: [] }, table: new CleanTable() }
    const others = read.head.definitions.filter((sha256) => sha256 !== definitions)
    const additions = others.length === 0 ? undefined : basis.additions()
    const carried = others.filter((sha256) => additions?.since.includes(sha256))
    const kept = [definitions, ...carried.slice(0, BASES_MAX - 1)]
    const numbers = read.head.definitions.map((sha256) =>
      kept.includes(sha256) ? kept.indexOf(sha256) : undefined,
    )
    const table = read.table.renumbered(numbers)
    return { ...fresh, head: { rest, definitions: kept, entries: [] }, table, additions }
  }

  #read(): { readonly head: Head; readonly table: CleanTable } | undefined {
    try {
      const read = CleanTable.decode(readFileSync(this.#path))
      const head = headOf(read?.head)
      return read === undefined || head === undefined ? undefined : { head, table: read.table }
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
      writeDurably(this.#path, kept.table.encode(JSON.stringify(headNow(kept))))
    } catch (error) {
      this.#log.warn({ err: error }, 'known clean files are not kept: they are read again by the next scan')
    }
  }
}

function touchedFile(table: CleanTable, number: number, size: number) {
  const at = number * NOTE_WORDS
  const { notes } = table
  return {
    size,
    bits: bitsIn(notes[at] as number),
    hash: (algorithm: Parameters<typeof hashIn>[2]) => hashIn(notes, at, algorithm),
  }
}

function headNow({ head, table }: Kept): Head {
  return { ...head, entries: table.countByBasis(head.definitions.length) }
}

function entriesOf(head: Head | undefined): ReadonlyMap<string, number> {
  const entries = (head?.definitions ?? []).map(
    (sha256, index) => [sha256, head?.entries[index] ?? 0] as const,
  )
  return new Map(entries.filter(([, count]) => count > 0))
}

function headOf(text: string | undefined): Head | undefined {
  try {
    return text === undefined ? undefined : Head.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A state's change time, in milliseconds since 1970 (packages/host folder-reader.ts). */
function changedAt(state: Uint32Array): number {
  const [low, high] = [state[7] as number, state[8] as number]
  const seconds = (low >>> 30) + high * 4
  return seconds * 1000 + (low & 0x3fffffff) / 1e6
}
