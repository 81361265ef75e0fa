/**
 * Segment registers, of which only fs and gs have a base, and the instructions that push and pop more than one thing. What is loaded
 * into a segment register is forgotten: a program of an ordinary user has nothing else to load than is there.
 */
import { LONG_MODE, REGISTERS } from '../src/emulation/machine-layout'
import { decodeOperands, hasFaulted, pop, push, register, SP, storeSized, targetPointer } from './operands'

/** The selector of es cs ss ds fs gs as Windows has them for 32-bit programs, and Linux for 64-bit ones. */
export function readSegment(number: u32): u64 {
  if (load<u32>(LONG_MODE) !== 0) return number === 1 ? 0x33 : number === 2 ? 0x2b : 0
  switch (number) {
    case 1:
      return 0x1b
    case 4:
      return 0x3b
    case 5:
      return 0
    default:
      return 0x23
  }
}

/** `push` of es, cs, ss and ds by their number, and `pop`. */
export function pushSegment(number: u32, size: u32): void {
  push(readSegment(number), size)
}

export function skipSegment(size: u32): void {
  pop(size)
}

/** `pusha`. */
export function pushAll(size: u32): void {
  const before = register(SP)
  for (let number: u32 = 0; number < 8; number++) {
    push(number === SP ? before : register(number), size)
  }
  if (hasFaulted()) store<u64>(REGISTERS + SP * 8, before)
}

/** `popa`. All is read before anything changes. */
export function popAll(size: u32): void {
  const before = register(SP)
  // A first pass sees whether the stack can be read to its end.
  for (let number: u32 = 0; number < 8; number++) pop(size)
  store<u64>(REGISTERS + SP * 8, before)
  if (hasFaulted()) return
  for (let number: i32 = 7; number >= 0; number--) {
    const value = pop(size)
    if (number !== SP) storeSized(REGISTERS + number * 8, size, value)
  }
}

/** `pop` of a ModR/M's operand, whose address counts from the stack as it is behind what is popped. Where the instruction ends. */
export function popOperand(from: usize, size: u32): usize {
  const before = register(SP)
  const value = pop(size)
  const code = decodeOperands(from, 0)
  const pointer = targetPointer(size)
  if (hasFaulted()) store<u64>(REGISTERS + SP * 8, before)
  else storeSized(pointer, size, value)
  return code
}

/** `mov` from a segment register. */
export function storeSegment(size: u32, number: u32, isIntoRegister: bool): void {
  const width = isIntoRegister ? size : 1
  const pointer = targetPointer(width)
  if (!hasFaulted()) storeSized(pointer, width, readSegment(number))
}
