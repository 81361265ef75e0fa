/**
 * The contents of folders on their way from the guard to the daemon: packed words, since a tree has a million entries and an
 * object for each would cost more than asking the kernel. A page is a row of records: `begins` (a folder of the request, by its place),
 * what is in it, and `failed` where it could not be listed to its end.
 *
 * A record's first word holds its kind (8 bits) and a value (24 bits). `file` and `folder`: the value is the name's length; then come the state
 * (packages/host folder-reader.ts), the number of links, and the name, filled up to a word. Both ends are the same release.
 */
import { type FolderReader, pathFromBytes, STATE_WORDS } from '@coreward/host'
import { VerbError } from './verb-error.ts'

/** Bytes of a page: in base64 it fits in a message. */
const ENTRY_PAGE_BYTES = 44 * 1024

/** Why a folder was not listed to its end. `gone`: it is not there any more, or is no folder any more. */
export const listFailures = ['gone', 'unreadable'] as const
export type ListFailure = (typeof listFailures)[number]

const kinds = ['begins', 'file', 'folder', 'failed'] as const
const BEGINS = 0
const FILE = 1
const FOLDER = 2
const FAILED = 3

const LINKS_AT = 1 + STATE_WORDS
const NAME_AT = 2 + STATE_WORDS

export class EntryPageWriter {
  readonly #words = new Uint32Array(ENTRY_PAGE_BYTES / 4)
  readonly #bytes = new Uint8Array(this.#words.buffer)
  #at = 0

  /** The folder at this place of the request; false when the page is full, as below. */
  begin(place: number): boolean {
    if (this.#at + 2 > this.#words.length) return false
    this.#words[this.#at++] = BEGINS | (place << 8)
    return true
  }

  /** There is always room for it behind the folder that began last. */
  fail(failure: ListFailure): void {
    this.#words[this.#at++] = FAILED | (listFailures.indexOf(failure) << 8)
  }

  /** The entry that a reader has come to. */
  add(reader: FolderReader): boolean {
    const { names, nameFrom, nameTo } = reader
    const length = nameTo - nameFrom
    const next = this.#at + NAME_AT + ((length + 3) >> 2)
    if (next + 1 > this.#words.length) return false
    this.#words[this.#at] = (reader.isFolder ? FOLDER : FILE) | (length << 8)
    this.#words.set(reader.state, this.#at + 1)
    this.#words[this.#at + LINKS_AT] = reader.links
    let to = 4 * (this.#at + NAME_AT)
    for (let from = nameFrom; from < nameTo; from += 1) this.#bytes[to++] = names[from] as number
    this.#at = next
    return true
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, 4 * this.#at)
  }
}

/** Goes through a page. It keeps the bytes; numbers and names are made of them when they are asked for. */
export class EntryPage {
  readonly words: Uint32Array
  readonly #bytes: Uint8Array
  #at = 0
  #next = 0

  /** `bytes` begin at a whole word of their memory. */
  constructor(bytes: Uint8Array) {
    this.words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    this.#bytes = bytes
  }

  /** Goes to the next record and gives its kind; undefined at the end. Throws VerbError `malformed`. */
  next(): (typeof kinds)[number] | undefined {
    this.#at = this.#next
    const first = this.words[this.#at]
    if (first === undefined) return undefined
    const kind = kinds[first & 0xff]
    const isEntry = kind === 'file' || kind === 'folder'
    this.#next = this.#at + (isEntry ? NAME_AT + ((this.value + 3) >> 2) : 1)
    if (kind === undefined || this.#next > this.words.length)
      throw new VerbError('malformed', 'A page of folder entries is damaged.')
    return kind
  }

  /** Of this record: the place of a `begins`, the length of a name. */
  get value(): number {
    return (this.words[this.#at] as number) >>> 8
  }

  /** Of a `failed`. */
  get failure(): ListFailure {
    return listFailures[this.value] ?? 'unreadable'
  }

  /** Of an entry: where its state begins in `words`. */
  get stateAt(): number {
    return this.#at + 1
  }

  get links(): number {
    return this.words[this.#at + LINKS_AT] as number
  }

  /** The entry whose state begins at `stateAt`, also after the page has gone on: its device and inode, as one word for a Set. */
  static id(words: Uint32Array, stateAt: number): string {
    return `${words[stateAt]}:${words[stateAt + 1]}:${words[stateAt + 2]}`
  }

  /** Its size. */
  static size(words: Uint32Array, stateAt: number): number {
    return (words[stateAt + 3] as number) + (words[stateAt + 4] as number) * 2 ** 32
  }

  /** Its name, as in path-bytes.ts. */
  nameOf(stateAt: number): string {
    const length = (this.words[stateAt - 1] as number) >>> 8
    const from = 4 * (stateAt - 1 + NAME_AT)
    return pathFromBytes(this.#bytes.subarray(from, from + length))
  }
}

/** The bytes of a page, as they come in a message. */
export function fromBase64(text: string): Uint8Array {
  // From a memory of its own: a page begins at a whole word.
  const bytes = Buffer.from(new ArrayBuffer(text.length))
  return bytes.subarray(0, bytes.write(text, 'base64'))
}
