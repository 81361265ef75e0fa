/**
 * The matcher's hot path, in AssemblyScript: where in a block of bytes an anchor may stand. Built to kernel.wasm by
 * tools/build-kernel.ts. Sound and not exact: it names every place of an anchor, and a few where none is.
 *
 * SAFETY: loads and stores are not checked against the tables' bounds here. Tables were checked when the definitions were
 * opened (check-filters.ts): every index that a hash of so many bits can make lies in its bitmap, starts ascend and end at the
 * anchors' number. The window, the scratch and the candidates are its owner's, who sizes them by `kernel-memory.ts`; the
 * memory's own end is checked by WebAssembly.
 */
import {
  ANCHOR_MIX_1,
  ANCHOR_MIX_2,
  ANCHOR_MIX_3,
  ANCHOR_PART_BITS,
  ANCHOR_TARGET_BITS,
  BITMAP_BIT_LOG,
  CASE_BIT,
  CONFIRM_SPREAD,
  KERNEL_VERSION,
  LONG_ANCHOR_BYTES,
  LONG_STRIDE,
  MIDDLE_ANCHOR_BYTES,
  MIDDLE_STRIDE,
  PROBE_SPREAD,
  SHORT_SPREAD,
} from '../../definitions/src/filter-layout'
import { findMarks } from './marks'

const CASE_WORD: u32 = (CASE_BIT as u32) * 0x01010101
const CASE_BITS: u64 = ((CASE_WORD as u64) << 32) | (CASE_WORD as u64)

/** A product's lower 40 bits are moved to the top: a shift then takes the highest of them, which depend on all 5 bytes. */
const PROBE: u64 = (PROBE_SPREAD as u64) << 24
const CONFIRM: u64 = (CONFIRM_SPREAD as u64) << 24

/** Multipliers that move what stands behind a gram of 3, or 2, bytes out of the product. */
const MIDDLE: u32 = (SHORT_SPREAD as u32) << 8
const PAIR: u32 = (SHORT_SPREAD as u32) << 16

/** A record of the section anchors: tag, part and distance, witness. */
const ANCHOR_BYTES: usize = 12

// One instance serves one thread: its own places, and the tables that all share.
let window: usize = 0
let scratch: usize = 0
let candidates: usize = 0
let settled: usize = 0
let target: u32 = 0
let candidatesEnd: usize = 0
let starts: usize = 0
let startsShift: u32 = 0
let anchors: usize = 0
let confirmBits: usize = 0
let confirmShift: u64 = 0

/** The next candidate's place; `candidatesEnd` once there are too many. */
let out: usize = 0

export function version(): u32 {
  return KERNEL_VERSION
}

/**
 * This thread's own memory. Scratch holds a word for each byte of the longest stretch that is searched at once; settled a bit for each
 * part, set for those that need not be found any more.
 */
export function place(windowAt: usize, scratchAt: usize, settledAt: usize, candidatesAt: usize): void {
  settled = settledAt
  window = windowAt
  scratch = scratchAt
  candidates = candidatesAt
}

/** The tables of a set that serve every target; `…Log` is the number of bits of an index. */
export function setTables(
  startsAt: usize,
  startsLog: u32,
  anchorsAt: usize,
  confirmAt: usize,
  confirmLog: u32,
): void {
  starts = startsAt
  startsShift = 32 - startsLog
  anchors = anchorsAt
  confirmBits = confirmAt
  confirmShift = (64 - confirmLog) as u64
}

/** Begins another stretch, of a content of this target: no candidates so far, and room for `capacity` of them. */
export function begin(targetNumber: u32, capacity: u32): void {
  target = targetNumber
  out = candidates
  candidatesEnd = candidates + ((capacity as usize) << 3)
}

/** Candidates since `begin`. */
export function count(): u32 {
  return ((out - candidates) >>> 3) as u32
}

/**
 * Anchors of 8 bytes that a gram at a multiple of 4, from `from` (one itself) up to `to`, belongs to. Whole anchors within
 * `length` only. False when there was no room for all.
 */
export function searchLong(bits: usize, bytesLog: u32, from: u32, to: u32, length: u32): bool {
  const shift = (64 - bytesLog) as u64
  const end = window + to
  let kept = scratch
  let at: usize = window + from
  // Eight probes a turn: what is stored is kept by moving on, so nothing branches on the content.
  for (const last = end - min<usize>(end - at, 8 * LONG_STRIDE); at < last; at += 8 * LONG_STRIDE) {
    kept = probe(bits, shift, at, kept)
    kept = probe(bits, shift, at + LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 2 * LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 3 * LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 4 * LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 5 * LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 6 * LONG_STRIDE, kept)
    kept = probe(bits, shift, at + 7 * LONG_STRIDE, kept)
  }
  for (; at < end; at += LONG_STRIDE) kept = probe(bits, shift, at, kept)

  const second = confirmBits
  const secondShift = confirmShift
  let confirmed = scratch
  for (let entry = scratch; entry < kept; entry += 4) {
    const place: usize = load<u32>(entry)
    const hash = (load<u64>(place) | CASE_BITS) * CONFIRM
    store<u32>(confirmed, place as u32)
    confirmed += bitOf(second, hash, secondShift) << 2
  }

  const limit = window + length
  for (let entry = scratch; entry < confirmed; entry += 4) {
    const place: usize = load<u32>(entry)
    // The earliest first: then the candidates come in the order of their places.
    for (let phase: usize = LONG_STRIDE; phase-- > 0; ) {
      if (place < window + phase) continue
      const start = place - phase
      if (start + LONG_ANCHOR_BYTES > limit) continue
      const anchor = load<u64>(start) | CASE_BITS
      if (!emit(anchor as u32, (anchor >> 32) as u32, start, limit)) return false
    }
  }
  return true
}

/** Anchors known by 4 bytes that a gram at an even place belongs to, from `from` (one itself) up to `to`; likewise. */
export function searchMiddle(bits: usize, bytesLog: u32, from: u32, to: u32, length: u32): bool {
  const shift = 32 - bytesLog
  const end = window + to
  let kept = scratch
  let at: usize = window + from
  for (const last = end - min<usize>(end - at, 8); at < last; at += 8) {
    kept = probeShort(bits, shift, MIDDLE, at, kept)
    kept = probeShort(bits, shift, MIDDLE, at + 2, kept)
    kept = probeShort(bits, shift, MIDDLE, at + 4, kept)
    kept = probeShort(bits, shift, MIDDLE, at + 6, kept)
  }
  for (; at < end; at += MIDDLE_STRIDE) kept = probeShort(bits, shift, MIDDLE, at, kept)
  const limit = window + length
  for (let entry = scratch; entry < kept; entry += 4) {
    if (!emitMiddle(load<u32>(entry), limit)) return false
  }
  return true
}

/** The anchors of 4 bytes that the gram at `place` may belong to. */
function emitMiddle(place: usize, limit: usize): bool {
  for (let phase: usize = MIDDLE_STRIDE; phase-- > 0; ) {
    if (place < window + phase) continue
    const start = place - phase
    if (start + MIDDLE_ANCHOR_BYTES > limit) continue
    if (!emit(load<u32>(start) | CASE_WORD, MIDDLE_ANCHOR_BYTES, start, limit)) return false
  }
  return true
}

/** Anchors of 2 or 3 bytes, at every byte; likewise. */
export function searchShort(
  bits: usize,
  bytesLog: u32,
  anchorBytes: u32,
  from: u32,
  to: u32,
  length: u32,
): bool {
  const shift = 32 - bytesLog
  const mask: u32 = anchorBytes === 2 ? 0xffff : 0xffffff
  const spread = anchorBytes === 2 ? PAIR : MIDDLE
  const limit = window + length
  const end = min<usize>(window + to, limit - min<usize>(length, anchorBytes - 1))
  let kept = scratch
  for (let at: usize = window + from; at < end; at += 1) kept = probeShort(bits, shift, spread, at, kept)
  for (let entry = scratch; entry < kept; entry += 4) {
    const place: usize = load<u32>(entry)
    if (!emit((load<u32>(place) | CASE_WORD) & mask, anchorBytes, place, limit)) return false
  }
  return true
}

/** Where archives and programs may begin in the window, from `from` up to `to`: their addresses, as words in the scratch. */
export function searchMarks(from: u32, to: u32, isProgram: bool, capacity: u32): u32 {
  return findMarks(window + from, window + to, isProgram, scratch, capacity)
}

/** The bit of a hash in a bitmap: its upper bits choose the byte, the next five one of the 32 bits that begin there. */
function bitOf(bits: usize, hash: u64, shift: u64): usize {
  return ((load<u32>(bits + ((hash >> shift) as usize)) >>> ((hash >> (shift - BITMAP_BIT_LOG)) as u32)) &
    1) as usize
}

function probe(bits: usize, shift: u64, at: usize, kept: usize): usize {
  store<u32>(kept, at as u32)
  return kept + (bitOf(bits, (load<u64>(at) | CASE_BITS) * PROBE, shift) << 2)
}

/** `spread` moves what does not belong to the gram out of the product. */
function probeShort(bits: usize, shift: u32, spread: u32, at: usize, kept: usize): usize {
  const hash = (load<u32>(at) | CASE_WORD) * spread
  store<u32>(kept, at as u32)
  return (
    kept +
    (((load<u32>(bits + ((hash >>> shift) as usize)) >>> (hash >>> (shift - BITMAP_BIT_LOG))) & 1) << 2)
  )
}

function isSettled(part: u32): bool {
  return ((load<u8>(settled + (part >>> 3)) as u32) & (1 << (part & 7))) !== 0
}

/**
 * Adds a candidate for each part that has this anchor, and four more bytes of its fixed run where they must stand. False when there
 * is no room.
 */
function emit(low: u32, high: u32, place: usize, limit: usize): bool {
  let mixed = (low * (ANCHOR_MIX_1 as u32)) ^ high
  mixed = (mixed ^ (mixed >>> 15)) * (ANCHOR_MIX_2 as u32)
  mixed ^= mixed >>> 13
  const tag = (low * (ANCHOR_MIX_3 as u32)) ^ mixed
  const bucket = starts + (((mixed * (ANCHOR_MIX_1 as u32)) >>> startsShift) << 2)
  const last = anchors + (load<u32>(bucket, 4) as usize) * ANCHOR_BYTES
  for (
    let entry = anchors + (load<u32>(bucket) as usize) * ANCHOR_BYTES;
    entry < last;
    entry += ANCHOR_BYTES
  ) {
    if (load<u32>(entry) !== tag) continue
    const owner = load<u32>(entry, 4)
    const wanted = (owner >>> ANCHOR_PART_BITS) & ((1 << ANCHOR_TARGET_BITS) - 1)
    if (wanted !== 0 && wanted !== target) continue
    const part = owner & ((1 << ANCHOR_PART_BITS) - 1)
    if (isSettled(part)) continue
    const distance = ((owner as i32) >> (ANCHOR_PART_BITS + ANCHOR_TARGET_BITS)) as isize
    const witness = load<u32>(entry, 8)
    if (witness !== 0) {
      const at = (place as isize) + distance
      if (at < (window as isize) || at + 4 > (limit as isize)) continue
      if ((load<u32>(at as usize) | CASE_WORD) !== witness) continue
    }
    if (out === candidatesEnd) return false
    store<u32>(out, (place - window) as u32)
    store<u32>(out, part, 4)
    out += 8
  }
  return true
}
