/**
 * The emulated program's memory: pages that come into being when they are touched, within the regions that its user mapped and up
 * to a number of pages. Also what is known of each page: whether it was written and how it was before. It holds no rights: what is
 * mapped may be read, written and run.
 *
 * SAFETY: every pointer given out lies in this module's own memory with as many bytes behind it as were asked for, 16 at most:
 * in a page, in BOUNCE, or in NOWHERE when the access faults. WebAssembly checks the memory's end besides.
 */
import {
  BOUNCE,
  CODE_HOST,
  CODE_PAGE,
  CODE_PRISTINE,
  CODE_WATCHED,
  NOWHERE,
  PAGE_BYTES,
  PAGE_COUNT,
  PAGE_LIMIT,
  PAGE_LOADED,
  PAGE_RAN,
  PAGE_TABLE,
  PAGE_TABLE_LOG,
  PAGE_WRITTEN,
  PENDING_ADDRESS,
  PENDING_BYTES,
  POOL,
  READ_TRANSLATIONS,
  REGION_COUNT,
  REGIONS,
  STOP,
  STOP_ACCESS,
  STOP_ADDRESS,
  STOP_MEMORY,
  STOP_PAGE_FAULT,
  WRITE_TRANSLATIONS,
  ZERO_PAGE,
} from '../src/emulation/machine-layout'

const OFFSET: u64 = 4095
const PAGE: u32 = PAGE_BYTES
const TRANSLATION_MASK: u64 = 1023
const READ: u32 = 0
const WRITE: u32 = 1
const RUN: u32 = 8
/** A multiplier that spreads page numbers (about 2⁶⁴ over the golden ratio). */
const SPREAD: u64 = 0x9e3779b97f4a7800

/** Where `bytes` bytes at an address can be read. */
export function readPointer(address: u64, bytes: u32): usize {
  const entry = READ_TRANSLATIONS + (((address >> 12) & TRANSLATION_MASK) as usize) * 16
  const offset = (address & OFFSET) as u32
  if (load<u64>(entry) === ((address & ~OFFSET) | 1) && offset + bytes <= PAGE)
    return load<u32>(entry, 8) + offset
  return readElsewhere(address, bytes)
}

/** Where they can be written, and read. Follow what is stored with `flushWrite` when it is BOUNCE. */
export function writePointer(address: u64, bytes: u32): usize {
  const entry = WRITE_TRANSLATIONS + (((address >> 12) & TRANSLATION_MASK) as usize) * 16
  const offset = (address & OFFSET) as u32
  if (load<u64>(entry) === ((address & ~OFFSET) | 1) && offset + bytes <= PAGE)
    return load<u32>(entry, 8) + offset
  return writeElsewhere(address, bytes)
}

/** Brings what was stored to BOUNCE into its two pages. */
export function flushWrite(): void {
  const address = load<u64>(PENDING_ADDRESS)
  const bytes = load<u32>(PENDING_BYTES)
  for (let at: u32 = 0; at < bytes; at++) store<u8>(writePointer(address + at, 1), load<u8>(BOUNCE + at))
}

/** Where the page of an instruction lies; 0 when it cannot be run. The page becomes the one that code is read from. */
export function enterCodePage(address: u64): usize {
  const entry = pageOf(address, RUN)
  if (entry === 0) return 0
  const flags = load<u32>(entry, 16)
  store<u64>(CODE_PAGE, address & ~OFFSET)
  store<u32>(CODE_HOST, load<u32>(entry, 8))
  store<u32>(CODE_PRISTINE, load<u32>(entry, 12))
  store<u32>(CODE_WATCHED, (flags & (PAGE_WRITTEN | PAGE_RAN)) === PAGE_WRITTEN ? 1 : 0)
  return load<u32>(entry, 8)
}

/** Changed code in the page at hand is known from now on. */
export function knowChangedCode(): void {
  const entry = slotOf(load<u64>(CODE_PAGE))
  store<u32>(entry, load<u32>(entry, 16) | PAGE_RAN, 16)
  store<u32>(CODE_WATCHED, 0)
}

/** The entry of a page, or 0 after a fault. */
export function pageOf(address: u64, access: u32): usize {
  const page = address & ~OFFSET
  const entry = slotOf(page)
  if (load<u64>(entry) !== 0) return entry
  if (!isMapped(page)) {
    fault(STOP_PAGE_FAULT, address, access)
    return 0
  }
  const host = takePage()
  if (host === 0) {
    fault(STOP_MEMORY, address, access)
    return 0
  }
  memory.fill(host, 0, PAGE_BYTES)
  store<u64>(entry, page | 1)
  store<u32>(entry, host as u32, 8)
  store<u32>(entry, ZERO_PAGE, 12)
  store<u32>(entry, 0, 16)
  return entry
}

function fault(stop: u32, address: u64, access: u32): void {
  if (load<u32>(STOP) !== 0) return
  store<u32>(STOP, stop)
  store<u64>(STOP_ADDRESS, address)
  store<u32>(STOP_ACCESS, access)
}

function slotOf(page: u64): usize {
  let index = (((page >> 12) * SPREAD) >> (64 - (PAGE_TABLE_LOG as u64))) as u32
  // Half of the table is empty at least.
  while (!isSlotOf(page, index)) index = (index + 1) & ((1 << PAGE_TABLE_LOG) - 1)
  return PAGE_TABLE + index * 32
}

function isSlotOf(page: u64, index: u32): bool {
  const key = load<u64>(PAGE_TABLE + index * 32)
  return key === (page | 1) || key === 0
}

function isMapped(page: u64): bool {
  const count = load<u32>(REGION_COUNT)
  for (let index: u32 = 0; index < count; index++) {
    const region = REGIONS + index * 32
    if (page >= load<u64>(region) && page < load<u64>(region, 8)) return true
  }
  return false
}

/** Memory for one page more, or 0. */
function takePage(): usize {
  const count = load<u32>(PAGE_COUNT)
  if (count >= load<u32>(PAGE_LIMIT)) return 0
  const host: usize = POOL + count * PAGE_BYTES
  const missing = (((host + PAGE_BYTES + 0xffff) >> 16) as i32) - memory.size()
  // 1 MiB at a time: each growth costs, whatever its size.
  if (missing > 0 && memory.grow(max(missing, 16)) < 0) return 0
  store<u32>(PAGE_COUNT, count + 1)
  return host
}

/** Keeps how a page was before its first write. False when there is no memory left for that. */
export function markWritten(entry: usize): bool {
  const flags = load<u32>(entry, 16)
  if ((flags & PAGE_WRITTEN) !== 0) return true
  const host = load<u32>(entry, 8)
  if ((flags & PAGE_LOADED) !== 0) {
    const copy = takePage()
    if (copy === 0) return false
    memory.copy(copy, host, PAGE_BYTES)
    store<u32>(entry, copy as u32, 12)
  }
  store<u32>(entry, flags | PAGE_WRITTEN, 16)
  if (load<u32>(CODE_HOST) === host) {
    store<u32>(CODE_WATCHED, 1)
    store<u32>(CODE_PRISTINE, load<u32>(entry, 12))
  }
  return true
}

function remember(table: usize, address: u64, host: u32): void {
  const entry = table + (((address >> 12) & TRANSLATION_MASK) as usize) * 16
  store<u64>(entry, (address & ~OFFSET) | 1)
  store<u32>(entry, host, 8)
}

function readElsewhere(address: u64, bytes: u32): usize {
  const offset = (address & OFFSET) as u32
  if (offset + bytes > PAGE) {
    for (let at: u32 = 0; at < bytes; at++) store<u8>(BOUNCE + at, load<u8>(readPointer(address + at, 1)))
    return load<u32>(STOP) === 0 ? BOUNCE : NOWHERE
  }
  const entry = pageOf(address, READ)
  if (entry === 0) return NOWHERE
  const host = load<u32>(entry, 8)
  remember(READ_TRANSLATIONS, address, host)
  return host + offset
}

function writeElsewhere(address: u64, bytes: u32): usize {
  const offset = (address & OFFSET) as u32
  if (offset + bytes > PAGE) {
    for (let at: u32 = 0; at < bytes; at++) store<u8>(BOUNCE + at, load<u8>(writePointer(address + at, 1)))
    store<u64>(PENDING_ADDRESS, address)
    store<u32>(PENDING_BYTES, bytes)
    return load<u32>(STOP) === 0 ? BOUNCE : NOWHERE
  }
  const entry = pageOf(address, WRITE)
  if (entry === 0) return NOWHERE
  if (!markWritten(entry)) {
    fault(STOP_MEMORY, address, WRITE)
    return NOWHERE
  }
  const host = load<u32>(entry, 8)
  remember(WRITE_TRANSLATIONS, address, host)
  return host + offset
}
