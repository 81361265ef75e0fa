/**
 * A thread in which an archive library decodes, and the scan thread's end of their channel. The scan thread takes what comes out when it wants more,
 * and waits for it in place: a content may be read like a file. The decoder works only then, and may be ended at any time.
 */
import { Worker } from 'node:worker_threads'
import type { ByteSource } from '../byte-source.ts'
import { createArchiveSystem } from './archive-system.ts'
import { channelLayout as at, createChannel } from './channel.ts'
import type { DecoderLibrary } from './decoder-library.ts'
import { type DecoderOrder, type DecoderSetup, serveDecoder } from './decoder-program.ts'

/** What comes out of a decoder. Bytes are valid until the next event. */
export type DecoderEvent =
  | { readonly kind: 'entry'; readonly path: string }
  /** Of the entry that came last. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' }
  /** Of what the program says. */
  | { readonly kind: 'line'; readonly text: string }

/** How it ended: by itself, or of what. */
export type DecoderEnd =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'died'; readonly cause: string }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'overstayed' }

/** Of the library's own code: what it decodes lies outside the heap. */
const HEAP_MEGABYTES = 64

/** `check` is asked so often while a decoder works, in milliseconds. */
const CHECK_MILLISECONDS = 20

/** How long a decoder that is not wanted any more may take to come to its next call, in milliseconds. */
const STOP_MILLISECONDS = 500

export class DecoderThread {
  readonly #channel = createChannel()
  readonly #words = new Int32Array(this.#channel, 0, at.inputAt / 4)
  readonly #places = new Float64Array(this.#channel, 0, at.inputAt / 8)
  readonly #input = new Uint8Array(this.#channel, at.inputAt, at.inputBytes)
  readonly #output = Buffer.from(this.#channel, at.outputAt, at.outputBytes)
  readonly #worker: Worker
  #gone = false

  constructor({ fd }: DecoderLibrary) {
    const setup: DecoderSetup = { channel: this.#channel, layout: at, fd }
    const source = `import { fstatSync, readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
;(${serveDecoder})(workerData, ${createArchiveSystem}, { fstatSync, readSync })`
    const entry = new URL(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)
    this.#worker = new Worker(entry, {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    })
    // It keeps no process alive, and its end is seen at the next waiting.
    this.#worker.unref()
    this.#worker.on('error', () => this.end())
    this.#worker.on('exit', () => this.end())
  }

  /** Whether it can be given no order any more. */
  get isGone(): boolean {
    return this.#gone
  }

  /** Ends the thread, whatever it does. */
  end(): void {
    if (this.#gone) return
    this.#gone = true
    void this.#worker.terminate()
  }

  /**
   * Runs the program over `source`; one order at a time. Who does not read to the end stops it. It may work for so many milliseconds without
   * asking for a byte or giving one. What `check` and reading throw passes through.
   */
  *run(
    order: Omit<DecoderOrder, 'size'>,
    source: ByteSource,
    { milliseconds, check }: { readonly milliseconds: number; readonly check: () => void },
  ): Generator<DecoderEvent, DecoderEnd> {
    const text = Buffer.from(JSON.stringify({ ...order, size: source.size } satisfies DecoderOrder))
    this.#input.set(text)
    this.#giveTurn(text.length)
    let isDone = false
    let death: string | undefined
    try {
      for (;;) {
        if (!this.#waitForTurn(milliseconds, check)) {
          this.end()
          return { kind: 'overstayed' }
        }
        const what = this.#words[at.what]
        isDone = what === at.done
        for (const [kind, bytes] of this.#records()) {
          if (kind === at.entry) yield { kind: 'entry', path: bytes.toString('utf8') }
          else if (kind === at.data) yield { kind: 'data', bytes }
          else if (kind === at.closed) yield { kind: 'closed' }
          else if (kind === at.line) yield { kind: 'line', text: bytes.toString('utf8') }
          else death = bytes.toString('utf8')
        }
        if (death === 'memory') return { kind: 'out-of-memory' }
        if (death !== undefined) return { kind: 'died', cause: death }
        if (isDone) return { kind: 'ended', code: this.#words[at.code] ?? 0 }
        this.#giveTurn(what === at.read ? this.#read(source) : 0)
      }
    } finally {
      if (!isDone && !this.#gone) this.#stop()
    }
  }

  #read(source: ByteSource): number {
    const bytes = source.read(this.#places[at.readOffset] ?? 0, at.inputBytes)
    this.#input.set(bytes)
    return bytes.length
  }

  *#records(): Generator<readonly [kind: number, bytes: Buffer]> {
    const end = this.#words[at.outputLength] ?? 0
    for (let place = 0; place < end; ) {
      const length = this.#output.readUInt32LE(place + 4)
      yield [this.#output.readUInt32LE(place), this.#output.subarray(place + 8, place + 8 + length)]
      place += 8 + length
    }
  }

  #giveTurn(inputLength: number): void {
    this.#words[at.inputLength] = inputLength
    Atomics.store(this.#words, at.turn, at.decodersTurn)
    Atomics.notify(this.#words, at.turn)
  }

  /** False when it has not come in time. */
  #waitForTurn(milliseconds: number, check: () => void): boolean {
    const end = performance.now() + milliseconds
    while (Atomics.load(this.#words, at.turn) !== at.scannersTurn) {
      check()
      if (performance.now() >= end) return false
      Atomics.wait(this.#words, at.turn, at.decodersTurn, CHECK_MILLISECONDS)
    }
    return true
  }

  #stop(): void {
    this.#giveTurn(at.stop)
    if (!this.#waitForTurn(STOP_MILLISECONDS, () => {})) this.end()
    else if (this.#words[at.what] !== at.done) this.end()
  }
}
