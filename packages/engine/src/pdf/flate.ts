/**
 * Streams of zlib (RFC 1950) as readers of PDF take them: the check sum behind them is not asked, what stands before or behind them does not
 * matter, and one that breaks off is what came out of it.
 */
import { inflateRawSync, constants as zlib } from 'node:zlib'
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { type Inflated, inflate } from '../unpack/inflate.ts'
import { sliceSource } from '../unpack/slice-source.ts'
import { classOf, WHITE } from './characters.ts'

/** As Node's zlib says that the input ended first: nothing in it was left undecoded. */
const BROKEN_OFF = 'unexpected end of file'

/** Most streams are shorter; those are decoded in one call. */
const LIKELY_BYTES = 256 * 1024

/** White space before a stream that is looked past. */
const LEAD_BYTES = 16

/** A damaged stream of up to so many bytes is decoded anew, a score of times, to have what lies right before the damage. */
const SALVAGED_MAX_BYTES = 1024 * 1024

/** Throws the budget's errors and failed reads alone. */
export async function inflateStream(content: ByteSource, budget: Budget): Promise<Inflated> {
  const start = streamStart(content)
  const deflated = sliceSource(content, start, content.size - start)
  const stated = Math.min(LIKELY_BYTES, budget.heldBytes)
  const { bytes, shortfall } = await inflate(deflated, 'deflate', stated, budget)
  if (shortfall === undefined || shortfall.detail === BROKEN_OFF) return { bytes }
  if (shortfall.reason !== 'damaged' || deflated.size > SALVAGED_MAX_BYTES) return { bytes, shortfall }
  const salvaged = salvage(deflated.read(0, deflated.size), bytes.length + ZLIB_CHUNK_BYTES, budget)
  return { bytes: salvaged.length > bytes.length ? salvaged : bytes, shortfall }
}

/** What Node's zlib gives out at a time, and drops when there is an error in it. */
const ZLIB_CHUNK_BYTES = zlib.Z_DEFAULT_CHUNK

/** What the longest beginning comes to that is not damaged yet. */
function salvage(deflated: Uint8Array, likelyBytes: number, budget: Budget): Uint8Array {
  const maxOutputLength = Math.min(likelyBytes, budget.heldBytes)
  let best: Uint8Array = new Uint8Array(0)
  let good = 0
  let bad = deflated.length
  while (bad - good > 1) {
    budget.check()
    const middle = (good + bad) >> 1
    try {
      best = inflateRawSync(deflated.subarray(0, middle), { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength })
      good = middle
    } catch {
      bad = middle
    }
  }
  return best
}

/** Where deflate's own bytes begin: behind the two of zlib's header, if there is one. */
function streamStart(content: ByteSource): number {
  const head = content.read(0, Math.min(content.size, LEAD_BYTES))
  let at = 0
  if (isHeader(head, 0)) return 2
  while (at < head.length && classOf(head[at] ?? 0) === WHITE) at += 1
  return isHeader(head, at) ? at + 2 : 0
}

/** RFC 1950, section 2.2, without a dictionary. */
function isHeader(head: Uint8Array, at: number): boolean {
  const [method, flags] = [head[at], head[at + 1]]
  if (method === undefined || flags === undefined) return false
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0
}
