/**
 * The files that the scanner process died of, so that none of them kills it again. An entry holds for one state of a file under
 * one set of definitions, limits and program: with any other the file is tried anew. Entries are few, and each is written at once; a file
 * that cannot be read or written costs two deaths of the scanner more, and nothing else.
 */
import { readFileSync } from 'node:fs'
import { STATE_WORDS, systemCode, writeDurably } from '@coreward/host'
import type { Logger } from 'pino'
import { z } from 'zod'

/** Far more than a host with one bad program of ours meets; the oldest makes room. */
const MOST = 1000

const Kept = z.strictObject({ basis: z.string(), states: z.array(z.string()).max(MOST) })

export class FatalFiles {
  readonly #path: string
  readonly #log: Logger
  #basis: string
  #states: Set<string>

  /** Keeps its file at `path`. Never throws. */
  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
    const kept = this.#read()
    this.#basis = kept?.basis ?? ''
    this.#states = new Set(kept?.states)
  }

  /** Whether a scanner died of the state that begins at `at`, on this basis. */
  has(basis: string, words: Uint32Array, at: number): boolean {
    // Nearly always: no key is made for each file of a host.
    if (this.#states.size === 0 || basis !== this.#basis) return false
    return this.#states.has(keyOf(words, at))
  }

  /** A scanner died of this state. Entries on another basis are forgotten. */
  add(basis: string, state: Uint32Array): void {
    if (basis !== this.#basis) this.#states.clear()
    this.#basis = basis
    this.#states.add(keyOf(state, 0))
    const [oldest] = this.#states
    if (oldest !== undefined && this.#states.size > MOST) this.#states.delete(oldest)
    try {
      writeDurably(this.#path, JSON.stringify({ basis, states: [...this.#states] }))
    } catch (error) {
      this.#log.warn(
        { err: error },
        'a file that the scanner died of is not kept: it is tried again after a restart',
      )
    }
  }

  #read(): z.infer<typeof Kept> | undefined {
    try {
      return Kept.parse(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        this.#log.warn(
          { err: error },
          'the files that the scanner died of are not known: they are tried again',
        )
      return undefined
    }
  }
}

function keyOf(words: Uint32Array, at: number): string {
  return words.subarray(at, at + STATE_WORDS).join(' ')
}
