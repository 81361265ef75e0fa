/**
 * Zstandard (RFC 8878): frames one after the other, skippable ones among them, are one content. Where a frame ends is told by its blocks' headers; node:zlib
 * decompresses it. Dictionaries are not known, and no window of more than 128 MiB is used (zstd itself refuses it unless told otherwise).
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart, type UnpackMeans } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { inflateInto, inflates } from './inflate.ts'
import { wholeOf } from './long-stream.ts'
import { sliceSource } from './slice-source.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const LARGEST_WINDOW = 128 * 1024 * 1024

const brokenOff: Shortfall = { reason: 'damaged', detail: 'it breaks off' }

/** The one content of a .zst file. */
export async function* unpackZstd(
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): AsyncGenerator<UnpackedPart> {
  if (!inflates('zstd')) {
    yield {
      kind: 'unscanned',
      shortfall: { reason: 'unsupported', detail: 'zstd needs Node 22.15 or newer' },
    }
    return
  }
  if (!budget.takeEntry()) {
    yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
    return
  }
  const buffer = createContentBuffer(budget.heldBytes, source.size * 4)
  const shortfall = await decodeFrames(source, buffer, budget)
  const part = { kind: 'content', label: 'content', content: bytesSource(buffer.bytes()) } as const
  yield* wholeOf(shortfall === undefined ? part : { ...part, shortfall }, 'zstd', source, budget, means)
}

/** All frames, up to what is none. */
async function decodeFrames(
  source: ByteSource,
  content: ContentBuffer,
  budget: Budget,
): Promise<Shortfall | undefined> {
  for (let offset = 0; offset < source.size; ) {
    budget.check()
    const magic = readLittle(source, offset, 4)
    const rest = source.size - offset
    if (magic === undefined) return undefined
    if (magic >>> 4 === SKIPPABLE >>> 4) {
      const length = readLittle(source, offset + 4, 4)
      if (length === undefined || length > rest - 8) return brokenOff
      offset += 8 + length
      continue
    }
    if (magic !== MAGIC) return undefined
    const { windowBytes, length } = measureFrame(source, offset, budget)
    if (windowBytes > LARGEST_WINDOW)
      return { reason: 'unsupported', detail: `zstd with a window of ${windowBytes} bytes` }
    const frame = sliceSource(source, offset, Math.min(length ?? rest, rest))
    const shortfall = await inflateInto(content, frame, 'zstd', budget, offset)
    if (shortfall !== undefined) return shortfall
    if (length === undefined) return brokenOff
    offset += length
  }
  return undefined
}

interface FrameMeasures {
  /** 0 when the header breaks off. */
  readonly windowBytes: number
  /** With its header and check sum; undefined when it breaks off or its blocks are none. */
  readonly length?: number
}

/** Sections 3.1.1.1 (header) and 3.1.1.2 (blocks). */
function measureFrame(source: ByteSource, start: number, budget: Budget): FrameMeasures {
  const descriptor = readLittle(source, start + 4, 1)
  if (descriptor === undefined) return { windowBytes: 0 }
  const isSingle = (descriptor & 0x20) !== 0
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6] as number
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number
  let offset = start + 5
  let windowBytes = 0
  if (!isSingle) {
    const byte = readLittle(source, offset, 1) ?? 0
    const base = 2 ** (10 + (byte >>> 3))
    windowBytes = base + (base / 8) * (byte & 7)
    offset += 1
  }
  offset += dictionaryBytes
  if (isSingle) windowBytes = (readLittle(source, offset, sizeBytes) ?? 0) + (sizeBytes === 2 ? 256 : 0)
  offset += sizeBytes
  for (let blocks = 0; ; blocks += 1) {
    if (blocks % 1024 === 0) budget.check()
    const header = readLittle(source, offset, 3)
    if (header === undefined) return { windowBytes }
    const kind = (header >>> 1) & 3
    if (kind === 3) return { windowBytes }
    // A run has one byte, whatever its size.
    offset += 3 + (kind === 1 ? 1 : header >>> 3)
    if ((header & 1) === 0) continue
    const length = offset - start + ((descriptor & 4) === 0 ? 0 : 4)
    return { windowBytes, length }
  }
}

function readLittle(source: ByteSource, offset: number, count: number): number | undefined {
  if (offset + count > source.size) return undefined
  let value = 0
  for (const [index, byte] of source.read(offset, count).entries()) value += byte * 2 ** (8 * index)
  return value
}
