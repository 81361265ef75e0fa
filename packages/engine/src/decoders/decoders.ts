/**
 * The decoder threads of one scan thread. An archive inside an archive that is still being read needs a second one. They are started when they are
 * needed and ended when nobody has needed them for a while.
 */
import type { ByteSource } from '../byte-source.ts'
import type { DecoderLibrary } from './decoder-library.ts'
import type { DecoderOrder } from './decoder-program.ts'
import { type DecoderEnd, type DecoderEvent, DecoderThread } from './decoder-thread.ts'

/** What one run of the program may take. */
export interface DecoderOptions {
  /** Bytes of memory. */
  readonly memoryMax?: number
  /** Milliseconds without asking for a byte or giving one. */
  readonly milliseconds?: number
  /** How long a thread that nobody needs stays. */
  readonly idleMilliseconds?: number
}

export interface Decoders {
  /**
   * Runs the library's program over an archive, which it knows as `/a`; what it writes below `/o` comes out. Whoever does not read to the end stops
   * it by `return`. Throws what `check` and reading throw.
   */
  run(
    options: readonly string[],
    source: ByteSource,
    check: () => void,
  ): Generator<DecoderEvent, DecoderEnd | { readonly kind: 'too-many' }>
}

/** A dictionary of 256 MB, the largest that common packers choose by themselves, twice where it is a window and a buffer. Untouched pages cost nothing. */
const MEMORY_MAX_BYTES = 640 * 1024 * 1024

/**
 * The library works at once or is lost, but for making a key of a password: the strongest that its formats allow takes ten seconds on a
 * slow machine.
 */
const SILENT_MILLISECONDS = 20_000

/** A thread takes 10 MB and what the last archive took; to start another takes 50 ms. */
const IDLE_MILLISECONDS = 3_000

/** Archives that are read at the same time, each in the one before. Small ones are read whole, and so do not count. */
const MOST_THREADS = 4

export function createDecoders(library: DecoderLibrary, options: DecoderOptions = {}): Decoders {
  const idle: DecoderThread[] = []
  let running = 0
  let timer: NodeJS.Timeout | undefined

  function endIdle(): void {
    for (const thread of idle.splice(0)) thread.end()
  }

  function giveBack(thread: DecoderThread): void {
    running -= 1
    if (!thread.isGone) idle.push(thread)
    clearTimeout(timer)
    timer = setTimeout(endIdle, options.idleMilliseconds ?? IDLE_MILLISECONDS).unref()
  }

  return {
    *run(programOptions, source, check) {
      if (running >= MOST_THREADS) return { kind: 'too-many' }
      const known = idle.pop()
      const thread = known === undefined || known.isGone ? new DecoderThread(library) : known
      running += 1
      try {
        const order: Omit<DecoderOrder, 'size'> = {
          options: programOptions,
          memoryMax: options.memoryMax ?? MEMORY_MAX_BYTES,
        }
        const milliseconds = options.milliseconds ?? SILENT_MILLISECONDS
        return yield* thread.run(order, source, { milliseconds, check })
      } finally {
        giveBack(thread)
      }
    },
  }
}
