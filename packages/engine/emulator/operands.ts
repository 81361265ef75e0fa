/**
 * Operands: general registers, and what the ModR/M byte names (Intel SDM, volume 2, 2.1.3 to 2.1.5 and 2.2.1). Sizes are logarithms of
 * bytes, 0 to 3. A memory operand is a pointer into the emulator's own memory, as `memory.ts` gives it, so that registers and memory are alike.
 */
import {
  ADDRESS,
  ADDRESS_BYTES,
  BOUNCE,
  CODE_START,
  IP,
  LONG_MODE,
  MOD_REGISTER,
  NO_REGISTER,
  REGISTERS,
  REX,
  RM_REGISTER,
  SEGMENT,
  STOP,
  X87_CONTROL,
} from '../src/emulation/machine-layout'
import { flushWrite, readPointer, writePointer } from './memory'

export const SP: u32 = 4

/** Whether the instruction has faulted: then it must change nothing. */
export function hasFaulted(): bool {
  return load<u32>(STOP) !== 0
}

export function isLong(): bool {
  return load<u32>(LONG_MODE) !== 0
}

export function loadSized(pointer: usize, size: u32): u64 {
  if (size === 2) return load<u32>(pointer)
  if (size === 0) return load<u8>(pointer)
  return size === 1 ? load<u16>(pointer) : load<u64>(pointer)
}

/** Stores to a register or to memory; 32 bits in a register clear its upper half. */
export function storeSized(pointer: usize, size: u32, value: u64): void {
  if (size === 2) {
    if (pointer < (X87_CONTROL as usize)) store<u64>(pointer, value & 0xffffffff)
    else store<u32>(pointer, value as u32)
  } else if (size === 0) store<u8>(pointer, value as u8)
  else if (size === 1) store<u16>(pointer, value as u16)
  else store<u64>(pointer, value)
  if (pointer === BOUNCE) flushWrite()
}

export function signExtended(value: u64, size: u32): u64 {
  const shift: u64 = 64 - (8 << size)
  return (((value << shift) as i64) >> shift) as u64
}

export function truncated(value: u64, size: u32): u64 {
  return size === 3 ? value : value & (((1 as u64) << ((8 << size) as u64)) - 1)
}

/** Of bytes 4 to 7 are the second bytes of the first four registers, unless there is a REX prefix. */
export function registerPointer(register: u32, size: u32): usize {
  if (size === 0 && register >= 4 && load<u32>(REX) === 0) return REGISTERS + (register & 3) * 8 + 1
  return REGISTERS + register * 8
}

export function register(number: u32): u64 {
  return load<u64>(REGISTERS + number * 8)
}

/** Addresses and counts, by the size of addresses. */
export function addressRegister(number: u32): u64 {
  const value = register(number)
  const bytes = load<u32>(ADDRESS_BYTES)
  return bytes === 8 ? value : bytes === 4 ? value & 0xffffffff : value & 0xffff
}

export function setAddressRegister(number: u32, value: u64): void {
  const bytes = load<u32>(ADDRESS_BYTES)
  storeSized(REGISTERS + number * 8, bytes === 8 ? 3 : bytes === 4 ? 2 : 1, value)
}

/** A linear address. */
export function linear(address: u64): u64 {
  const sum = address + load<u64>(SEGMENT)
  return isLong() ? sum : sum & 0xffffffff
}

/** Reads ModR/M and what belongs to it; `immediate` bytes follow it in the instruction. Where it ends. */
export function decodeOperands(code: usize, immediate: u32): usize {
  const byte: u32 = load<u8>(code)
  const rex = load<u32>(REX)
  store<u32>(MOD_REGISTER, ((byte >> 3) & 7) | ((rex & 4) << 1))
  if (byte >= 0xc0) {
    store<u32>(RM_REGISTER, (byte & 7) | ((rex & 1) << 3))
    return code + 1
  }
  store<u32>(RM_REGISTER, NO_REGISTER)
  if (load<u32>(ADDRESS_BYTES) === 2) return decodeShortAddress(code + 1, byte)
  return decodeAddress(code + 1, byte, rex, immediate)
}

function decodeAddress(from: usize, byte: u32, rex: u32, immediate: u32): usize {
  let code = from
  const mod = byte >> 6
  let base = byte & 7
  let sum: u64 = 0
  if (base === 4) {
    const sib: u32 = load<u8>(code)
    code += 1
    base = sib & 7
    const index = ((sib >> 3) & 7) | ((rex & 2) << 2)
    if (index !== 4) sum = register(index) << ((sib >> 6) as u64)
    if (base === 5 && mod === 0) {
      sum += load<i32>(code) as i64 as u64
      code += 4
    } else sum += register(base | ((rex & 1) << 3))
  } else if (base === 5 && mod === 0) {
    sum = load<i32>(code) as i64 as u64
    code += 4
    if (isLong()) sum += load<u64>(IP) + ((code + immediate - load<u32>(CODE_START)) as u64)
  } else sum = register(base | ((rex & 1) << 3))
  if (mod === 1) {
    sum += load<i8>(code) as i64 as u64
    code += 1
  } else if (mod === 2) {
    sum += load<i32>(code) as i64 as u64
    code += 4
  }
  if (load<u32>(ADDRESS_BYTES) === 4) sum &= 0xffffffff
  store<u64>(ADDRESS, sum)
  return code
}

/** With 16-bit addresses (table 2-1). */
function decodeShortAddress(from: usize, byte: u32): usize {
  let code = from
  const mod = byte >> 6
  const form = byte & 7
  let sum: u64 = 0
  if (form < 2 || form === 7) sum = register(3)
  if (form === 2 || form === 3 || (form === 6 && mod !== 0)) sum = register(5)
  if (form === 0 || form === 2 || form === 4) sum += register(6)
  if (form === 1 || form === 3 || form === 5) sum += register(7)
  if (mod === 1) {
    sum += load<i8>(code) as i64 as u64
    code += 1
  } else if (mod === 2 || (form === 6 && mod === 0)) {
    sum += load<u16>(code)
    code += 2
  }
  store<u64>(ADDRESS, sum & 0xffff)
  return code
}

export function isRegister(): bool {
  return load<u32>(RM_REGISTER) !== NO_REGISTER
}

/** The ModR/M's operand, to be read. */
export function sourcePointer(size: u32): usize {
  const register = load<u32>(RM_REGISTER)
  if (register !== NO_REGISTER) return registerPointer(register, size)
  return readPointer(linear(load<u64>(ADDRESS)), 1 << size)
}

/** The ModR/M's operand, to be written, or read and written. */
export function targetPointer(size: u32): usize {
  const register = load<u32>(RM_REGISTER)
  if (register !== NO_REGISTER) return registerPointer(register, size)
  return writePointer(linear(load<u64>(ADDRESS)), 1 << size)
}

/** The ModR/M's register. */
export function otherPointer(size: u32): usize {
  return registerPointer(load<u32>(MOD_REGISTER), size)
}

/** An immediate of an instruction with operands of this size: 4 bytes at most, with their sign. */
export function immediate(code: usize, size: u32): u64 {
  if (size >= 2) return load<i32>(code) as i64 as u64
  return size === 1 ? load<u16>(code) : load<u8>(code)
}

export function immediateBytes(size: u32): u32 {
  return size >= 2 ? 4 : 1 << size
}

/** Pushes; nothing changes when it faults. */
export function push(value: u64, size: u32): bool {
  const top = stackAddress(register(SP) - (1 << size))
  const pointer = writePointer(top, 1 << size)
  if (hasFaulted()) return false
  storeSized(pointer, size, value)
  store<u64>(REGISTERS + SP * 8, top)
  return true
}

export function pop(size: u32): u64 {
  const top = stackAddress(register(SP))
  const value = loadSized(readPointer(top, 1 << size), size)
  if (!hasFaulted()) store<u64>(REGISTERS + SP * 8, stackAddress(top + (1 << size)))
  return value
}

export function stackAddress(address: u64): u64 {
  return isLong() ? address : address & 0xffffffff
}
