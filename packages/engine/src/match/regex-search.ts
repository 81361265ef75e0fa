/**
 * Regular expressions over one content. Compiled when first wanted and kept in a small cache; the content is read into the
 * library's memory when the first is tried, once, and only as much of it as a confined expression sees when it is large.
 */
import {
  DefinitionsError,
  openRegexLibrary,
  type Regex,
  RegexError,
  type RegexLibrary,
} from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'

/** ClamAV's PCREMaxFileSize. What an expression sees lies in memory whole; above this it is not tried, and the content not clean. */
const SUBJECT_MAX_BYTES = 100 * 1024 * 1024

/** Read at a time. */
const BLOCK_BYTES = 256 * 1024

/** Compiled expressions kept: some thousand of those that signatures have. */
const CACHE_MAX_BYTES = 1024 * 1024

/** A library that has grown beyond this is dropped with its content: its memory never shrinks. */
const MEMORY_KEPT_BYTES = 16 * 1024 * 1024

/** Where an expression is tried. Bytes of the content. */
export interface RegexPlace {
  /** All that it sees. */
  readonly from: number
  readonly to: number
  /** The last place where a match may begin. */
  readonly latest: number
  /** Whether a match must begin where the search does. */
  readonly anchored: boolean
}

/** An expression as definitions hold it. */
export interface RegexText {
  /** By which it is known; the same number for the same text and options. */
  readonly id: number
  readonly text: Uint8Array
  readonly options: number
}

/** Who pays for a match. */
export interface RegexAccount {
  readonly stepsLeft: number
  spend(steps: number): void
  /** Throws when the scan should end. */
  check(): void
}

export class RegexSearch {
  #library: RegexLibrary | undefined
  /** In the order of their last use. */
  readonly #compiled = new Map<number, { readonly regex: Regex; readonly bytes: number }>()
  #compiledBytes = 0
  #source: ByteSource | undefined
  /** What of the content lies in the library's memory; nothing when empty. */
  #loaded = { from: 0, to: 0 }

  /** Forgets the content before. */
  begin(source: ByteSource): void {
    this.#source = source
    this.#loaded = { from: 0, to: 0 }
    if (this.#library !== undefined && this.#library.memoryBytes > MEMORY_KEPT_BYTES) {
      this.#library = undefined
      this.#compiled.clear()
      this.#compiledBytes = 0
    }
  }

  /**
   * How many matches there are at that place, none overlapping, counted up to `most`. Undefined when that could not be
   * told: the steps were used up, or the memory. What the source and the account's check throw passes through, and
   * DefinitionsError `malformed` for what is no expression.
   */
  count(expression: RegexText, place: RegexPlace, most: number, account: RegexAccount): number | undefined {
    if (!this.#load(place, account)) return undefined
    const { library, regex } = this.#compile(expression)
    const [from, to] = [place.from - this.#loaded.from, place.to - this.#loaded.from]
    let failure: { readonly error: unknown } | undefined
    // An exception must not pass through the library, whose stack would stay where it is.
    const mustEnd = () => {
      try {
        account.check()
        return false
      } catch (error) {
        failure = { error }
        return true
      }
    }
    let count = 0
    for (let at = from; at <= to && count < most; ) {
      const outcome = library.match(regex, from, to, at, place.anchored, {
        steps: account.stepsLeft,
        mustEnd,
      })
      account.spend(outcome.steps + 1)
      if (failure !== undefined) throw failure.error
      if (outcome.kind === 'exceeded') return undefined
      if (outcome.kind === 'none' || outcome.start + this.#loaded.from > place.latest) break
      count += 1
      // Behind a match of nothing the search goes on one byte later; stock clamscan then never ends.
      const next = Math.max(outcome.end, outcome.start, at)
      at = outcome.end > outcome.start && next > at ? next : next + 1
    }
    return count
  }

  #compile({ id, text, options }: RegexText): { library: RegexLibrary; regex: Regex } {
    const library = this.#open()
    let known = this.#compiled.get(id)
    if (known === undefined) {
      const regex = compiled(library, text, options)
      known = { regex, bytes: library.bytesOf(regex) }
      this.#compiledBytes += known.bytes
    } else this.#compiled.delete(id)
    this.#compiled.set(id, known)
    for (const [oldest, { regex, bytes }] of this.#compiled) {
      if (this.#compiledBytes <= CACHE_MAX_BYTES || oldest === id) break
      library.release(regex)
      this.#compiled.delete(oldest)
      this.#compiledBytes -= bytes
    }
    return { library, regex: known.regex }
  }

  #open(): RegexLibrary {
    this.#library ??= openRegexLibrary()
    return this.#library
  }

  /** Brings what is to be seen into memory; false when it is too much. */
  #load({ from, to }: RegexPlace, account: RegexAccount): boolean {
    const source = this.#source
    if (source === undefined) return false
    if (this.#loaded.from <= from && to <= this.#loaded.to) return true
    const wanted = source.size <= SUBJECT_MAX_BYTES ? { from: 0, to: source.size } : { from, to }
    const length = wanted.to - wanted.from
    if (length > SUBJECT_MAX_BYTES) return false
    const memory = this.#open().subject(length)
    if (memory === undefined) return false
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      account.check()
      memory.set(source.read(wanted.from + at, Math.min(BLOCK_BYTES, length - at)), at)
    }
    this.#loaded = wanted
    return true
  }
}

/** The compiler of the set has compiled it before. */
function compiled(library: RegexLibrary, text: Uint8Array, options: number): Regex {
  try {
    return library.compile(text, options)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    const message = 'The definitions are malformed: an expression that is none; compile them again.'
    throw new DefinitionsError('malformed', message, { cause: error })
  }
}
