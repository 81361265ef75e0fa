/**
 * As much of the x87 floating-point unit (Intel SDM, volume 1, chapter 8) as unpacking code uses, which is mostly to confuse and to count.
 * Registers have 64 bits, not 80; exceptions, precision and rounding modes are not emulated, nor functions beyond arithmetic.
 */
import {
  MOD_REGISTER,
  REGISTERS,
  RM_REGISTER,
  STOP_UNSUPPORTED,
  X87_CONTROL,
  X87_REGISTERS,
  X87_STATUS,
  X87_TOP,
} from '../src/emulation/machine-layout'
import { stopWith } from './control'
import { changeArithmetic } from './flags'
import { hasFaulted, isRegister, sourcePointer, storeSized, targetPointer } from './operands'

/** C0, C2 and C3: less, unordered, equal. */
const LESS: u32 = 0x100
const UNORDERED: u32 = 0x4500
const EQUAL: u32 = 0x4000

function place(index: u32): usize {
  return X87_REGISTERS + ((load<u32>(X87_TOP) + index) & 7) * 8
}

function push(value: f64): bool {
  store<u32>(X87_TOP, (load<u32>(X87_TOP) - 1) & 7)
  store<f64>(place(0), value)
  return true
}

function drop(): bool {
  store<u32>(X87_TOP, (load<u32>(X87_TOP) + 1) & 7)
  return true
}

/** An instruction of 0xd8 + `group`, its operands decoded. */
export function executeX87(group: u32): void {
  const operation = load<u32>(MOD_REGISTER) & 7
  if (isRegister()) executeRegisters(group, operation, load<u32>(RM_REGISTER) & 7)
  else executeMemory(group, operation)
}

function executeMemory(group: u32, operation: u32): bool {
  if ((group & 1) === 0) {
    const value = readNumber(group)
    if (!hasFaulted()) combine(operation, 0, load<f64>(place(0)), value, 0)
    return false
  }
  if (group === 1 && operation >= 4) return executeControl(operation)
  if (group === 5 && operation === 7) {
    const target = targetPointer(1)
    if (!hasFaulted()) storeSized(target, 1, status())
    return false
  }
  if (group === 7 && operation >= 4) {
    if (operation !== 5 && operation !== 7) return stopWith(STOP_UNSUPPORTED)
    return executeLong(operation)
  }
  if ((group === 3 || group === 5) && operation >= 4) return stopWith(STOP_UNSUPPORTED)
  if (operation === 0) {
    const value = readNumber(group - 1)
    if (!hasFaulted()) push(value)
    return false
  }
  const value = load<f64>(place(0))
  const size: u32 = group === 7 ? 1 : group === 5 || operation === 1 ? (group === 3 ? 2 : 3) : 2
  const target = targetPointer(size)
  if (hasFaulted()) return false
  if (group === 1) storeSized(target, 2, reinterpret<u32>(value as f32))
  else if (group === 5 && operation !== 1) storeSized(target, 3, reinterpret<u64>(value))
  else storeSized(target, size, (operation === 1 ? trunc(value) : nearest(value)) as i64 as u64)
  if (operation !== 2) drop()
  return true
}

/** A number as groups 0, 2, 4 and 6 have it: single, long integer, double, short integer. */
function readNumber(group: u32): f64 {
  if (group === 0) return load<f32>(sourcePointer(2)) as f64
  if (group === 2) return load<i32>(sourcePointer(2)) as f64
  if (group === 4) return load<f64>(sourcePointer(3))
  return load<i16>(sourcePointer(1)) as f64
}

/** `fild` and `fistp` of 64 bits. */
function executeLong(operation: u32): bool {
  if (operation === 5) {
    const value = load<i64>(sourcePointer(3)) as f64
    if (!hasFaulted()) push(value)
    return false
  }
  const target = targetPointer(3)
  if (hasFaulted()) return false
  storeSized(target, 3, nearest(load<f64>(place(0))) as i64 as u64)
  drop()
  return true
}

/** fldenv fldcw fnstenv fnstcw. Of an environment only what can be known stands in it. */
function executeControl(operation: u32): bool {
  if (operation === 5) {
    const value = load<u16>(sourcePointer(1))
    if (!hasFaulted()) store<u32>(X87_CONTROL, value)
  } else if (operation === 7) {
    const target = targetPointer(1)
    if (!hasFaulted()) storeSized(target, 1, load<u32>(X87_CONTROL))
  } else stopWith(STOP_UNSUPPORTED)
  return true
}

function status(): u32 {
  return (load<u32>(X87_STATUS) & ~0x3800) | (load<u32>(X87_TOP) << 11)
}

/** fadd fmul fcom fcomp fsub fsubr fdiv fdivr of `a` and `b` into the register `target`. */
function combine(operation: u32, target: u32, a: f64, b: f64, dropped: u32): bool {
  if (operation === 2 || operation === 3) {
    compare(a, b)
    if (operation === 3) drop()
  } else {
    const result =
      operation === 0
        ? a + b
        : operation === 1
          ? a * b
          : operation === 4
            ? a - b
            : operation === 5
              ? b - a
              : operation === 6
                ? a / b
                : b / a
    store<f64>(place(target), result)
  }
  if (dropped !== 0) drop()
  return true
}

function compare(a: f64, b: f64): bool {
  const condition: u32 = !(a <= b || a > b) ? UNORDERED : a < b ? LESS : a === b ? EQUAL : 0
  store<u32>(X87_STATUS, (load<u32>(X87_STATUS) & ~UNORDERED) | condition)
  return true
}

function executeRegisters(group: u32, operation: u32, index: u32): bool {
  const first = load<f64>(place(0))
  const other = load<f64>(place(index))
  if (group === 0) return combine(operation, 0, first, other, 0)
  if (group === 1) return executeFirst(operation, index, first, other)
  if (group === 2 && operation === 5 && index === 1) {
    compare(first, other)
    drop()
    return drop()
  }
  if (group === 3 && operation === 4) {
    if (index === 3) {
      store<u32>(X87_CONTROL, 0x37f)
      store<u32>(X87_STATUS, 0)
      store<u32>(X87_TOP, 0)
    }
    return false
  }
  if ((group === 3 || group === 7) && (operation === 5 || operation === 6)) {
    compare(first, other)
    const condition = load<u32>(X87_STATUS)
    changeArithmetic(
      0x8d5,
      ((condition & EQUAL) >> 8) | ((condition & 0x400) >> 8) | ((condition & LESS) >> 8),
    )
    if (group === 7) drop()
    return false
  }
  if (group === 7 && operation === 4 && index === 0) {
    store<u16>(REGISTERS, status() as u16)
    return true
  }
  if (group === 5 && operation < 4) {
    if (operation >= 2) store<f64>(place(index), first)
    if (operation === 3) drop()
    return false
  }
  if (group === 4 || group === 6) {
    if (group === 6 && operation === 3) {
      compare(first, other)
      drop()
      return drop()
    }
    // With the register as the target, the two subtractions and divisions change places.
    return combine(
      operation,
      index,
      operation >= 4 ? first : other,
      operation >= 4 ? other : first,
      group & 2,
    )
  }
  return stopWith(STOP_UNSUPPORTED)
}

/** Group 1 with registers: fld fxch fnop, signs, constants. */
function executeFirst(operation: u32, index: u32, first: f64, other: f64): bool {
  if (operation === 0) return push(other)
  if (operation === 1) {
    store<f64>(place(0), other)
    store<f64>(place(index), first)
    return true
  }
  if (operation === 2) return false
  if (operation === 4) {
    if (index === 0) {
      store<f64>(place(0), -first)
      return true
    }
    if (index === 1) {
      store<f64>(place(0), abs(first))
      return true
    }
    if (index === 4) return compare(first, 0)
  }
  if (operation === 5) {
    if (index === 0) return push(1)
    if (index === 3) return push(Math.PI)
    if (index === 6) return push(0)
  }
  if (operation === 6 && index >= 6) {
    store<u32>(X87_TOP, (load<u32>(X87_TOP) + (index === 6 ? 7 : 1)) & 7)
    return true
  }
  if (operation === 7 && index === 2) {
    store<f64>(place(0), sqrt(first))
    return true
  }
  if (operation === 7 && index === 4) {
    store<f64>(place(0), nearest(first))
    return true
  }
  return stopWith(STOP_UNSUPPORTED)
}
