/**
 * Opcodes that begin with 0x0f (Intel SDM, volume 2, appendix A, table A-3), as far as general registers are their operands.
 */
import {
  CLOCK,
  MOD_REGISTER,
  REGISTERS,
  REX,
  STOP_INVALID,
  STOP_PRIVILEGED,
  STOP_SYSTEM_CALL,
  STOP_UNSUPPORTED,
} from '../src/emulation/machine-layout'
import { combine, multiplySigned } from './arithmetic'
import { branch, finish, stopWith } from './control'
import { changeArithmetic, holds } from './flags'
import {
  decodeOperands,
  hasFaulted,
  isLong,
  isRegister,
  loadSized,
  otherPointer,
  pop,
  push,
  registerPointer,
  signExtended,
  sourcePointer,
  storeSized,
  targetPointer,
} from './operands'
import { readSegment } from './segments'
import { scanBits, shiftDouble, testBit } from './shifts'

const AX: usize = REGISTERS
const CX: usize = REGISTERS + 8
const DX: usize = REGISTERS + 16
const BX: usize = REGISTERS + 24
const ZF: u32 = 0x40
const REPEAT: u32 = 0xf3
/** What passes between two readings of the clock at least: some instructions' time. The rest is added behind each run. */
const READ_CYCLES: u64 = 64

export function executeTwoByte(at: usize, size: u32, repeat: u32): bool {
  const opcode: u32 = load<u8>(at)
  let code = at + 1
  const stackSize: u32 = isLong() ? 3 : size
  switch (opcode) {
    case 0x05:
      if (!isLong()) return stopWith(STOP_INVALID)
      finish(code)
      return stopWith(STOP_SYSTEM_CALL)
    case 0x0b:
      return stopWith(STOP_INVALID)
    case 0x0d:
    case 0x18:
    case 0x19:
    case 0x1a:
    case 0x1b:
    case 0x1c:
    case 0x1d:
    case 0x1e:
    case 0x1f:
      return finish(decodeOperands(code, 0))
    case 0x31:
      store<u64>(CLOCK, load<u64>(CLOCK) + READ_CYCLES)
      storeSized(AX, 2, load<u64>(CLOCK))
      storeSized(DX, 2, load<u64>(CLOCK) >> 32)
      return finish(code)
    case 0x77:
      return finish(code)
    case 0xa0:
    case 0xa8:
      push(readSegment(opcode === 0xa0 ? 4 : 5), stackSize)
      return finish(code)
    case 0xa1:
    case 0xa9:
      pop(stackSize)
      return finish(code)
    case 0xa2:
      identify()
      return finish(code)
    case 0xa3:
    case 0xab:
    case 0xb3:
    case 0xbb:
      code = decodeOperands(code, 0)
      testBit((opcode >> 3) & 3, size, loadSized(otherPointer(size), size), false)
      return finish(code)
    case 0xa4:
    case 0xac:
      code = decodeOperands(code, 1)
      shiftDouble(opcode === 0xa4, size, load<u8>(code))
      return finish(code + 1)
    case 0xa5:
    case 0xad:
      code = decodeOperands(code, 0)
      shiftDouble(opcode === 0xa5, size, load<u8>(CX))
      return finish(code)
    case 0xaf: {
      code = decodeOperands(code, 0)
      const value = loadSized(sourcePointer(size), size)
      if (hasFaulted()) return false
      const other = otherPointer(size)
      storeSized(other, size, multiplySigned(loadSized(other, size), value, size))
      return finish(code)
    }
    case 0xb0:
    case 0xb1:
      return compareExchange(code, opcode === 0xb0 ? 0 : size)
    case 0xb6:
    case 0xb7:
    case 0xbe:
    case 0xbf:
      return extend(opcode, code, size)
    case 0xb8: {
      if (repeat !== REPEAT) return stopWith(STOP_INVALID)
      code = decodeOperands(code, 0)
      const value = loadSized(sourcePointer(size), size)
      if (hasFaulted()) return false
      storeSized(otherPointer(size), size, popcnt<u64>(value))
      changeArithmetic(0x8d5, value === 0 ? ZF : 0)
      return finish(code)
    }
    case 0xba:
      code = decodeOperands(code, 1)
      if ((load<u32>(MOD_REGISTER) & 4) === 0) return stopWith(STOP_INVALID)
      testBit(load<u32>(MOD_REGISTER) & 3, size, load<u8>(code), true)
      return finish(code + 1)
    case 0xbc:
    case 0xbd:
      code = decodeOperands(code, 0)
      scanBits(opcode === 0xbd, repeat === REPEAT, size)
      return finish(code)
    case 0xc0:
    case 0xc1:
      return exchangeAdd(code, opcode === 0xc0 ? 0 : size)
    case 0xc7:
      return compareExchangePair(code, size)
    default:
      return executeConditional(opcode, code, size)
  }
}

/** cmovcc, jcc, setcc, bswap, and what is not known. */
function executeConditional(opcode: u32, from: usize, size: u32): bool {
  let code = from
  if ((opcode & 0xf0) === 0x80) {
    const isShort = size === 1 && !isLong()
    return branch(
      code + (isShort ? 2 : 4),
      isShort ? load<i16>(code) : load<i32>(code),
      holds(opcode & 15),
      size,
    )
  }
  if ((opcode & 0xf0) === 0x90) {
    code = decodeOperands(code, 0)
    const pointer = targetPointer(0)
    if (!hasFaulted()) storeSized(pointer, 0, holds(opcode & 15) ? 1 : 0)
    return finish(code)
  }
  if ((opcode & 0xf0) === 0x40) {
    code = decodeOperands(code, 0)
    const pointer = otherPointer(size)
    const value = loadSized(sourcePointer(size), size)
    if (!hasFaulted()) storeSized(pointer, size, holds(opcode & 15) ? value : loadSized(pointer, size))
    return finish(code)
  }
  if (opcode >= 0xc8 && opcode <= 0xcf) {
    const pointer = registerPointer((opcode & 7) | ((load<u32>(REX) & 1) << 3), 3)
    if (size === 3) store<u64>(pointer, bswap<u64>(load<u64>(pointer)))
    // Of 16 bits undefined, and cleared by processors.
    else storeSized(pointer, size, size === 1 ? 0 : (bswap<u32>(load<u32>(pointer)) as u64))
    return finish(code)
  }
  const isPrivileged =
    opcode < 0x0a || (opcode >= 0x20 && opcode <= 0x23) || opcode === 0x30 || opcode === 0x32
  return stopWith(isPrivileged ? STOP_PRIVILEGED : STOP_UNSUPPORTED)
}

/** `movzx` and `movsx`. */
function extend(opcode: u32, from: usize, size: u32): bool {
  const code = decodeOperands(from, 0)
  const narrow = opcode & 1
  const value = loadSized(sourcePointer(narrow), narrow)
  if (hasFaulted()) return false
  storeSized(otherPointer(size), size, opcode < 0xb8 ? value : signExtended(value, narrow))
  return finish(code)
}

function compareExchange(from: usize, size: u32): bool {
  const code = decodeOperands(from, 0)
  const pointer = targetPointer(size)
  if (hasFaulted()) return false
  const value = loadSized(pointer, size)
  const expected = loadSized(AX, size)
  combine(7, size, expected, value)
  if (expected === value) storeSized(pointer, size, loadSized(otherPointer(size), size))
  else storeSized(AX, size, value)
  return finish(code)
}

function exchangeAdd(from: usize, size: u32): bool {
  const code = decodeOperands(from, 0)
  const pointer = targetPointer(size)
  if (hasFaulted()) return false
  const value = loadSized(pointer, size)
  const other = otherPointer(size)
  const sum = combine(0, size, value, loadSized(other, size))
  // In this order: with one register for both, the sum stays.
  storeSized(other, size, value)
  storeSized(pointer, size, sum)
  return finish(code)
}

/** `cmpxchg8b`. */
function compareExchangePair(from: usize, size: u32): bool {
  const code = decodeOperands(from, 0)
  if (isRegister() || size === 3 || (load<u32>(MOD_REGISTER) & 7) !== 1) return stopWith(STOP_UNSUPPORTED)
  const pointer = targetPointer(3)
  if (hasFaulted()) return false
  const value = load<u64>(pointer)
  const isEqual = value === (((load<u32>(DX) as u64) << 32) | load<u32>(AX))
  changeArithmetic(ZF, isEqual ? ZF : 0)
  if (isEqual) storeSized(pointer, 3, ((load<u32>(CX) as u64) << 32) | load<u32>(BX))
  else {
    storeSized(pointer, 3, value)
    storeSized(AX, 2, value)
    storeSized(DX, 2, value >> 32)
  }
  return finish(code)
}

/** `cpuid`: an old processor with nothing that is not emulated. */
function identify(): void {
  const leaf = load<u32>(AX)
  // "GenuineIntel", in the order bx dx cx.
  storeSized(AX, 2, leaf === 0 ? 1 : leaf === 1 ? 0x683 : 0)
  storeSized(BX, 2, leaf === 0 ? 0x756e6547 : 0)
  storeSized(DX, 2, leaf === 0 ? 0x49656e69 : leaf === 1 ? 0x8111 : 0)
  storeSized(CX, 2, leaf === 0 ? 0x6c65746e : 0)
}
