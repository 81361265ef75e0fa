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
  CASE_BIT,
  CONFIRM_SPREAD,
  KERNEL_VERSION,
  LONG_ANCHOR_BYTES,
  LONG_STRIDE,
  PROBE_SPREAD,
  SHORT_SPREAD,
} from '../../definitions/src/filter-layout'

const CASE_WORD: u32 = (CASE_BIT as u32) * 0x01010101
const CASE_BITS: u64 = ((CASE_WORD as u64) << 32) | (CASE_WORD as u64)

/** A product's lower 40 bits are moved to the top: a shift then takes the highest of them, which depend on all 5 bytes. */
const PROBE: u64 = (PROBE_SPREAD as u64) << 24
const CONFIRM: u64 = (CONFIRM_SPREAD as u64) << 24

/** A record of the section anchors: tag, part and distance, witness. */
const ANCHOR_BYTES: usize = 12

// One instance serves one thread: its own places, and the tables that all share.
let window: usize = 0
let scratch: usize = 0
let candidates: usize = 0
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

/** This thread's own memory. Scratch holds a word for each byte of the longest stretch that is searched at once. */
export function place(windowAt: usize, scratchAt: usize, candidatesAt: usize): void {
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

/** Begins another stretch: no candidates so far, and room for `capacity` of them. */
export function begin(capacity: u32): void {
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
export function searchLong(bits: usize, bitsLog: u32, from: u32, to: u32, length: u32): bool {
  const shift = (64 - bitsLog) as u64
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
    const index = (((load<u64>(place) | CASE_BITS) * CONFIRM) >> secondShift) as u32
    store<u32>(confirmed, place as u32)
    confirmed += bitOf(second, index) << 2
  }

  const limit = window + length
  for (let entry = scratch; entry < confirmed; entry += 4) {
    const place: usize = load<u32>(entry)
    for (let phase: usize = 0; phase < (LONG_STRIDE as usize); phase += 1) {
      if (place < window + phase) break
      const start = place - phase
      if (start + LONG_ANCHOR_BYTES > limit) continue
      const anchor = load<u64>(start) | CASE_BITS
      if (!emit(anchor as u32, (anchor >> 32) as u32, start, limit)) return false
    }
  }
  return true
}

/** Anchors that are known by their first `size` bytes, 2 to 4, at every byte; likewise. */
export function searchShort(bits: usize, bitsLog: u32, size: u32, from: u32, to: u32, length: u32): bool {
  const shift = 32 - bitsLog
  const mask: u32 = 0xffffffff >>> (32 - 8 * size)
  const end = window + min<u32>(to, length < size ? 0 : length - size + 1)
  let kept = scratch
  let at: usize = window + from
  for (const last = end - min<usize>(end, 4); at < last; at += 4) {
    kept = probeShort(bits, shift, mask, at, kept)
    kept = probeShort(bits, shift, mask, at + 1, kept)
    kept = probeShort(bits, shift, mask, at + 2, kept)
    kept = probeShort(bits, shift, mask, at + 3, kept)
  }
  for (; at < end; at += 1) kept = probeShort(bits, shift, mask, at, kept)
  for (let entry = scratch; entry < kept; entry += 4) {
    const place: usize = load<u32>(entry)
    if (!emit((load<u32>(place) | CASE_WORD) & mask, size, place, window + length)) return false
  }
  return true
}

function bitOf(bits: usize, index: u32): usize {
  return (((load<u8>(bits + (index >>> 3)) as u32) >>> (index & 7)) & 1) as usize
}

function probe(bits: usize, shift: u64, at: usize, kept: usize): usize {
  const index = (((load<u64>(at) | CASE_BITS) * PROBE) >> shift) as u32
  store<u32>(kept, at as u32)
  return kept + (bitOf(bits, index) << 2)
}

function probeShort(bits: usize, shift: u32, mask: u32, at: usize, kept: usize): usize {
  const index = (((load<u32>(at) | CASE_WORD) & mask) * (SHORT_SPREAD as u32)) >>> shift
  store<u32>(kept, at as u32)
  return kept + (bitOf(bits, index) << 2)
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
    const distance = ((owner as i32) >> 24) as isize
    const witness = load<u32>(entry, 8)
    if (witness !== 0) {
      const at = (place as isize) + distance
      if (at < (window as isize) || at + 4 > (limit as isize)) continue
      if ((load<u32>(at as usize) | CASE_WORD) !== witness) continue
    }
    if (out === candidatesEnd) return false
    store<u32>(out, (place - window) as u32)
    store<u32>(out, owner & 0xffffff, 4)
    out += 8
  }
  return true
}
