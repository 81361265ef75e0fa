/**
 * Shifts, rotations and single bits (Intel SDM, volume 2). Sizes are logarithms of bytes.
 */
import { ADDRESS, MOD_REGISTER, REGISTERS } from '../src/emulation/machine-layout'
import { carry, changeArithmetic, setResult } from './flags'
import { readPointer, writePointer } from './memory'
import {
  hasFaulted,
  isRegister,
  linear,
  loadSized,
  register,
  signExtended,
  sourcePointer,
  storeSized,
  targetPointer,
  truncated,
} from './operands'

const CF: u32 = 1
const ZF: u32 = 0x40
const OF: u32 = 0x800

/** The eight operations of group 2: rol ror rcl rcr shl shr sal sar. Changes the ModR/M's operand. */
export function shiftOperand(operation: u32, size: u32, by: u32): void {
  const pointer = targetPointer(size)
  if (hasFaulted()) return
  const count = by & (size === 3 ? 63 : 31)
  if (count === 0) {
    // Nothing but a register's upper half, which every instruction of 32 bits clears.
    if (size === 2) storeSized(pointer, size, loadSized(pointer, size))
    return
  }
  const value = loadSized(pointer, size)
  const result =
    operation < 2
      ? rotate(value, size, count, operation === 0)
      : operation < 4
        ? rotateThroughCarry(value, size, count, operation === 2)
        : shift(operation, value, size, count)
  storeSized(pointer, size, result)
}

function shift(operation: u32, value: u64, size: u32, count: u32): u64 {
  const bits: u32 = 8 << size
  const top: u64 = bits - 1
  if (operation === 5) {
    const result = count >= bits ? 0 : value >> (count as u64)
    const out: u64 = count > bits ? 0 : (value >> ((count - 1) as u64)) & 1
    setResult(result, size, out, (value >> top) & 1)
    return result
  }
  if (operation === 7) {
    const wide = signExtended(value, size) as i64
    const result = (wide >> (min(count, 63) as i64)) as u64
    setResult(result, size, ((wide >> (min(count - 1, 63) as i64)) as u64) & 1, 0)
    return result
  }
  const result = count >= bits ? 0 : value << (count as u64)
  const out: u64 = count > bits ? 0 : (value >> ((bits - count) as u64)) & 1
  setResult(result, size, out, out ^ ((result >> top) & 1))
  return result
}

function rotate(value: u64, size: u32, count: u32, isLeft: bool): u64 {
  const bits: u32 = 8 << size
  const by: u64 = count & (bits - 1)
  const back: u64 = (bits - (by as u32)) & (bits - 1)
  let result = value
  if (by !== 0) result = isLeft ? (value << by) | (value >> back) : (value >> by) | (value << back)
  result = truncated(result, size)
  const top = (result >> ((bits - 1) as u64)) & 1
  const out = isLeft ? result & 1 : top
  const next = isLeft ? top ^ out : top ^ ((result >> ((bits - 2) as u64)) & 1)
  changeArithmetic(CF | OF, (out !== 0 ? CF : 0) | (next !== 0 ? OF : 0))
  return result
}

function rotateThroughCarry(value: u64, size: u32, count: u32, isLeft: bool): u64 {
  const top: u64 = (8 << size) - 1
  let result = value
  let moved: u64 = carry() ? 1 : 0
  const steps = size < 2 ? count % ((8 << size) + 1) : count
  for (let step: u32 = 0; step < steps; step++) {
    const out = isLeft ? (result >> top) & 1 : result & 1
    result = isLeft ? (result << 1) | moved : (result >> 1) | (moved << top)
    moved = out
  }
  result = truncated(result, size)
  const isOver = isLeft
    ? ((result >> top) & 1) !== moved
    : ((result >> top) & 1) !== ((result >> (top - 1)) & 1)
  changeArithmetic(CF | OF, (moved !== 0 ? CF : 0) | (isOver ? OF : 0))
  return result
}

/** `shld` and `shrd`. */
export function shiftDouble(isLeft: bool, size: u32, by: u32): void {
  const pointer = targetPointer(size)
  if (hasFaulted()) return
  const count: u64 = by & (size === 3 ? 63 : 31)
  const bits: u64 = 8 << size
  if (count === 0) {
    if (size === 2) storeSized(pointer, size, loadSized(pointer, size))
    return
  }
  const value = loadSized(pointer, size)
  const other = truncated(register(load<u32>(MOD_REGISTER)), size)
  // More bits than the operand has, of 16, are undefined; processors go on with the operand itself.
  const three = isLeft ? (value << bits) | other : (other << bits) | value
  let result: u64
  let out: u64
  if (size === 1) {
    const wide = isLeft ? (three << bits) | value : (value << 32) | three
    result = isLeft ? wide >> (32 - count) : wide >> count
    out = isLeft ? (wide >> (48 - count)) & 1 : (wide >> (count - 1)) & 1
  } else if (isLeft) {
    result = (value << count) | (other >> (bits - count))
    out = (value >> (bits - count)) & 1
  } else {
    result = (value >> count) | (other << (bits - count))
    out = (value >> (count - 1)) & 1
  }
  result = truncated(result, size)
  setResult(result, size, out, ((value ^ result) >> (bits - 1)) & 1)
  storeSized(pointer, size, result)
}

/** `bt` `bts` `btr` `btc`, by 0 to 3. Where the bit's number is a register's, it reaches beyond a memory operand. */
export function testBit(operation: u32, size: u32, number: u64, isImmediate: bool): void {
  const mask: u64 = (8 << size) - 1
  let pointer: usize
  if (isRegister() || isImmediate) pointer = operation === 0 ? sourcePointer(size) : targetPointer(size)
  else {
    const words = (signExtended(number, size) as i64) >> (3 + (size as i64))
    const address = linear(load<u64>(ADDRESS) + ((words << (size as i64)) as u64))
    pointer = operation === 0 ? readPointer(address, 1 << size) : writePointer(address, 1 << size)
  }
  if (hasFaulted()) return
  const value = loadSized(pointer, size)
  const bit = (1 as u64) << (number & mask)
  changeArithmetic(CF, (value & bit) !== 0 ? CF : 0)
  if (operation === 1) storeSized(pointer, size, value | bit)
  else if (operation === 2) storeSized(pointer, size, value & ~bit)
  else if (operation === 3) storeSized(pointer, size, value ^ bit)
}

/** `bsf` and `bsr`; `tzcnt` and `lzcnt` as `counts`. */
export function scanBits(isReverse: bool, counts: bool, size: u32): void {
  const value = loadSized(sourcePointer(size), size)
  if (hasFaulted()) return
  const target = REGISTERS + load<u32>(MOD_REGISTER) * 8
  const bits: u64 = 8 << size
  if (value === 0) {
    if (counts) storeSized(target, size, bits)
    changeArithmetic(ZF | CF, counts ? CF : ZF)
    return
  }
  const leading = clz<u64>(value) - (64 - bits)
  const result = isReverse ? (counts ? leading : bits - 1 - leading) : ctz<u64>(value)
  changeArithmetic(ZF | CF, counts && result === 0 ? ZF : 0)
  storeSized(target, size, result)
}
