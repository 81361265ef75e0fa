/**
 * The files of a scan on their way to the scanner: gathered into batches, because a request costs as much as several small files, and
 * a bounded number of batches under way. It keeps no other list of files.
 */
import { PATHS_UNITS } from '../../verbs/file-verbs.ts'

export interface WaitingFile {
  readonly path: string
  readonly size: number
  /** As it stood in its folder (packages/host folder-reader.ts). */
  readonly state: Uint32Array
}

export interface BatchOptions {
  /** Files of a batch. */
  readonly files: number
  /** Batches under way at once. */
  readonly inFlight: number
  /** Never rejects. */
  readonly scan: (files: readonly WaitingFile[]) => Promise<void>
}

/** A batch of large files ends here, so that little is asked again after a kill, and other workers get theirs. */
const BATCH_BYTES = 16_000_000

export class FileBatches {
  readonly #options: BatchOptions
  readonly #underWay = new Set<Promise<void>>()
  #gathered: WaitingFile[] = []
  #units = 0
  #bytes = 0

  constructor(options: BatchOptions) {
    this.#options = options
  }

  /** Whether no `room` need be waited for before the next file. */
  get hasRoom(): boolean {
    return this.#underWay.size < this.#options.inFlight
  }

  /** Takes a file. Where files come faster than they go, `room` should be waited for. */
  add(file: WaitingFile): void {
    if (this.#units + file.path.length > PATHS_UNITS) this.#send()
    this.#gathered.push(file)
    this.#units += file.path.length
    this.#bytes += file.size
    if (this.#gathered.length >= this.#options.files || this.#bytes >= BATCH_BYTES) this.#send()
  }

  /** Resolves once another batch may be sent. */
  async room(): Promise<void> {
    while (this.#underWay.size >= this.#options.inFlight) await Promise.race(this.#underWay)
  }

  /** Sends what is left, and resolves when nothing is under way. */
  async end(): Promise<void> {
    this.#send()
    await Promise.all(this.#underWay)
  }

  /** Drops what was not sent, and resolves when nothing is under way. */
  async drop(): Promise<void> {
    this.#gathered = []
    await Promise.all(this.#underWay)
  }

  #send(): void {
    const files = this.#gathered
    if (files.length === 0) return
    this.#gathered = []
    this.#units = 0
    this.#bytes = 0
    const scan: Promise<void> = this.#options.scan(files).finally(() => this.#underWay.delete(scan))
    this.#underWay.add(scan)
  }
}
