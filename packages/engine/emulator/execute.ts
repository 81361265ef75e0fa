/**
 * One instruction: its prefixes and its opcode of one byte (Intel SDM, volume 2, appendix A, table A-2). Each either does all that it
 * does and moves IP, or ends the run with the reason in STOP and changes nothing, so that it can begin again.
 */
import {
  ADDRESS_BYTES,
  FS_BASE,
  GS_BASE,
  REGISTERS,
  REX,
  SEGMENT,
  STOP_INTERRUPT,
  STOP_INVALID,
  STOP_PRIVILEGED,
  STOP_UNSUPPORTED,
} from '../src/emulation/machine-layout'
import { adjustDecimal, adjustUnpacked, combine, decrement, increment } from './arithmetic'
import { branch, callAddress, finish, loop, stopWith } from './control'
import { carry, changeArithmetic, holds } from './flags'
import { runGroup3 } from './groups'
import {
  executeAccumulator,
  executeConversions,
  executeFlags,
  executeMoves,
  executePushes,
  executeReturns,
  executeShifts,
} from './opcodes'
import {
  decodeOperands,
  hasFaulted,
  immediate,
  immediateBytes,
  isLong,
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
import { popAll, pushAll, pushSegment, skipSegment } from './segments'
import { NOT_REPEATED } from './strings'
import { executeTwoByte } from './two-byte'
import { executeX87 } from './x87'

const AX: usize = REGISTERS
const CF: u32 = 1
/** What is longer, by its prefixes, is none. */
const LONGEST: usize = 15

/** The instruction whose bytes stand at `start`. */
export function execute(start: usize): bool {
  let code = start
  let size: u32 = 2
  let repeat = NOT_REPEATED
  const long = isLong()
  store<u32>(REX, 0)
  store<u64>(SEGMENT, 0)
  store<u32>(ADDRESS_BYTES, long ? 8 : 4)
  while (code - start < LONGEST) {
    const opcode: u32 = load<u8>(code)
    code += 1
    if (opcode < 0x40 && (opcode & 7) < 6) return finish(arithmetic(opcode, size, code))
    if (long && (opcode & 0xf0) === 0x40) {
      store<u32>(REX, opcode)
      if ((opcode & 8) !== 0) size = 3
      continue
    }
    switch (opcode) {
      case 0x0f:
        return executeTwoByte(code, size, repeat)
      case 0x26:
      case 0x2e:
      case 0x36:
      case 0x3e:
      case 0xf0:
        break
      case 0x64:
        store<u64>(SEGMENT, load<u64>(FS_BASE))
        break
      case 0x65:
        store<u64>(SEGMENT, load<u64>(GS_BASE))
        break
      case 0x66:
        size = 1
        break
      case 0x67:
        store<u32>(ADDRESS_BYTES, long ? 4 : 2)
        break
      case 0xf2:
      case 0xf3:
        repeat = opcode
        break
      default:
        return executeOpcode(opcode, code, size, repeat)
    }
  }
  return stopWith(STOP_INVALID)
}

/** Opcodes 0x00 to 0x3d of the six regular forms. */
function arithmetic(opcode: u32, operandSize: u32, from: usize): usize {
  const operation = opcode >> 3
  const size = (opcode & 1) !== 0 ? operandSize : 0
  if ((opcode & 4) !== 0) {
    const result = combine(operation, size, loadSized(AX, size), immediate(from, size))
    if (operation !== 7) storeSized(AX, size, result)
    return from + immediateBytes(size)
  }
  const code = decodeOperands(from, 0)
  const isIntoRegister = (opcode & 2) !== 0
  const target = isIntoRegister
    ? otherPointer(size)
    : operation === 7
      ? sourcePointer(size)
      : targetPointer(size)
  const source = isIntoRegister ? sourcePointer(size) : otherPointer(size)
  if (hasFaulted()) return code
  const result = combine(operation, size, loadSized(target, size), loadSized(source, size))
  if (operation !== 7) storeSized(target, size, result)
  return code
}

function executeOpcode(opcode: u32, from: usize, operandSize: u32, repeat: u32): bool {
  const long = isLong()
  // Pushes, pops and near branches are of 64 bits there, whatever REX says.
  const stackSize: u32 = long && operandSize !== 1 ? 3 : operandSize
  const size: u32 = (opcode & 1) !== 0 ? operandSize : 0
  const numbered = (opcode & 7) | ((load<u32>(REX) & 1) << 3)
  let code = from
  switch (opcode >> 3) {
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x03:
      if (long) return stopWith(STOP_INVALID)
      if ((opcode & 7) === 6) pushSegment(opcode >> 3, stackSize)
      else skipSegment(stackSize)
      return finish(code)
    case 0x04:
    case 0x05:
      if (long) return stopWith(STOP_INVALID)
      adjustDecimal(opcode === 0x2f)
      return finish(code)
    case 0x06:
    case 0x07:
      if (long) return stopWith(STOP_INVALID)
      adjustUnpacked(opcode === 0x3f)
      return finish(code)
    case 0x08:
    case 0x09: {
      const pointer = registerPointer(opcode & 7, operandSize)
      const value = loadSized(pointer, operandSize)
      storeSized(
        pointer,
        operandSize,
        opcode < 0x48 ? increment(value, operandSize) : decrement(value, operandSize),
      )
      return finish(code)
    }
    case 0x0a:
      push(loadSized(registerPointer(numbered, stackSize), stackSize), stackSize)
      return finish(code)
    case 0x0b: {
      const value = pop(stackSize)
      if (!hasFaulted()) storeSized(registerPointer(numbered, stackSize), stackSize, value)
      return finish(code)
    }
    case 0x0c:
      if (opcode === 0x63 && long) {
        code = decodeOperands(code, 0)
        const value = signExtended(loadSized(sourcePointer(2), 2), 2)
        if (!hasFaulted()) storeSized(otherPointer(operandSize), operandSize, value)
        return finish(code)
      }
      if (opcode > 0x61 || long) return stopWith(STOP_UNSUPPORTED)
      if (opcode === 0x60) pushAll(operandSize)
      else popAll(operandSize)
      return finish(code)
    case 0x0d:
      return executePushes(opcode, code, operandSize, stackSize)
    case 0x0e:
    case 0x0f:
      return branch(code + 1, load<i8>(code), holds(opcode & 15), operandSize)
    case 0x10:
    case 0x11:
      return executeMoves(opcode, code, operandSize)
    case 0x12: {
      const pointer = registerPointer(numbered, operandSize)
      const value = loadSized(pointer, operandSize)
      // 0x90 alone does nothing, not even to a register's upper half.
      if (numbered !== 0) {
        storeSized(pointer, operandSize, loadSized(AX, operandSize))
        storeSized(AX, operandSize, value)
      }
      return finish(code)
    }
    case 0x13:
      return executeConversions(opcode, code, operandSize, stackSize)
    case 0x14:
    case 0x15:
      return executeAccumulator(opcode, code, size, repeat)
    case 0x16:
      storeSized(registerPointer(numbered, 0), 0, load<u8>(code))
      return finish(code + 1)
    case 0x17:
      if (operandSize === 3) {
        store<u64>(REGISTERS + numbered * 8, load<u64>(code))
        return finish(code + 8)
      }
      storeSized(REGISTERS + numbered * 8, operandSize, immediate(code, operandSize))
      return finish(code + immediateBytes(operandSize))
    case 0x18:
    case 0x19:
      return executeReturns(opcode, code, operandSize, stackSize)
    case 0x1a:
      return executeShifts(opcode, code, size)
    case 0x1b:
      code = decodeOperands(code, 0)
      executeX87(opcode & 7)
      return finish(code)
    case 0x1c:
      if (opcode < 0xe4) return branch(code + 1, load<i8>(code), loop(opcode), operandSize)
      return stopWith(STOP_PRIVILEGED)
    case 0x1d:
      if (opcode === 0xe8) return callAddress(code, operandSize)
      if (opcode === 0xe9) {
        const short = operandSize === 1 && !long
        return branch(code + (short ? 2 : 4), short ? load<i16>(code) : load<i32>(code), true, operandSize)
      }
      if (opcode === 0xeb) return branch(code + 1, load<i8>(code), true, operandSize)
      return stopWith(opcode === 0xea ? STOP_UNSUPPORTED : STOP_PRIVILEGED)
    case 0x1e:
      if (opcode === 0xf1) return stopWith(STOP_INTERRUPT)
      if (opcode === 0xf4) return stopWith(STOP_PRIVILEGED)
      if (opcode === 0xf5) {
        changeArithmetic(CF, carry() ? 0 : CF)
        return finish(code)
      }
      return runGroup3(code, size)
    default:
      return executeFlags(opcode, code, operandSize, stackSize)
  }
}
