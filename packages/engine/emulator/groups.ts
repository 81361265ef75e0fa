/**
 * Opcodes whose operation stands in the ModR/M byte: groups 1, 3, 4 and 5 (Intel SDM, volume 2, table A-6).
 */
import { MOD_REGISTER, STOP_INVALID, STOP_UNSUPPORTED } from '../src/emulation/machine-layout'
import { combine, decrement, divideAccumulator, increment, multiplyAccumulator } from './arithmetic'
import { finish, goTo, stopWith } from './control'
import { setSubtracted } from './flags'
import {
  decodeOperands,
  hasFaulted,
  immediate,
  immediateBytes,
  loadSized,
  push,
  sourcePointer,
  storeSized,
  targetPointer,
} from './operands'

function operation(): u32 {
  return load<u32>(MOD_REGISTER) & 7
}

/** 0x80 to 0x83: arithmetic with an immediate. */
export function runGroup1(opcode: u32, from: usize, size: u32): bool {
  const bytes = opcode === 0x81 ? immediateBytes(size) : 1
  const code = decodeOperands(from, bytes)
  const isComparison = operation() === 7
  const pointer = isComparison ? sourcePointer(size) : targetPointer(size)
  if (hasFaulted()) return false
  const operand = opcode === 0x81 ? immediate(code, size) : (load<i8>(code) as i64 as u64)
  const result = combine(operation(), size, loadSized(pointer, size), operand)
  if (!isComparison) storeSized(pointer, size, result)
  return finish(code + bytes)
}

/** 0xf6 and 0xf7: test not neg mul imul div idiv. */
export function runGroup3(from: usize, size: u32): bool {
  const bytes = (load<u8>(from) & 0x38) < 0x10 ? immediateBytes(size) : 0
  const code = decodeOperands(from, bytes)
  const kind = operation()
  const pointer = kind === 2 || kind === 3 ? targetPointer(size) : sourcePointer(size)
  if (hasFaulted()) return false
  const value = loadSized(pointer, size)
  switch (kind) {
    case 2:
      storeSized(pointer, size, ~value)
      break
    case 3:
      setSubtracted(0, value, 0 - value, size)
      storeSized(pointer, size, 0 - value)
      break
    case 4:
    case 5:
      multiplyAccumulator(value, size, kind === 5)
      break
    case 6:
    case 7:
      divideAccumulator(value, size, kind === 7)
      break
    default:
      combine(4, size, value, immediate(code, size))
      break
  }
  return finish(code + bytes)
}

/** 0xfe and 0xff: inc dec call jmp push. */
export function runGroup5(opcode: u32, from: usize, operandSize: u32, stackSize: u32): bool {
  const code = decodeOperands(from, 0)
  const kind = operation()
  if (kind < 2) {
    const size: u32 = opcode === 0xfe ? 0 : operandSize
    const pointer = targetPointer(size)
    if (hasFaulted()) return false
    const value = loadSized(pointer, size)
    storeSized(pointer, size, kind === 0 ? increment(value, size) : decrement(value, size))
    return finish(code)
  }
  if (opcode === 0xfe || kind === 7) return stopWith(STOP_INVALID)
  if (kind === 3 || kind === 5) return stopWith(STOP_UNSUPPORTED)
  const value = loadSized(sourcePointer(stackSize), stackSize)
  if (hasFaulted()) return false
  if (kind !== 6) return goTo(value, code, stackSize, kind === 2)
  push(value, stackSize)
  return finish(code)
}
