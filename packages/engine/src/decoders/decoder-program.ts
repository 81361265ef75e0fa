/**
 * What a decoder thread runs: the archive library's program, once for each order, in a fresh instance each time, so that nothing of one
 * archive is left for the next. It never ends by itself. The function here stands by itself, since it is started from its source text by a
 * process that may no longer read its own code.
 */
import type { fstatSync, readSync } from 'node:fs'
import type { createArchiveSystem, ProgramEnd } from './archive-system.ts'
import type { ChannelLayout } from './channel.ts'

export interface DecoderSetup {
  readonly channel: SharedArrayBuffer
  readonly layout: ChannelLayout
  /** The program's file. */
  readonly fd: number
}

/** What the scan thread asks for. */
export interface DecoderOrder {
  readonly options: readonly string[]
  readonly size: number
  readonly memoryMax: number
}

export function serveDecoder(
  { channel, layout, fd }: DecoderSetup,
  createSystem: typeof createArchiveSystem,
  files: { readonly fstatSync: typeof fstatSync; readonly readSync: typeof readSync },
): never {
  /** Longer ones are of no interest, and could fill the memory. */
  const lineMax = 16 * 1024
  const recordHead = 8
  const words = new Int32Array(channel, 0, layout.inputAt / 4)
  const places = new Float64Array(channel, 0, layout.inputAt / 8)
  const input = new Uint8Array(channel, layout.inputAt, layout.inputBytes)
  const output = new Uint8Array(channel, layout.outputAt, layout.outputBytes)
  const records = new DataView(channel, layout.outputAt, layout.outputBytes)
  const stopped = new Error('stopped')
  const program = compile()
  let filled = 0
  let line = Buffer.alloc(0)

  function compile(): WebAssembly.Module {
    const bytes = new Uint8Array(files.fstatSync(fd).size)
    for (let at = 0; at < bytes.length; ) {
      const length = files.readSync(fd, bytes, at, bytes.length - at, at)
      if (length === 0) throw new Error('the program of the archive library ends early')
      at += length
    }
    return new WebAssembly.Module(bytes)
  }

  function waitForTurn(): void {
    while (Atomics.load(words, layout.turn) !== layout.decodersTurn)
      Atomics.wait(words, layout.turn, layout.scannersTurn)
  }

  function giveTurn(what: number): void {
    words[layout.what] = what
    words[layout.outputLength] = filled
    filled = 0
    Atomics.store(words, layout.turn, layout.scannersTurn)
    Atomics.notify(words, layout.turn)
    waitForTurn()
  }

  /** Throws when the scan thread wants no more. */
  function ask(what: number): number {
    giveTurn(what)
    const length = words[layout.inputLength] ?? 0
    if (length === layout.stop) throw stopped
    return length
  }

  function record(kind: number, bytes: Uint8Array): void {
    if (output.length - filled < recordHead + bytes.length) ask(layout.full)
    records.setUint32(filled, kind, true)
    records.setUint32(filled + 4, bytes.length, true)
    output.set(bytes, filled + recordHead)
    filled += recordHead + bytes.length
  }

  function data(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (output.length - filled <= recordHead) ask(layout.full)
      const count = Math.min(bytes.length - at, output.length - filled - recordHead)
      record(layout.data, bytes.subarray(at, at + count))
      at += count
    }
  }

  function text(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at)
      const rest = bytes.subarray(at, end === -1 ? bytes.length : end)
      if (line.length < lineMax) line = Buffer.concat([line, rest.subarray(0, lineMax)])
      at += rest.length + 1
      if (end === -1) continue
      record(layout.line, line)
      line = Buffer.alloc(0)
    }
  }

  /** Reads ahead: readers of archives ask for little, here and there. */
  let window = { offset: 0, length: 0 }
  function read(offset: number, length: number): Uint8Array {
    if (offset < window.offset || offset >= window.offset + window.length) {
      places[layout.readOffset] = offset
      window = { offset, length: 0 }
      window.length = ask(layout.read)
      if (window.length <= 0) throw new Error('the archive could not be read')
    }
    const within = offset - window.offset
    return input.subarray(within, Math.min(within + length, window.length))
  }

  function run({ options, size, memoryMax }: DecoderOrder): number {
    window = { offset: 0, length: 0 }
    line = Buffer.alloc(0)
    const system = createSystem({
      size,
      read,
      entry: (path) => record(layout.entry, path.subarray(0, lineMax)),
      data,
      closed: () => record(layout.closed, new Uint8Array(0)),
      text,
      memoryMax,
    })
    const imports = { env: system.imports, wasi_snapshot_preview1: system.imports }
    try {
      const { exports } = new WebAssembly.Instance(program, imports as WebAssembly.Imports)
      const memory = exports.memory as WebAssembly.Memory
      const main = exports.__main_argc_argv as (count: number, list: number) => number
      const take = exports._emscripten_stack_alloc as (bytes: number) => number
      system.use(memory)
      ;(exports.__wasm_call_ctors as () => void)()
      const texts = ['7zz', ...options].map((option) => Buffer.from(`${option}\0`))
      const starts = texts.map((bytes) => {
        const start = take(bytes.length)
        new Uint8Array(memory.buffer).set(bytes, start)
        return start
      })
      const list = take(4 * (starts.length + 1))
      new Uint32Array(memory.buffer, list, starts.length + 1).set([...starts, 0])
      return main(starts.length, list)
    } catch (error) {
      const exit = (error as Partial<ProgramEnd>).exit
      if (exit !== undefined) return exit
      if (error === stopped) return layout.stop
      const cause = system.wantedMemory() ? 'memory' : error instanceof Error ? error.message : 'unknown'
      try {
        record(layout.death, Buffer.from(cause))
      } catch {
        // It was stopped at this very record.
      }
      return layout.stop
    }
  }

  waitForTurn()
  for (;;) {
    const order = Buffer.from(input.subarray(0, words[layout.inputLength])).toString('utf8')
    words[layout.code] = run(JSON.parse(order))
    giveTurn(layout.done)
  }
}
