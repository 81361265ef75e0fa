/**
 * Deflate (RFC 1951), gzip (RFC 1952) and Zstandard (RFC 8878), decompressed by node:zlib into bounded memory. Whatever ends it early, the
 * bytes that came out before are kept: a cut or poisoned stream must not hide its beginning.
 */
import zlib from 'node:zlib'
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { damage, type Shortfall } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { passedLimit, tooLarge } from './stream-limits.ts'

/** Compressed bytes handed over at a time. At deflate's best ratio, 1032 to 1, that is 66 MB between two reads. */
const FEED_BYTES = 64 * 1024

/** Contents up to this size are decompressed in one call, which spares small archive entries the streaming machinery. */
const ONE_CALL_BYTES = 256 * 1024

/** What node:zlib is asked for. Node had no Zstandard before 22.15. */
const streams = {
  deflate: () => zlib.createInflateRaw(),
  gzip: () => zlib.createGunzip(),
  zstd: () => zlib.createZstdDecompress(),
}

export type InflatedFormat = keyof typeof streams

/** Whether this Node can decompress the format. */
export function inflates(format: InflatedFormat): boolean {
  return format !== 'zstd' || 'createZstdDecompress' in zlib
}

export interface Inflated {
  readonly bytes: Uint8Array
  /** Absent when the stream was read to its end. */
  readonly shortfall?: Shortfall
}

/**
 * Decompresses all of `source`; `stated` is the size the container claims, used as a hint only. Several gzip members
 * after one another are one content. Throws the budget's errors and failed reads of the source, and nothing else.
 */
export async function inflate(
  source: ByteSource,
  format: InflatedFormat,
  stated: number,
  budget: Budget,
): Promise<Inflated> {
  const oneCallBytes = Math.min(ONE_CALL_BYTES, budget.heldBytes)
  if (format === 'deflate' && source.size <= FEED_BYTES && stated <= oneCallBytes) {
    const bytes = inflateInOneCall(source, stated)
    if (bytes !== undefined && budget.takeContent(bytes.length)) return { bytes }
  }
  const content = createContentBuffer(budget.heldBytes, stated)
  const shortfall = await inflateInto(content, source, format, budget)
  return shortfall === undefined ? { bytes: content.bytes() } : { bytes: content.bytes(), shortfall }
}

/** The content when it is what it claims to be; otherwise nothing, and the careful way finds out why. */
function inflateInOneCall(source: ByteSource, stated: number): Uint8Array | undefined {
  try {
    return zlib.inflateRawSync(source.read(0, source.size), { maxOutputLength: Math.max(stated, 1) })
  } catch {
    return undefined
  }
}

/**
 * The same behind what the content has already, of which `fedBefore` compressed bytes came. Of Zstandard one frame: Node passes over what stands behind it in
 * silence. Tells what kept it from coming to its end.
 */
export function inflateInto(
  content: ContentBuffer,
  source: ByteSource,
  format: InflatedFormat,
  budget: Budget,
  fedBefore = 0,
): Promise<Shortfall | undefined> {
  const stream = streams[format]()
  let fed = 0
  return new Promise((resolve, reject) => {
    let ended = false
    const finish = (shortfall?: Shortfall) => {
      if (ended) return
      ended = true
      stream.destroy()
      resolve(shortfall)
    }
    const fail = (error: unknown) => {
      if (ended) return
      ended = true
      stream.destroy()
      reject(error)
    }
    const feed = () => {
      if (ended) return
      try {
        budget.check()
        if (fed >= source.size) {
          stream.end()
          return
        }
        const chunk = source.read(fed, Math.min(FEED_BYTES, source.size - fed))
        fed += chunk.length
        // The source may reuse its memory at the next read, which comes only after this chunk was consumed.
        stream.write(chunk, (error) => {
          if (error === undefined || error === null) feed()
        })
      } catch (error) {
        fail(error)
      }
    }
    stream.on('data', (chunk: Uint8Array) => {
      if (ended) return
      try {
        budget.check()
      } catch (error) {
        fail(error)
        return
      }
      const passed = content.append(chunk)
        ? passedLimit(chunk.length, content.length, fedBefore + fed, budget)
        : tooLarge(budget.heldBytes)
      if (passed !== undefined) finish(passed)
    })
    stream.on('end', () => finish())
    stream.on('error', (error) => finish(damage(error)))
    feed()
  })
}
