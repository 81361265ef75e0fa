/**
 * The lines of a content, one after the other, whatever their length: none is held whole that is longer than a block, and none is read
 * more than twice. What a line means is not known here.
 */
import type { ByteSource } from '../byte-source.ts'

/** Read at a time, and the most that is seen of one line. */
const BLOCK_BYTES = 256 * 1024

const LF = 0x0a
const CR = 0x0d

/** Goes through the lines of a source, which end at LF; a CR before it belongs to the line's end. What is read is its own. */
export class LineReader {
  readonly #source: ByteSource
  #block: Buffer = Buffer.alloc(0)
  /** Where the block stands in the source. */
  #from = 0
  /** The line in the block. */
  #at = 0
  #end = 0
  #long: Buffer | undefined
  /** Where the line begins, and where the next one does. Offsets in the source, in bytes. */
  start = 0
  next = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** The line without its end, up to the length of a block. */
  get bytes(): Buffer {
    return this.#long ?? this.#block.subarray(this.#at, this.#end)
  }

  /** The line's first byte, without the cost of a view; undefined when it is empty. */
  get first(): number | undefined {
    return this.#end === this.#at
      ? undefined
      : this.#long === undefined
        ? this.#block[this.#at]
        : this.#long[0]
  }

  /** Takes the next line; false when there is none. */
  advance(): boolean {
    this.#long = undefined
    this.start = this.next
    if (this.start >= this.#source.size) return false
    let feed = this.#feedFrom(this.start - this.#from)
    if (feed === -1 && (this.start >= this.#from + this.#block.length || this.#hasMore())) {
      this.#load(this.start)
      feed = this.#feedFrom(0)
    }
    this.#at = this.start - this.#from
    if (feed !== -1) {
      this.next = this.#from + feed + 1
      this.#end = feed > this.#at && this.#block[feed - 1] === CR ? feed - 1 : feed
      return true
    }
    this.#end = this.#block.length
    if (this.#hasMore()) this.#passLongLine()
    else this.next = this.#source.size
    return true
  }

  /** Most lines are short, for which a search of the library costs more than it spares. */
  #feedFrom(at: number): number {
    const block = this.#block
    const near = Math.min(block.length, at + 256)
    for (let index = at; index < near; index += 1) if (block[index] === LF) return index
    return near < block.length ? block.indexOf(LF, near) : -1
  }

  #hasMore(): boolean {
    return this.#from + this.#block.length < this.#source.size
  }

  #load(from: number): void {
    this.#block = Buffer.from(this.#source.read(from, Math.min(BLOCK_BYTES, this.#source.size - from)))
    this.#from = from
  }

  /** The line goes beyond its block: what was seen of it is kept, and its end is looked for. */
  #passLongLine(): void {
    const seen = this.#block.subarray(this.#at, this.#end)
    let feed = -1
    while (feed === -1 && this.#hasMore()) {
      this.#load(this.#from + this.#block.length)
      feed = this.#block.indexOf(LF)
    }
    this.next = feed === -1 ? this.#source.size : this.#from + feed + 1
    this.#long = seen
    this.#at = 0
    this.#end = seen.length
  }
}
