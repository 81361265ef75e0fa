/**
 * Where the next instruction is: the end of this one, jumps, calls, returns and loops (Intel SDM, volume 2). A jump outside mapped memory faults
 * when its target is to be run.
 */
import { CODE_START, IP, REGISTERS, STOP } from '../src/emulation/machine-layout'
import { zero } from './flags'
import { readPointer } from './memory'
import {
  addressRegister,
  hasFaulted,
  isLong,
  loadSized,
  pop,
  push,
  register,
  SP,
  setAddressRegister,
  stackAddress,
  storeSized,
} from './operands'

const CX: u32 = 1
const BP: u32 = 5

/** Ends the run, unless a fault has ended it. */
export function stopWith(reason: u32): bool {
  if (load<u32>(STOP) === 0) store<u32>(STOP, reason)
  return true
}

/** The address of the byte at `code`. */
function addressOf(code: usize): u64 {
  return load<u64>(IP) + ((code - load<u32>(CODE_START)) as u64)
}

function jumpTo(address: u64): void {
  store<u64>(IP, isLong() ? address : address & 0xffffffff)
}

/** The instruction ended at this byte; nothing moves if it has faulted. */
export function finish(code: usize): bool {
  if (!hasFaulted()) jumpTo(addressOf(code))
  return true
}

/** A jump from the instruction's end, if it is taken. With operands of 16 bits only those stay of the address. */
export function branch(code: usize, distance: i32, isTaken: bool, operandSize: u32): bool {
  if (hasFaulted()) return false
  const target = addressOf(code) + (isTaken ? (distance as i64 as u64) : 0)
  jumpTo(isTaken && operandSize === 1 && !isLong() ? target & 0xffff : target)
  return true
}

/** `call` with a distance. */
export function callAddress(code: usize, operandSize: u32): bool {
  if (operandSize === 1 && !isLong()) {
    push(addressOf(code + 2), 1)
    return branch(code + 2, load<i16>(code), true, 1)
  }
  push(addressOf(code + 4), isLong() ? 3 : 2)
  branch(code + 4, load<i32>(code), true, 2)
  return true
}

/** `call` and `jmp` to an address that an operand holds, the instruction ending at `code`. */
export function goTo(target: u64, code: usize, size: u32, isCall: bool): bool {
  if (isCall) push(addressOf(code), size)
  if (!hasFaulted()) jumpTo(target)
  return true
}

export function returnFrom(released: u32, size: u32): bool {
  const target = pop(size)
  if (hasFaulted()) return false
  if (released !== 0) store<u64>(REGISTERS + SP * 8, stackAddress(register(SP) + released))
  jumpTo(target)
  return true
}

/** Whether `loopne`, `loope`, `loop` or `jcxz`, 0xe0 to 0xe3, jumps. */
export function loop(opcode: u32): bool {
  if (opcode === 0xe3) return addressRegister(CX) === 0
  const count = addressRegister(CX) - 1
  setAddressRegister(CX, count)
  return addressRegister(CX) !== 0 && (opcode === 0xe2 || zero() === (opcode === 0xe1))
}

/** `enter`; nested frames are not known to any compiler, but to the manual. */
export function enter(bytes: u32, nesting: u32, size: u32): bool {
  const before = register(SP)
  const outer = register(BP)
  push(loadSized(REGISTERS + BP * 8, size), size)
  const frame = register(SP)
  const levels = nesting & 31
  for (let level: u32 = 1; level < levels; level++) {
    const link = stackAddress(outer - level * (1 << size))
    push(loadSized(readPointer(link, 1 << size), size), size)
  }
  if (levels > 0) push(frame, size)
  if (hasFaulted()) {
    store<u64>(REGISTERS + SP * 8, before)
    return true
  }
  storeSized(REGISTERS + BP * 8, size, frame)
  store<u64>(REGISTERS + SP * 8, stackAddress(register(SP) - bytes))
  return true
}

export function leave(size: u32): void {
  const before = register(SP)
  store<u64>(REGISTERS + SP * 8, stackAddress(register(BP)))
  const frame = pop(size)
  if (hasFaulted()) store<u64>(REGISTERS + SP * 8, before)
  else storeSized(REGISTERS + BP * 8, size, frame)
}
