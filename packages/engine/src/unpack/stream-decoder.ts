/**
 * What a decompressor of our own works on: compressed bytes one after the other, and an output that is also the dictionary they look back into.
 * So no dictionary takes memory beside the content, however large a header says it is. All of it is bounded by the limits; whatever ends a
 * stream early, the bytes that came out before are kept.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import type { Shortfall, UnpackedPart } from './container.ts'
import { tooManyEntries } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import type { Inflated } from './inflate.ts'
import { passedLimit, tooLarge } from './stream-limits.ts'

const FEED_BYTES = 64 * 1024

/** How much is asked for at once: between two steps of it the clock is looked at. */
const STEP_BYTES = 64 * 1024

/** Ends a stream; only `decodeStream` catches it. */
class StreamEnd extends Error {
  readonly shortfall: Shortfall

  constructor(shortfall: Shortfall) {
    super(shortfall.detail)
    this.shortfall = shortfall
  }
}

/** Ends the stream as damaged. */
export function breakStream(detail: string): never {
  throw new StreamEnd({ reason: 'damaged', detail })
}

/** The compressed bytes, read forward. */
export interface StreamInput {
  /** How many have been taken. */
  readonly position: number
  readonly size: number
  /** The next byte; a stream without one is damaged. */
  byte(): number
  /** The next `length` bytes, less where the input ends; the view holds until the next call of anything here. */
  take(length: number): Uint8Array
  /** The same, all of them; the stream is damaged when there are fewer. */
  need(length: number): Uint8Array
  /** Goes to a place. */
  seek(position: number): void
}

/** What came out, as far as it came. */
export interface StreamOutput {
  readonly length: number
  /**
   * Memory with at least one byte of room behind `length`, `STEP_BYTES` of it where the limit permits; `end` is where that ends. Ends the stream where
   * the limit has been reached.
   */
  room(wanted?: number): { readonly bytes: Uint8Array; readonly end: number }
  /** Counts what was written into the room, against all limits; looks at the clock. */
  advance(count: number): void
  /** Appends bytes, in as many steps as are needed. */
  append(chunk: Uint8Array): void
}

/** Decompresses all of `source`; `stated` is its size as somebody states it, a hint only. Throws the budget's errors and failed reads. */
function decodeStream(
  source: ByteSource,
  stated: number,
  budget: Budget,
  decode: (input: StreamInput, output: StreamOutput) => void,
): Inflated {
  const content = createContentBuffer(budget.heldBytes, stated)
  const input = streamInput(source)
  try {
    decode(input, streamOutput(content, input, budget))
    return { bytes: content.bytes() }
  } catch (error) {
    if (!(error instanceof StreamEnd)) throw error
    return { bytes: content.bytes(), shortfall: error.shortfall }
  }
}

/** An unpacker for a format that holds one content without a name. */
export function streamUnpacker(decode: (input: StreamInput, output: StreamOutput) => void) {
  return async function* unpack(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
    yield onlyPart(budget, () => decodeStream(source, source.size * 4, budget, decode))
  }
}

/** The one part of a stream without a name. */
function onlyPart(budget: Budget, decode: () => Inflated): UnpackedPart {
  if (!budget.takeEntry()) return { kind: 'unscanned', shortfall: tooManyEntries(budget) }
  const { bytes, shortfall } = decode()
  const part = { kind: 'content', label: 'content', content: bytesSource(bytes) } as const
  return shortfall === undefined ? part : { ...part, shortfall }
}

function streamInput(source: ByteSource): StreamInput {
  let position = 0
  let chunk = new Uint8Array(0)
  let chunkStart = 0
  const load = (length: number) => {
    // Copied: what is read from the source next may be the output of another scan step.
    chunk = Uint8Array.from(
      source.read(position, Math.min(Math.max(length, FEED_BYTES), source.size - position)),
    )
    chunkStart = position
  }
  const take = (length: number) => {
    const present = Math.max(0, Math.min(length, source.size - position))
    if (position < chunkStart || position + present > chunkStart + chunk.length) load(present)
    const from = position - chunkStart
    position += present
    return chunk.subarray(from, from + present)
  }
  const need = (length: number) => {
    const bytes = take(length)
    return bytes.length === length ? bytes : breakStream('it breaks off')
  }
  return {
    get position() {
      return position
    },
    size: source.size,
    byte() {
      const from = position - chunkStart
      if (from < 0 || from >= chunk.length) return need(1)[0] as number
      position += 1
      return chunk[from] as number
    },
    take,
    need,
    seek(to) {
      position = Math.min(to, source.size)
    },
  }
}

function streamOutput(
  content: ReturnType<typeof createContentBuffer>,
  input: StreamInput,
  budget: Budget,
): StreamOutput {
  const { heldBytes } = budget
  const room: StreamOutput['room'] = (wanted = STEP_BYTES) => {
    const { length } = content
    if (length >= heldBytes) throw new StreamEnd(tooLarge(budget.heldBytes))
    return { bytes: content.room(wanted), end: Math.min(length + wanted, heldBytes) }
  }
  const advance = (count: number) => {
    budget.check()
    content.advance(count)
    const passed = passedLimit(count, content.length, input.position, budget)
    if (passed !== undefined) throw new StreamEnd(passed)
  }
  return {
    get length() {
      return content.length
    },
    room,
    advance,
    append(chunk) {
      for (let from = 0; from < chunk.length; ) {
        const { bytes, end } = room(Math.min(STEP_BYTES, chunk.length - from))
        const count = Math.min(chunk.length - from, end - content.length)
        bytes.set(chunk.subarray(from, from + count), content.length)
        advance(count)
        from += count
      }
    },
  }
}
