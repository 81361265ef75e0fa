/** LZW as PDF has it (ISO 32000-2, clause 7.4.4): codes of 9 to 12 bits, the highest bit first. */
import type { ContentBuffer } from '../unpack/content-buffer.ts'

const CLEAR = 256
const END = 257
const FIRST = 258
const MOST_CODES = 4096

/** Asked this often, in codes, whether to go on. */
const CHECK_CODES = 64 * 1024

/** What decoding came to; the bytes are in the buffer. */
export type LzwEnd = 'whole' | 'full' | 'broken'

/**
 * Decodes into `out`. `early` is 1 where codes grow one code early, as is usual. A stream that ends without its mark is whole.
 */
export function decodeLzw(data: Uint8Array, early: number, out: ContentBuffer, check: () => void): LzwEnd {
  // Each code is an earlier one and a byte.
  const prefixes = new Uint16Array(MOST_CODES)
  const lasts = new Uint8Array(MOST_CODES)
  const lengths = new Uint16Array(MOST_CODES)
  for (let code = 0; code < 256; code += 1) {
    lasts[code] = code
    lengths[code] = 1
  }
  let next = FIRST
  let width = 9
  let previous = -1
  let bits = 0
  let count = 0
  let codes = 0
  const word = new Uint8Array(MOST_CODES)
  for (const byte of data) {
    bits = ((bits << 8) | byte) & 0xffffff
    count += 8
    if (count < width) continue
    count -= width
    const code = (bits >> count) & ((1 << width) - 1)
    codes += 1
    if (codes % CHECK_CODES === 0) check()
    if (code === END) return 'whole'
    if (code === CLEAR) {
      next = FIRST
      width = 9
      previous = -1
      continue
    }
    if (code > next || (code === next && previous === -1)) return 'broken'
    const isNew = code === next
    const source = isNew ? previous : code
    const length = lengths[source] ?? 0
    let at = length
    for (let walk = source; at > 0; walk = prefixes[walk] ?? 0) {
      at -= 1
      word[at] = lasts[walk] ?? 0
    }
    const first = word[0] ?? 0
    word[length] = first
    if (!out.append(word.subarray(0, isNew ? length + 1 : length))) return 'full'
    if (previous !== -1 && next < MOST_CODES) {
      prefixes[next] = previous
      lasts[next] = first
      lengths[next] = (lengths[previous] ?? 0) + 1
      next += 1
    }
    previous = code
    if (next + early >= 1 << width && width < 12) width += 1
  }
  return 'whole'
}
