/**
 * Addition, subtraction, logic, multiplication and division, decimal adjustment (Intel SDM, volume 2). Sizes are logarithms of bytes.
 */
import { REGISTERS, STOP, STOP_DIVIDE } from '../src/emulation/machine-layout'
import {
  allFlags,
  carry,
  halfCarry,
  keepCarry,
  setAdded,
  setArithmetic,
  setLogical,
  setResult,
  setSubtracted,
} from './flags'
import { loadSized, signExtended, storeSized, truncated } from './operands'

const AX: usize = REGISTERS
const DX: usize = REGISTERS + 16

/** What the eight operations of the opcodes' bits 3 to 5 do: add or adc sbb and sub xor cmp. */
export function combine(operation: u32, size: u32, a: u64, b: u64): u64 {
  let result: u64 = 0
  switch (operation) {
    case 0:
      result = a + b
      setAdded(a, b, result, size)
      return result
    case 1:
      result = a | b
      setLogical(result, size)
      return result
    case 2:
      result = a + b + (carry() ? 1 : 0)
      setAdded(a, b, result, size)
      return result
    case 3:
      result = a - b - (carry() ? 1 : 0)
      setSubtracted(a, b, result, size)
      return result
    case 4:
      result = a & b
      setLogical(result, size)
      return result
    case 6:
      result = a ^ b
      setLogical(result, size)
      return result
    default:
      result = a - b
      setSubtracted(a, b, result, size)
      return result
  }
}

export function increment(value: u64, size: u32): u64 {
  const kept = carry()
  setAdded(value, 1, value + 1, size)
  keepCarry(kept)
  return value + 1
}

export function decrement(value: u64, size: u32): u64 {
  const kept = carry()
  setSubtracted(value, 1, value - 1, size)
  keepCarry(kept)
  return value - 1
}

/** The signed product of two operands, of the operands' size. */
export function multiplySigned(a: u64, b: u64, size: u32): u64 {
  const left = signExtended(a, size)
  const right = signExtended(b, size)
  const product = left * right
  let isCut = signExtended(product, size) !== product
  if (size === 3) isCut = highSigned(left, right) !== (((product as i64) >> 63) as u64)
  setResult(product, size, isCut ? 1 : 0, isCut ? 1 : 0)
  return product
}

/** `mul` and `imul` of the accumulator: the product's upper half goes into dx, or ah. */
export function multiplyAccumulator(operand: u64, size: u32, isSigned: bool): void {
  const a = isSigned ? signExtended(loadSized(AX, size), size) : loadSized(AX, size)
  const b = isSigned ? signExtended(operand, size) : operand
  const product = a * b
  const bits: u64 = 8 << size
  let high: u64 = product >> (bits & 63)
  if (size === 3) high = isSigned ? highSigned(a, b) : highUnsigned(a, b)
  high = truncated(high, size)
  const filled = isSigned ? truncated(((signExtended(product, size) as i64) >> 63) as u64, size) : 0
  const isCut: u64 = high !== filled ? 1 : 0
  if (size === 0) storeSized(AX, 1, product)
  else {
    storeSized(AX, size, product)
    storeSized(DX, size, high)
  }
  setResult(product, size, isCut, isCut)
}

/** `div` and `idiv`. The flags stay. */
export function divideAccumulator(operand: u64, size: u32, isSigned: bool): bool {
  if (operand === 0) return refuse()
  if (size === 3) return divideLong(operand, isSigned)
  const bits: u64 = 8 << size
  const low = loadSized(AX, size)
  const high = size === 0 ? (load<u8>(AX, 1) as u64) : loadSized(DX, size)
  const dividend = (high << bits) | low
  let quotient: u64
  let rest: u64
  if (isSigned) {
    const a = (size === 2 ? dividend : signExtended(dividend, size + 1)) as i64
    const b = signExtended(operand, size) as i64
    if (b === -1 && a === i64.MIN_VALUE) return refuse()
    quotient = (a / b) as u64
    rest = (a % b) as u64
    if (signExtended(quotient, size) !== quotient) return refuse()
  } else {
    quotient = dividend / operand
    rest = dividend % operand
    if (truncated(quotient, size) !== quotient) return refuse()
  }
  storeQuotient(quotient, rest, size)
  return true
}

function storeQuotient(quotient: u64, rest: u64, size: u32): void {
  storeSized(AX, size, quotient)
  if (size === 0) store<u8>(AX, rest as u8, 1)
  else storeSized(DX, size, rest)
}

/** 128 bits by 64, bit by bit. */
function divideLong(operand: u64, isSigned: bool): bool {
  let low = load<u64>(AX)
  let high = load<u64>(DX)
  let divisor = operand
  const isNegative = isSigned && (high as i64) < 0
  const isOpposite = isSigned && isNegative !== (operand as i64) < 0
  if (isNegative) {
    high = ~high + (low === 0 ? 1 : 0)
    low = 0 - low
  }
  if (isSigned && (operand as i64) < 0) divisor = 0 - operand
  if (high >= divisor) return refuse()
  for (let bit = 0; bit < 64; bit++) {
    const isOver = (high as i64) < 0
    high = (high << 1) | (low >> 63)
    low <<= 1
    if (isOver || high >= divisor) {
      high -= divisor
      low |= 1
    }
  }
  const limit: u64 = 0x8000000000000000
  if (isSigned && (isOpposite ? low > limit : low >= limit)) return refuse()
  storeQuotient(isOpposite ? 0 - low : low, isNegative ? 0 - high : high, 3)
  return true
}

function refuse(): bool {
  store<u32>(STOP, STOP_DIVIDE)
  return true
}

function highUnsigned(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const bLow = b & 0xffffffff
  const cross = (a >> 32) * bLow + ((aLow * bLow) >> 32)
  const other = aLow * (b >> 32) + (cross & 0xffffffff)
  return (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32)
}

function highSigned(a: u64, b: u64): u64 {
  return highUnsigned(a, b) - ((a as i64) < 0 ? b : 0) - ((b as i64) < 0 ? a : 0)
}

/** `daa` and `das`. */
export function adjustDecimal(isSubtraction: bool): void {
  const value: u32 = load<u8>(AX)
  const hadCarry = carry()
  const low = (value & 15) > 9 || halfCarry()
  const high = value > 0x99 || hadCarry
  let result = isSubtraction ? value - (low ? 6 : 0) : value + (low ? 6 : 0)
  // A borrow out of the lower correction is a carry as well.
  const isCarried = high || (isSubtraction && low && value < 6)
  if (high) result = isSubtraction ? result - 0x60 : result + 0x60
  store<u8>(AX, result as u8)
  setLogical(result & 0xff, 0)
  setArithmetic((allFlags() & 0xc4) | (isCarried ? 1 : 0) | (low ? 0x10 : 0))
}

/** `aaa` and `aas`. */
export function adjustUnpacked(isSubtraction: bool): void {
  const isAdjusted = (load<u8>(AX) & 15) > 9 || halfCarry()
  if (isAdjusted) {
    const value: u32 = load<u16>(AX)
    store<u16>(AX, (isSubtraction ? value - 0x106 : value + 0x106) as u16)
  }
  store<u8>(AX, load<u8>(AX) & 15)
  setLogical(load<u8>(AX), 0)
  setArithmetic((allFlags() & 0xc4) | (isAdjusted ? 0x11 : 0))
}

/** `aam`. */
export function splitDigits(base: u32): bool {
  if (base === 0) return refuse()
  const value: u32 = load<u8>(AX)
  store<u8>(AX, (value / base) as u8, 1)
  store<u8>(AX, (value % base) as u8)
  setLogical(load<u8>(AX), 0)
  return true
}

/** `aad`. */
export function joinDigits(base: u32): void {
  const value: u32 = (load<u8>(AX) as u32) + (load<u8>(AX, 1) as u32) * base
  store<u16>(AX, value & 0xff)
  setLogical(value & 0xff, 0)
}
