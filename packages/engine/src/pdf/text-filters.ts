/** The filters that write bytes as text, and runs (ISO 32000-2, clauses 7.4.2, 7.4.3, 7.4.5). What is no digit is passed over. */
import type { ContentBuffer } from '../unpack/content-buffer.ts'
import { classOf, WHITE } from './characters.ts'
import { hexDecoded } from './strings.ts'

const BLOCK_BYTES = 64 * 1024
const [GREATER, LESS, TILDE, LETTER_Z, FIRST_DIGIT, LAST_DIGIT] = [0x3e, 0x3c, 0x7e, 0x7a, 0x21, 0x75]

/** Base 16, up to `>`. */
export function decodeHex(data: Uint8Array): Uint8Array {
  const end = data.indexOf(GREATER)
  return hexDecoded(end === -1 ? data : data.subarray(0, end))
}

/** Base 85, up to `~`; a beginning `<~` is passed over. False when the buffer is full. */
export function decodeBase85(data: Uint8Array, out: ContentBuffer, check: () => void): boolean {
  const block = new Uint8Array(BLOCK_BYTES)
  let length = 0
  let value = 0
  let digits = 0
  const put = (bytes: number) => {
    for (let index = 0; index < bytes; index += 1) {
      block[length] = Math.floor(value / 256 ** (3 - index)) % 256
      length += 1
    }
    value = 0
    digits = 0
  }
  for (let at = startOfBase85(data); at < data.length; at += 1) {
    const code = data[at] ?? 0
    if (code === TILDE) break
    if (length + 4 > BLOCK_BYTES) {
      check()
      if (!out.append(block.subarray(0, length))) return false
      length = 0
    }
    if (code === LETTER_Z && digits === 0) put(4)
    else if (code >= FIRST_DIGIT && code <= LAST_DIGIT) {
      value = value * 85 + code - FIRST_DIGIT
      digits += 1
      if (digits === 5) put(4)
    }
  }
  if (digits > 1) {
    const bytes = digits - 1
    for (; digits < 5; digits += 1) value = value * 85 + 84
    put(bytes)
  }
  return out.append(block.subarray(0, length))
}

function startOfBase85(data: Uint8Array): number {
  let at = 0
  while (classOf(data[at] ?? 1) === WHITE) at += 1
  return data[at] === LESS && data[at + 1] === TILDE ? at + 2 : at
}

/** Runs, up to the length 128. False when the buffer is full. */
export function decodeRuns(data: Uint8Array, out: ContentBuffer, check: () => void): boolean {
  const run = new Uint8Array(128)
  let steps = 0
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0
    if (length === 128) break
    steps += 1
    if (steps % BLOCK_BYTES === 0) check()
    if (length < 128) {
      if (!out.append(data.subarray(at + 1, at + 2 + length))) return false
      at += 2 + length
    } else {
      run.fill(data[at + 1] ?? 0)
      if (at + 1 < data.length && !out.append(run.subarray(0, 257 - length))) return false
      at += 2
    }
  }
  return true
}
