/**
 * What the program compress of old Unix systems writes (.Z): LZW with codes of 9 to 16 bits, as POSIX.1-2024 describes it for `compress`. One content.
 */
import { breakStream, refuseStream, STEP_BYTES, streamUnpacker } from './stream-decoder.ts'

const CLEAR = 256
const LEAST_BITS = 9
const MOST_BITS = 16
/** Codes are written eight at a time, and a change of their length begins with the next eight. */
const GROUP_CODES = 8

/** The one content of a .Z file. */
export const unpackCompress = streamUnpacker((input, output) => {
  const flags = input.need(3)[2] as number
  const mostBits = flags & 0x1f
  const canClear = (flags & 0x80) !== 0
  if (mostBits < LEAST_BITS || mostBits > MOST_BITS) refuseStream(`codes of ${mostBits} bits`)
  // What a code stands for is what the one before it stood for and the byte behind that: so it lies in the output already.
  const starts = new Uint32Array(1 << mostBits)
  const lengths = new Uint32Array(1 << mostBits)
  const firstFree = canClear ? CLEAR + 1 : CLEAR
  let free = firstFree
  let bits = LEAST_BITS
  let lastLength = 0
  let at = output.length
  let { bytes, end } = output.room()
  const makeRoom = (wanted: number) => {
    if (at > output.length) output.advance(at - output.length)
    ;({ bytes, end } = output.room(wanted))
  }
  for (let group = input.take(bits); group.length > 0; group = input.take(bits)) {
    const groupBits = bits
    const codes = Math.min(GROUP_CODES, Math.floor((group.length * 8) / groupBits))
    for (let index = 0; index < codes && bits === groupBits; index += 1) {
      const code = codeAt(group, index * groupBits, groupBits)
      if (code === CLEAR && canClear) {
        free = firstFree
        lastLength = 0
        bits = LEAST_BITS
        break
      }
      if (lastLength > 0 && free < 1 << mostBits) {
        starts[free] = at - lastLength
        lengths[free] = lastLength + 1
        free += 1
        if (free === 1 << bits && bits < mostBits) bits += 1
      }
      if (code >= free) {
        output.advance(at - output.length)
        breakStream('a code that is none')
      }
      lastLength = code < 256 ? 1 : (lengths[code] as number)
      if (at + lastLength > end) makeRoom(Math.max(STEP_BYTES, lastLength))
      if (code < 256) bytes[at++] = code
      else {
        const from = starts[code] as number
        const stop = Math.min(lastLength, end - at)
        for (let offset = 0; offset < stop; offset += 1) bytes[at + offset] = bytes[from + offset] as number
        at += stop
        if (stop < lastLength) makeRoom(1)
      }
    }
  }
  output.advance(at - output.length)
})

/** Bits are counted from the lowest of each byte. */
function codeAt(group: Uint8Array, bit: number, bits: number): number {
  const at = bit >> 3
  const word = (group[at] ?? 0) | ((group[at + 1] ?? 0) << 8) | ((group[at + 2] ?? 0) << 16)
  return (word >>> (bit & 7)) & ((1 << bits) - 1)
}
