/**
 * The part of a content that is in memory: a window that slides from its beginning to its end, each byte read once. It
 * keeps enough of what lies before for patterns to look back, and holds enough of what follows for them to look ahead.
 */
import type { ByteSource } from '../byte-source.ts'

/** `step` bytes are searched at a time; `lead` and `trail` bytes around them stay in reach. Each is rounded up to words. */
export interface WindowShape {
  readonly step: number
  readonly lead: number
  readonly trail: number
}

/** Bytes of memory that such a window needs. */
export function windowLength({ step, lead, trail }: WindowShape): number {
  return toWords(step) + toWords(lead) + toWords(trail)
}

export class ContentWindow {
  /** The bytes; beyond `length` is rubbish. */
  readonly bytes: Uint8Array
  /** Where in the content `bytes[0]` stands. */
  base = 0
  /** How many of the bytes are the content's. */
  length = 0
  /** The content's whole size. */
  size = 0
  readonly #step: number
  readonly #lead: number
  readonly #trail: number

  /** Slides in `bytes`, which are `windowLength(shape)` long. */
  constructor({ step, lead, trail }: WindowShape, bytes: Uint8Array) {
    this.#step = toWords(step)
    this.#lead = toWords(lead)
    this.#trail = toWords(trail)
    this.bytes = bytes
  }

  /**
   * Slides through the source. `onBytes` gets each byte once, as it is read; `onStep` the places in `bytes` to search,
   * `from` a multiple of 4, for as long as it answers true. What the source throws passes through.
   */
  slide(
    source: ByteSource,
    onBytes: (fresh: Uint8Array) => void,
    onStep: (from: number, to: number) => boolean,
  ): void {
    this.base = 0
    this.length = 0
    this.size = source.size
    let searching = true
    for (let at = 0; at < this.size; at += this.#step) {
      this.#forget(Math.max(0, at - this.#lead))
      this.#fill(source, Math.min(this.size, at + this.#step + this.#trail), onBytes)
      const from = at - this.base
      if (searching) searching = onStep(from, Math.min(from + this.#step, this.length))
    }
  }

  /** Slides through the same source again; it is not read where the window holds all of it still. */
  slideAgain(
    source: ByteSource,
    onBytes: (fresh: Uint8Array) => void,
    onStep: (from: number, to: number) => boolean,
  ): void {
    if (this.base > 0 || this.length < this.size) {
      this.slide(source, onBytes, onStep)
      return
    }
    for (let from = 0; from < this.size; from += this.#step) {
      if (!onStep(from, Math.min(from + this.#step, this.length))) return
    }
  }

  #forget(until: number): void {
    const surplus = until - this.base
    if (surplus <= 0) return
    this.bytes.copyWithin(0, surplus, this.length)
    this.base = until
    this.length -= surplus
  }

  #fill(source: ByteSource, until: number, onBytes: (fresh: Uint8Array) => void): void {
    while (this.base + this.length < until) {
      const at = this.base + this.length
      const fresh = source.read(at, until - at)
      if (fresh.length === 0) throw new RangeError(`a source of ${this.size} bytes gave none at ${at}`)
      this.bytes.set(fresh, this.length)
      onBytes(fresh)
      this.length += fresh.length
    }
  }
}

function toWords(length: number): number {
  return Math.ceil(length / 4) * 4
}
