/**
 * Opcodes of one byte that several instructions share a table's row with (Intel SDM, volume 2, appendix A, table A-2), a function for a row
 * or two. `execute.ts` has the rows.
 */
import {
  ADDRESS,
  ADDRESS_BYTES,
  MOD_REGISTER,
  REGISTERS,
  STOP_ADDRESS,
  STOP_BREAKPOINT,
  STOP_CALL,
  STOP_INTERRUPT,
  STOP_INVALID,
  STOP_PRIVILEGED,
  STOP_UNSUPPORTED,
} from '../src/emulation/machine-layout'
import { combine, joinDigits, multiplySigned, splitDigits } from './arithmetic'
import { enter, finish, leave, returnFrom, stopWith } from './control'
import { allFlags, carry, changeArithmetic, setAllFlags } from './flags'
import { runGroup1, runGroup5 } from './groups'
import { readPointer, writePointer } from './memory'
import {
  decodeOperands,
  hasFaulted,
  immediate,
  immediateBytes,
  isLong,
  isRegister,
  linear,
  loadSized,
  otherPointer,
  pop,
  push,
  signExtended,
  sourcePointer,
  storeSized,
  targetPointer,
} from './operands'
import { popOperand, storeSegment } from './segments'
import { shiftOperand } from './shifts'
import { runString } from './strings'

const AX: usize = REGISTERS
const DX: usize = REGISTERS + 16
const CF: u32 = 1
/** The interrupt of Windows' system calls, which is how stubs call what the user emulates. */
const SYSTEM_CALL: u8 = 0x2e
/** 0x68 to 0x6f. */
export function executePushes(opcode: u32, from: usize, operandSize: u32, stackSize: u32): bool {
  let code = from
  if (opcode === 0x68) {
    push(immediate(code, operandSize), stackSize)
    return finish(code + immediateBytes(operandSize))
  }
  if (opcode === 0x6a) {
    push(load<i8>(code) as i64 as u64, stackSize)
    return finish(code + 1)
  }
  if (opcode !== 0x69 && opcode !== 0x6b) return stopWith(STOP_PRIVILEGED)
  const bytes = opcode === 0x69 ? immediateBytes(operandSize) : 1
  code = decodeOperands(code, bytes)
  const factor = opcode === 0x69 ? immediate(code, operandSize) : (load<i8>(code) as i64 as u64)
  const value = loadSized(sourcePointer(operandSize), operandSize)
  if (hasFaulted()) return false
  storeSized(otherPointer(operandSize), operandSize, multiplySigned(value, factor, operandSize))
  return finish(code + bytes)
}

/** 0x80 to 0x8f. */
export function executeMoves(opcode: u32, from: usize, operandSize: u32): bool {
  const size: u32 = (opcode & 1) !== 0 ? operandSize : 0
  if (opcode < 0x84) return runGroup1(opcode, from, size)
  const code = decodeOperands(from, 0)
  if (opcode === 0x8d) {
    storeSized(otherPointer(operandSize), operandSize, load<u64>(ADDRESS))
  } else if (opcode === 0x8c) {
    storeSegment(operandSize, load<u32>(MOD_REGISTER), isRegister())
  } else if (opcode === 0x8e) {
    // Flat segments: what is loaded makes no difference.
    sourcePointer(1)
  } else if (opcode === 0x8f) {
    popOperand(from, isLong() && operandSize !== 1 ? 3 : operandSize)
  } else {
    const isLoad = opcode >= 0x8a || opcode < 0x86
    const pointer = isLoad ? sourcePointer(size) : targetPointer(size)
    if (hasFaulted()) return false
    const other = otherPointer(size)
    const value = loadSized(pointer, size)
    if (opcode >= 0x8a) storeSized(other, size, value)
    else if (opcode >= 0x88) storeSized(pointer, size, loadSized(other, size))
    else if (opcode < 0x86) combine(4, size, value, loadSized(other, size))
    else {
      storeSized(pointer, size, loadSized(other, size))
      storeSized(other, size, value)
    }
  }
  return finish(code)
}

/** 0x98 to 0x9f. */
export function executeConversions(opcode: u32, code: usize, size: u32, stackSize: u32): bool {
  if (opcode === 0x98) storeSized(AX, size, signExtended(loadSized(AX, size - 1), size - 1))
  else if (opcode === 0x99)
    storeSized(DX, size, ((signExtended(loadSized(AX, size), size) as i64) >> 63) as u64)
  else if (opcode === 0x9c) push(allFlags(), stackSize)
  else if (opcode === 0x9d) {
    const value = pop(stackSize) as u32
    if (!hasFaulted()) setAllFlags(stackSize === 1 ? (allFlags() & 0xffff0000) | value : value)
  } else if (opcode === 0x9e) changeArithmetic(0xd5, load<u8>(AX, 1))
  else if (opcode === 0x9f) store<u8>(AX, allFlags() as u8, 1)
  else if (opcode === 0x9a) return stopWith(STOP_UNSUPPORTED)
  return finish(code)
}

/** 0xa0 to 0xaf. */
export function executeAccumulator(opcode: u32, code: usize, size: u32, repeat: u32): bool {
  if (opcode === 0xa8 || opcode === 0xa9) {
    combine(4, size, loadSized(AX, size), immediate(code, size))
    return finish(code + immediateBytes(size))
  }
  if (opcode >= 0xa4) {
    if (runString(opcode, size, repeat)) finish(code)
    return false
  }
  const bytes = load<u32>(ADDRESS_BYTES)
  const address = linear(loadSized(code, bytes === 8 ? 3 : bytes === 4 ? 2 : 1))
  const pointer = opcode < 0xa2 ? readPointer(address, 1 << size) : writePointer(address, 1 << size)
  if (hasFaulted()) return false
  if (opcode < 0xa2) storeSized(AX, size, loadSized(pointer, size))
  else storeSized(pointer, size, loadSized(AX, size))
  return finish(code + bytes)
}

/** 0xc0 to 0xcf. */
export function executeReturns(opcode: u32, from: usize, operandSize: u32, stackSize: u32): bool {
  const size: u32 = (opcode & 1) !== 0 ? operandSize : 0
  switch (opcode) {
    case 0xc0:
    case 0xc1: {
      const code = decodeOperands(from, 1)
      shiftOperand(load<u32>(MOD_REGISTER) & 7, size, load<u8>(code))
      return finish(code + 1)
    }
    case 0xc2:
      return returnFrom(load<u16>(from), stackSize)
    case 0xc3:
      return returnFrom(0, stackSize)
    case 0xc6:
    case 0xc7: {
      const code = decodeOperands(from, immediateBytes(size))
      const pointer = targetPointer(size)
      if (!hasFaulted()) storeSized(pointer, size, immediate(code, size))
      return finish(code + immediateBytes(size))
    }
    case 0xc8:
      enter(load<u16>(from), load<u8>(from, 2), stackSize)
      return finish(from + 3)
    case 0xc9:
      leave(stackSize)
      return finish(from)
    case 0xcc:
      return stopWith(STOP_BREAKPOINT)
    case 0xcd:
      if (load<u8>(from) === SYSTEM_CALL && !isLong()) {
        store<u64>(STOP_ADDRESS, load<u32>(AX))
        finish(from + 1)
        return stopWith(STOP_CALL)
      }
      return stopWith(load<u8>(from) === 3 ? STOP_BREAKPOINT : STOP_INTERRUPT)
    default:
      return stopWith(STOP_UNSUPPORTED)
  }
}

/** 0xd0 to 0xd7. */
export function executeShifts(opcode: u32, from: usize, size: u32): bool {
  let code = from
  if (opcode < 0xd4) {
    code = decodeOperands(code, 0)
    shiftOperand(load<u32>(MOD_REGISTER) & 7, size, opcode < 0xd2 ? 1 : load<u8>(REGISTERS + 8))
    return finish(code)
  }
  if (opcode === 0xd7) {
    const bytes = load<u32>(ADDRESS_BYTES)
    const address = load<u64>(REGISTERS + 24) + load<u8>(AX)
    const pointer = readPointer(linear(bytes === 4 ? address & 0xffffffff : address), 1)
    if (!hasFaulted()) store<u8>(AX, load<u8>(pointer))
    return finish(code)
  }
  if (isLong()) return stopWith(STOP_INVALID)
  if (opcode === 0xd6) {
    store<u8>(AX, carry() ? 0xff : 0)
    return finish(code)
  }
  if (opcode === 0xd4) splitDigits(load<u8>(code))
  else joinDigits(load<u8>(code))
  return finish(code + 1)
}

/** 0xf8 to 0xff. */
export function executeFlags(opcode: u32, from: usize, operandSize: u32, stackSize: u32): bool {
  if (opcode === 0xf8 || opcode === 0xf9) changeArithmetic(CF, opcode & 1)
  else if (opcode === 0xfc || opcode === 0xfd)
    setAllFlags((allFlags() & ~0x400) | (opcode === 0xfd ? 0x400 : 0))
  else if (opcode >= 0xfe) return runGroup5(opcode, from, operandSize, stackSize)
  else return stopWith(STOP_PRIVILEGED)
  return finish(from)
}
