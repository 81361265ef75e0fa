/**
 * What packers do to programs and tables before they compress them, undone: addresses in calls made relative again, differences summed ("The .xz File
 * Format", sections 5.3.2 and 5.3.3; the architectures' manuals say what their instructions look like). Works in place, on a block as a whole.
 */

/** A filter as a block's header states it. */
export interface BlockFilter {
  readonly kind: number
  readonly properties: Uint8Array
}

const DELTA = 3

type Filter = (bytes: Uint8Array, view: DataView, start: number) => void

const filters: ReadonlyMap<number, Filter> = new Map<number, Filter>([
  [4, undoX86],
  [5, undoPowerPc],
  [6, undoItanium],
  [7, undoArm],
  [8, undoThumb],
  [9, undoSparc],
  [10, undoArm64],
])

/** Those that can be undone. RISC-V's (11) cannot. */
export const filterKinds: ReadonlySet<number> = new Set([DELTA, ...filters.keys()])

/** Undoes one filter, if it is known. */
export function applyFilter({ kind, properties }: BlockFilter, bytes: Uint8Array): void {
  if (kind === DELTA) {
    undoDelta(bytes, (properties[0] ?? 0) + 1)
    return
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fields = new DataView(properties.buffer, properties.byteOffset, properties.length)
  filters.get(kind)?.(bytes, view, properties.length >= 4 ? fields.getUint32(0, true) : 0)
}

function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let index = distance; index < bytes.length; index += 1)
    bytes[index] = (bytes[index] as number) + (bytes[index - distance] as number)
}

/** Whether a byte may be the highest of an address: near calls go a little forward or back. */
function isHigh(byte: number): boolean {
  return byte === 0 || byte === 0xff
}

/** By the three bytes before an opcode, whether each was one itself: how many bytes back the nearest address could overlap. */
const overlaps = [0, 1, 2, 2, 3, 3, 3, 3]
const mayFollow = [true, true, true, false, true, false, false, false]

/** CALL (E8) and JMP (E9) with four bytes of displacement. */
function undoX86(bytes: Uint8Array, view: DataView, start: number): void {
  let mask = 0
  let last = -1
  for (let index = 0; index + 4 < bytes.length; index += 1) {
    if (((bytes[index] as number) & 0xfe) !== 0xe8) continue
    const since = index - last
    last = index
    mask = since > 3 ? 0 : (mask << (since - 1)) & 7
    const near = mask !== 0 && bytes[index + 4 - (overlaps[mask] as number)]
    if (near !== false && (!mayFollow[mask] || isHigh(near as number))) {
      mask = (mask << 1) | 1
      continue
    }
    if (!isHigh(bytes[index + 4] as number)) {
      mask = (mask << 1) | 1
      continue
    }
    const place = start + index + 5
    let value = view.getUint32(index + 1, true)
    for (;;) {
      const target = (value - place) >>> 0
      const shift = (overlaps[mask] as number) * 8
      if (mask === 0 || !isHigh((target >>> (24 - shift)) & 0xff)) {
        value = target
        break
      }
      value = (target ^ (2 ** (32 - shift) - 1)) >>> 0
    }
    view.setInt32(index + 1, (value << 7) >> 7, true)
    // As if the four bytes had been no opcodes; what follows counts from the opcode itself.
    index += 4
  }
}

/** BL. */
function undoPowerPc(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 4 <= bytes.length; index += 4) {
    const instruction = view.getUint32(index)
    if ((instruction & 0xfc000003) >>> 0 !== 0x48000001) continue
    view.setUint32(index, 0x48000001 | (((instruction & 0x03fffffc) - (start + index)) & 0x03fffffc))
  }
}

/** BL without a condition. */
function undoArm(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 4 <= bytes.length; index += 4) {
    if (bytes[index + 3] !== 0xeb) continue
    const words = (view.getUint32(index, true) & 0xffffff) - ((start + index + 8) >>> 2)
    view.setUint32(index, (0xeb000000 | (words & 0xffffff)) >>> 0, true)
  }
}

/** BL of two half words. */
function undoThumb(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 4 <= bytes.length; index += 2) {
    const high = view.getUint16(index, true)
    const low = view.getUint16(index + 2, true)
    if ((high & 0xf800) !== 0xf000 || (low & 0xf800) !== 0xf800) continue
    const halves = (((high & 0x7ff) << 11) | (low & 0x7ff)) - ((start + index + 4) >>> 1)
    view.setUint16(index, 0xf000 | ((halves >> 11) & 0x7ff), true)
    view.setUint16(index + 2, 0xf800 | (halves & 0x7ff), true)
    index += 2
  }
}

/** Which of the three slots of a bundle may hold a branch, by its template, the lowest bit for the first. */
const branchSlots = [...Array<number>(16).fill(0), 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0]

/** Branches relative to their bundle of 16 bytes: five bits of template, and slots of 41. */
function undoItanium(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 16 <= bytes.length; index += 16) {
    const slots = branchSlots[(bytes[index] as number) & 31] as number
    for (let slot = 0; slot < 3; slot += 1) {
      if (((slots >> slot) & 1) === 0) continue
      const bit = 5 + 41 * slot
      const at = index + (bit >> 3)
      const shift = BigInt(bit & 7)
      // A slot lies within six bytes.
      const word = BigInt(view.getUint32(at, true)) | (BigInt(view.getUint16(at + 4, true)) << 32n)
      const instruction = word >> shift
      if (((instruction >> 37n) & 15n) !== 5n || ((instruction >> 9n) & 7n) !== 0n) continue
      const bundles = ((instruction >> 13n) & 0xfffffn) | (((instruction >> 36n) & 1n) << 20n)
      const near = BigInt.asUintN(21, bundles - BigInt((start + index) >>> 4))
      const moved = (instruction & ~(0x8fffffn << 13n)) | ((near & 0xfffffn) << 13n) | ((near >> 20n) << 36n)
      const changed = (word & ((1n << shift) - 1n)) | (moved << shift)
      view.setUint32(at, Number(changed & 0xffffffffn), true)
      view.setUint16(at + 4, Number((changed >> 32n) & 0xffffn), true)
    }
  }
}

/** CALL. */
function undoSparc(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 4 <= bytes.length; index += 4) {
    const instruction = view.getUint32(index)
    const top = instruction >>> 22
    if (top !== 0x100 && top !== 0x1ff) continue
    const words = ((instruction << 2) - (start + index)) >>> 2
    const sign = 0x40000000 - (words & 0x400000)
    view.setUint32(index, (sign | 0x40000000 | (words & 0x3fffff)) >>> 0)
  }
}

/** BL, and ADRP within 512 MiB. */
function undoArm64(bytes: Uint8Array, view: DataView, start: number): void {
  for (let index = 0; index + 4 <= bytes.length; index += 4) {
    const instruction = view.getUint32(index, true)
    const place = start + index
    if (instruction >>> 26 === 0x25) {
      view.setUint32(index, (0x94000000 | ((instruction - (place >>> 2)) & 0x03ffffff)) >>> 0, true)
    } else if ((instruction & 0x9f000000) >>> 0 === 0x90000000) {
      const pages = ((instruction >>> 29) & 3) | ((instruction >>> 3) & 0x1ffffc)
      if (((pages + 0x20000) & 0x1c0000) !== 0) continue
      const near = pages - (place >>> 12)
      const sign = -(near & 0x20000) & 0xe00000
      const fields = (instruction & 0x9000001f) | ((near & 3) << 29) | ((near & 0x3fffc) << 3) | sign
      view.setUint32(index, fields >>> 0, true)
    }
  }
}
