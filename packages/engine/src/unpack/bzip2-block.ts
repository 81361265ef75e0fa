/**
 * One block of bzip2 up to its sorted bytes: Huffman codes in groups of fifty symbols, runs of zeros, and places in a list that moves each used
 * byte to its front ("bzip2 format specification", sections 2.2 and 2.3).
 */
import { type BitInput, readBits } from './bit-input.ts'
import { breakStream } from './stream-decoder.ts'

const GROUP_SYMBOLS = 50
const LONGEST_CODE = 20
/** Codes up to this length are looked up in one step, 4 KiB a table. */
const LOOKUP_BITS = 10

/** The codes of one table. `lookup` has symbol and length of those that are short; the others are found by length. */
interface CodeTable {
  readonly lookup: Uint16Array
  /** By length: the first code beyond it, and what leads from a code to its place in `symbols`. */
  readonly limits: Int32Array
  readonly bases: Int32Array
  readonly symbols: Uint16Array
}

/** Reads a block's bytes into `block`, `most` of them at most, and counts them by value. */
export function readBlock(
  bits: BitInput,
  block: Uint32Array,
  most: number,
  check: () => void,
): { readonly length: number; readonly counts: Uint32Array } {
  const front = readUsedBytes(bits)
  const used = front.length
  if (used === 0) breakStream('a block of no bytes')
  const tableCount = readBits(bits, 3)
  const selectorCount = readBits(bits, 15)
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0) breakStream('a block without codes')
  const selectors = readSelectors(bits, tableCount, selectorCount)
  const tables = Array.from({ length: tableCount }, () => readTable(bits, used + 2))
  const counts = new Uint32Array(256)
  const end = used + 1
  let length = 0
  let zeros = 0
  let weight = 1
  for (const selector of selectors) {
    check()
    const table = tables[selector] as CodeTable
    for (let index = 0; index < GROUP_SYMBOLS; index += 1) {
      const symbol = readSymbol(bits, table)
      if (symbol < 2) {
        // A run of the front byte, in digits of 1 and 2.
        zeros += weight << symbol
        weight <<= 1
        if (zeros > most) breakStream('a block longer than it may be')
        continue
      }
      if (zeros > 0) {
        if (length + zeros > most) breakStream('a block longer than it may be')
        const value = front[0] as number
        counts[value] = (counts[value] as number) + zeros
        block.fill(value, length, length + zeros)
        length += zeros
        zeros = 0
        weight = 1
      }
      if (symbol === end) return { length, counts }
      if (length >= most) breakStream('a block longer than it may be')
      const value = moveToFront(front, symbol - 1)
      counts[value] = (counts[value] as number) + 1
      block[length++] = value
    }
  }
  return breakStream('a block without end')
}

function moveToFront(front: Uint8Array, place: number): number {
  const value = front[place] as number
  if (place > 16) front.copyWithin(1, 0, place)
  else for (let at = place; at > 0; at -= 1) front[at] = front[at - 1] as number
  front[0] = value
  return value
}

/** Which bytes occur: a bit for each sixteen of them, then sixteen for each of those. */
function readUsedBytes(bits: BitInput): Uint8Array {
  const ranges = readBits(bits, 16)
  const used: number[] = []
  for (let range = 0; range < 16; range += 1) {
    if ((ranges & (0x8000 >> range)) === 0) continue
    const row = readBits(bits, 16)
    for (let index = 0; index < 16; index += 1)
      if ((row & (0x8000 >> index)) !== 0) used.push(range * 16 + index)
  }
  return Uint8Array.from(used)
}

/** Which table each group uses, as places in a list that moves the last to its front. */
function readSelectors(bits: BitInput, tableCount: number, count: number): Uint8Array {
  const front = Uint8Array.from([0, 1, 2, 3, 4, 5])
  const selectors = new Uint8Array(count)
  for (let index = 0; index < count; index += 1) {
    let place = 0
    while (readBits(bits, 1) === 1) {
      place += 1
      if (place >= tableCount) breakStream('a group of no table')
    }
    selectors[index] = moveToFront(front, place)
  }
  return selectors
}

/** Lengths, each told by steps up and down from the one before it; codes are given in the order of length and symbol. */
function readTable(bits: BitInput, symbolCount: number): CodeTable {
  const lengths = new Uint8Array(symbolCount)
  let length = readBits(bits, 5)
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) breakStream('a code of no length')
      if (readBits(bits, 1) === 0) break
      length += readBits(bits, 1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  const lookup = new Uint16Array(1 << LOOKUP_BITS)
  const limits = new Int32Array(LONGEST_CODE + 2)
  const bases = new Int32Array(LONGEST_CODE + 2)
  const symbols = new Uint16Array(symbolCount)
  let code = 0
  let place = 0
  for (let size = 1; size <= LONGEST_CODE; size += 1) {
    bases[size] = place - code
    for (let symbol = 0; symbol < symbolCount; symbol += 1) {
      if (lengths[symbol] !== size) continue
      if (size <= LOOKUP_BITS) {
        const first = code << (LOOKUP_BITS - size)
        lookup.fill((symbol << 5) | size, first, first + (1 << (LOOKUP_BITS - size)))
      }
      symbols[place++] = symbol
      code += 1
    }
    limits[size] = code
    code <<= 1
  }
  return { lookup, limits, bases, symbols }
}

function readSymbol(bits: BitInput, table: CodeTable): number {
  let { held, count } = bits
  while (count < LONGEST_CODE) {
    // Ten bytes stand behind a stream's last code.
    held = (held << 8) | bits.input.byte()
    count += 8
  }
  bits.held = held
  const found = table.lookup[(held >>> (count - LOOKUP_BITS)) & ((1 << LOOKUP_BITS) - 1)] as number
  if (found !== 0) {
    bits.count = count - (found & 31)
    return found >> 5
  }
  const ahead = (held >>> (count - LONGEST_CODE)) & ((1 << LONGEST_CODE) - 1)
  for (let size = LOOKUP_BITS + 1; size <= LONGEST_CODE; size += 1) {
    const code = ahead >>> (LONGEST_CODE - size)
    if (code < (table.limits[size] as number)) {
      bits.count = count - size
      return table.symbols[code + (table.bases[size] as number)] ?? breakStream('a code that is none')
    }
  }
  return breakStream('a code that is none')
}
