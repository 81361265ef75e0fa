/**
 * An emulator of x86 processors in AssemblyScript: 32-bit and 64-bit code of ordinary programs, enough for programs that unpack
 * themselves. Built to emulator.wasm by tools/build-kernel.ts. Its state lies in its memory where `machine-layout.ts` says; its
 * user fills that, maps regions, runs it some instructions at a time, and answers whatever ends a run. It knows of no system.
 */
import {
  CLOCK,
  CODE_HOST,
  CODE_PAGE,
  CODE_PRISTINE,
  CODE_START,
  CODE_WATCHED,
  COST,
  FETCH,
  FROM,
  IP,
  OTHER_FLAGS,
  PAGE_BYTES,
  POOL,
  REGION_COUNT,
  REGIONS,
  REGIONS_MAX,
  STOP,
  STOP_ADDRESS,
  STOP_CHANGED_CODE,
  STOP_SINGLE_STEP,
  X87_CONTROL,
} from '../src/emulation/machine-layout'
import { execute } from './execute'
import { allFlags, setAllFlags } from './flags'
import { enterCodePage, knowChangedCode, markWritten, pageOf } from './memory'

/** An instruction has 15 bytes at most; as many are read ahead without a look at the page's end. */
const LONGEST: u64 = 16
const TF: u32 = 0x100

/** Forgets everything; regions and registers are the user's to set. */
export function reset(): void {
  memory.fill(0, 0, POOL)
  store<u32>(X87_CONTROL, 0x37f)
  store<u64>(CODE_PAGE, u64.MAX_VALUE)
}

/** Makes addresses from `start` to before `end` usable, both multiples of a page. False when there are too many regions. */
export function map(start: u64, end: u64): bool {
  const count = load<u32>(REGION_COUNT)
  if (count >= (REGIONS_MAX as u32)) return false
  store<u64>(REGIONS + count * 32, start)
  store<u64>(REGIONS + count * 32, end, 8)
  store<u32>(REGION_COUNT, count + 1)
  return true
}

/** The entry of an address's page, which is made if need be; 0 when it is in no region or there is no memory left. */
export function page(address: u64): usize {
  const entry = pageOf(address, 0)
  store<u32>(STOP, 0)
  return entry
}

/** The same of a page that the user is about to write in the program's name. */
export function writtenPage(address: u64): usize {
  const entry = page(address)
  return entry !== 0 && markWritten(entry) ? entry : 0
}

export function flags(): u32 {
  return allFlags()
}

export function setFlags(value: u32): void {
  setAllFlags(value)
}

/** Forgets which page code is read from, after a jump that the user made or pages that it changed. */
export function forgetCode(): void {
  store<u64>(CODE_PAGE, u64.MAX_VALUE)
}

/** Runs up to so many instructions, fewer when one ends the run. How many steps are left. */
export function run(steps: u32): u32 {
  let left = steps
  let before = load<u64>(IP)
  store<u32>(STOP, 0)
  while (left > 0) {
    const ip = load<u64>(IP)
    const offset = ip - load<u64>(CODE_PAGE)
    const code =
      offset <= (PAGE_BYTES as u64) - LONGEST ? load<u32>(CODE_HOST) + (offset as usize) : codeAt(ip)
    if (load<u32>(STOP) !== 0) break
    if (load<u32>(CODE_WATCHED) !== 0 && isChanged(ip)) {
      store<u64>(FROM, before)
      store<u32>(STOP, STOP_CHANGED_CODE)
      store<u64>(STOP_ADDRESS, ip)
      knowChangedCode()
      break
    }
    before = ip
    left -= 1
    const isTraced = (load<u32>(OTHER_FLAGS) & TF) !== 0
    store<u32>(CODE_START, code as u32)
    execute(code)
    if (load<u32>(STOP) !== 0) break
    if (isTraced) {
      store<u32>(STOP, STOP_SINGLE_STEP)
      break
    }
    const cost = load<u32>(COST)
    if (cost !== 0) {
      store<u32>(COST, 0)
      left -= min(left, cost)
    }
  }
  store<u64>(CLOCK, load<u64>(CLOCK) + (steps - left))
  return left
}

/** Whether the first byte at an address in the page at hand is another one than before it was written. */
function isChanged(ip: u64): bool {
  const offset = (ip & ((PAGE_BYTES as u64) - 1)) as usize
  return load<u8>(load<u32>(CODE_HOST) + offset) !== load<u8>(load<u32>(CODE_PRISTINE) + offset)
}

/** Where the instruction at an address can be read whole: in its page, or copied together from two. */
function codeAt(ip: u64): usize {
  const host = enterCodePage(ip)
  if (host === 0) return FETCH
  const offset = (ip & ((PAGE_BYTES as u64) - 1)) as u32
  const here: u32 = (PAGE_BYTES as u32) - offset
  if (here >= (LONGEST as u32)) return host + offset
  memory.fill(FETCH, 0, LONGEST as usize)
  memory.copy(FETCH, host + offset, here)
  // Most instructions end before the page does, and what is behind need not be mapped.
  const next = pageOf(ip + here, 8)
  store<u32>(STOP, 0)
  if (next !== 0) memory.copy(FETCH + here, load<u32>(next, 8), (LONGEST as u32) - here)
  return FETCH
}
