/**
 * String instructions (Intel SDM, volume 2, MOVS CMPS STOS LODS SCAS and REP). A repetition is done in stretches: after one the
 * instruction begins again with what is left, as it does after an interrupt, so that none runs long.
 */
import { COST, OTHER_FLAGS, REGISTERS } from '../src/emulation/machine-layout'
import { combine } from './arithmetic'
import { zero } from './flags'
import { readPointer, writePointer } from './memory'
import {
  addressRegister,
  hasFaulted,
  isLong,
  linear,
  loadSized,
  setAddressRegister,
  storeSized,
} from './operands'

const CX: u32 = 1
const SI: u32 = 6
const DI: u32 = 7
const DF: u32 = 0x400

/** Some microseconds' work. */
const STRETCH: u32 = 1024
/** An iteration takes about a quarter of an instruction's time. */
const ITERATIONS_A_STEP: u32 = 4

export const NOT_REPEATED: u32 = 0
const WHILE_NOT_EQUAL: u32 = 0xf2

/** Runs one by its opcode, 0xa4 to 0xaf. False when it is to begin again. */
export function runString(opcode: u32, size: u32, repeat: u32): bool {
  if (repeat === NOT_REPEATED) {
    iterate(opcode, size)
    return true
  }
  const compares = opcode === 0xa6 || opcode === 0xa7 || opcode >= 0xae
  let done: u32 = 0
  let isOver = false
  while (!isOver) {
    const count = addressRegister(CX)
    if (count === 0) return true
    if (done === STRETCH) break
    iterate(opcode, size)
    if (hasFaulted()) return false
    setAddressRegister(CX, count - 1)
    done += 1
    isOver = compares && zero() === (repeat === WHILE_NOT_EQUAL)
  }
  store<u32>(COST, done / ITERATIONS_A_STEP)
  return isOver
}

function iterate(opcode: u32, size: u32): bool {
  const step: u64 = (load<u32>(OTHER_FLAGS) & DF) === 0 ? 1 << size : 0 - ((1 as u64) << size)
  const bytes: u32 = 1 << size
  switch (opcode & 0xfe) {
    case 0xa4: {
      const value = loadSized(readPointer(sourceAddress(), bytes), size)
      const target = writePointer(targetAddress(), bytes)
      if (hasFaulted()) return false
      storeSized(target, size, value)
      move(SI, step)
      return move(DI, step)
    }
    case 0xa6: {
      const left = loadSized(readPointer(sourceAddress(), bytes), size)
      const right = loadSized(readPointer(targetAddress(), bytes), size)
      if (hasFaulted()) return false
      combine(7, size, left, right)
      move(SI, step)
      return move(DI, step)
    }
    case 0xaa: {
      const target = writePointer(targetAddress(), bytes)
      if (hasFaulted()) return false
      storeSized(target, size, loadSized(REGISTERS, size))
      return move(DI, step)
    }
    case 0xac: {
      const value = loadSized(readPointer(sourceAddress(), bytes), size)
      if (hasFaulted()) return false
      storeSized(REGISTERS, size, value)
      return move(SI, step)
    }
    default: {
      const right = loadSized(readPointer(targetAddress(), bytes), size)
      if (hasFaulted()) return false
      combine(7, size, loadSized(REGISTERS, size), right)
      return move(DI, step)
    }
  }
}

function sourceAddress(): u64 {
  return linear(addressRegister(SI))
}

/** es, which has no other base. */
function targetAddress(): u64 {
  const address = addressRegister(DI)
  return isLong() ? address : address & 0xffffffff
}

function move(number: u32, step: u64): bool {
  setAddressRegister(number, addressRegister(number) + step)
  return true
}
