/**
 * The sets on this host's disk: one in use, the one before it, and a note that says which is which. The note is what counts: it
 * changes in one step, after the file it names is whole. Files that it does not name are left over and are deleted.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DefinitionsSummary, Id, Sha256 } from '@coreward/contracts'
import { readTextIfExists, UNFINISHED_SUFFIX, writeDurably } from '@coreward/host'
import { z } from 'zod'

const AdditionsNote = z.object({ version: z.string(), since: z.array(Sha256) })
export type AdditionsNote = z.infer<typeof AdditionsNote>

const Note = z.object({
  current: DefinitionsSummary.nullable(),
  previous: DefinitionsSummary.nullable(),
  /** What is new in the current set since others; null when it is not known. */
  additions: AdditionsNote.nullable().default(null),
  /** The last assignment that was taken: its fleet and number. An older one of that fleet is a replay. */
  assignment: z.object({ fleetId: Id, sequence: z.int() }).nullable(),
})
export type Note = Readonly<z.infer<typeof Note>>

const empty: Note = { current: null, previous: null, additions: null, assignment: null }

export class DefinitionsStore {
  readonly #folder: string
  #note: Note = empty

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Reads the note, and deletes what it does not name and what a kill left half written. A damaged note counts as none: sets are fetched again. */
  static async open(folder: string): Promise<DefinitionsStore> {
    const store = new DefinitionsStore(folder)
    mkdirSync(store.#sets, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder)) if (name.endsWith(UNFINISHED_SUFFIX)) rmSync(join(folder, name))
    const text = await readTextIfExists(store.#noteFile)
    if (text !== undefined) store.#note = parse(text)
    store.#tidy()
    return store
  }

  get note(): Note {
    return this.#note
  }

  /** Where the file of the set with this SHA-256 is, or has to be put. */
  pathOf(sha256: string): string {
    return join(this.#sets, `${sha256}.definitions`)
  }

  /** The same for what is new in that set. */
  additionsPathOf(sha256: string): string {
    return join(this.#sets, `${sha256}.additions`)
  }

  /** Changes the note, durably, then deletes files that it does not name any more. Throws HostError; then nothing changed. */
  change(note: Partial<Note>): void {
    const changed = { ...this.#note, ...note }
    writeDurably(this.#noteFile, `${JSON.stringify(changed)}\n`)
    this.#note = changed
    this.#tidy()
  }

  get #sets(): string {
    return join(this.#folder, 'sets')
  }

  get #noteFile(): string {
    return join(this.#folder, 'sets.json')
  }

  #tidy(): void {
    const { current, previous, additions } = this.#note
    const named = [current, previous].map((set) => set && `${set.sha256}.definitions`)
    if (current !== null && additions !== null) named.push(`${current.sha256}.additions`)
    for (const name of readdirSync(this.#sets))
      if (!named.includes(name)) rmSync(join(this.#sets, name), { force: true })
  }
}

function parse(text: string): Note {
  try {
    return Note.parse(JSON.parse(text))
  } catch {
    return empty
  }
}
