/**
 * The processor's flags (Intel SDM, volume 1, 3.4.3). Arithmetic leaves its result and the carry out of every bit; a flag is made of
 * them when somebody asks. Moved up so that the operand's sign is bit 63, they need no size. Where the manual leaves a flag undefined it is what
 * comes out.
 */
import {
  EXPLICIT,
  EXPLICIT_FLAGS,
  FLAG_CARRIES,
  FLAG_RESULT,
  FLAG_SHIFT,
  OTHER_FLAGS,
} from '../src/emulation/machine-layout'

/** CF, PF, AF, ZF, SF, OF. */
const ARITHMETIC: u32 = 0x8d5
/** TF, DF, AC, ID. */
const OTHER: u32 = 0x240500
/** The bit that is always set, and IF, which a program cannot clear. */
const FIXED: u32 = 0x202

/** Of operands of 1 << size bytes. */
export function setAdded(a: u64, b: u64, result: u64, size: u32): void {
  set(result, (a & b) | ((a | b) & ~result), size)
}

export function setSubtracted(a: u64, b: u64, result: u64, size: u32): void {
  set(result, (~a & b) | ((~a | b) & result), size)
}

export function setLogical(result: u64, size: u32): void {
  set(result, 0, size)
}

/** Of a result whose carry and overflow were found otherwise. */
export function setResult(result: u64, size: u32, carry: u64, overflow: u64): void {
  const top: u64 = (8 << size) - 1
  set(result, (carry << top) | ((carry ^ overflow) << (top - 1)), size)
}

/** As `inc` and `dec` do: the carry stays, the rest is as after an addition or subtraction of 1. */
export function keepCarry(carry: bool): void {
  const shift: u64 = load<u32>(FLAG_SHIFT)
  const carries = load<u64>(FLAG_CARRIES)
  const overflow = (carries ^ (carries << 1)) >> 63
  const kept: u64 = carry ? 1 : 0
  // The half carry lies lower in all sizes.
  const half = carries & ((8 as u64) << shift)
  store<u64>(FLAG_CARRIES, half | (kept << 63) | ((kept ^ overflow) << 62))
}

function set(result: u64, carries: u64, size: u32): void {
  const shift: u64 = 64 - (8 << size)
  store<u64>(FLAG_RESULT, result << shift)
  store<u64>(FLAG_CARRIES, carries << shift)
  store<u32>(FLAG_SHIFT, shift as u32)
}

export function carry(): bool {
  if (load<u32>(FLAG_SHIFT) === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 1) !== 0
  return load<i64>(FLAG_CARRIES) < 0
}

function overflow(): bool {
  if (load<u32>(FLAG_SHIFT) === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 0x800) !== 0
  const carries = load<u64>(FLAG_CARRIES)
  return ((carries ^ (carries << 1)) as i64) < 0
}

export function zero(): bool {
  if (load<u32>(FLAG_SHIFT) === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 0x40) !== 0
  return load<u64>(FLAG_RESULT) === 0
}

function sign(): bool {
  if (load<u32>(FLAG_SHIFT) === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 0x80) !== 0
  return load<i64>(FLAG_RESULT) < 0
}

function parity(): bool {
  const shift = load<u32>(FLAG_SHIFT)
  if (shift === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 4) !== 0
  return (popcnt((load<u64>(FLAG_RESULT) >> (shift as u64)) & 0xff) & 1) === 0
}

export function halfCarry(): bool {
  const shift = load<u32>(FLAG_SHIFT)
  if (shift === EXPLICIT) return (load<u32>(EXPLICIT_FLAGS) & 0x10) !== 0
  return ((load<u64>(FLAG_CARRIES) >> (shift as u64)) & 8) !== 0
}

/** Whether a condition holds, by its number in the opcode (SDM, volume 2, appendix B.1.4.7). */
export function holds(condition: u32): bool {
  const inverted = (condition & 1) !== 0
  switch ((condition >> 1) & 7) {
    case 0:
      return overflow() !== inverted
    case 1:
      return carry() !== inverted
    case 2:
      return zero() !== inverted
    case 3:
      return (carry() || zero()) !== inverted
    case 4:
      return sign() !== inverted
    case 5:
      return parity() !== inverted
    case 6:
      return (sign() !== overflow()) !== inverted
    default:
      return (zero() || sign() !== overflow()) !== inverted
  }
}

/** EFLAGS as pushed. */
export function allFlags(): u32 {
  return arithmeticFlags() | load<u32>(OTHER_FLAGS) | FIXED
}

function arithmeticFlags(): u32 {
  if (load<u32>(FLAG_SHIFT) === EXPLICIT) return load<u32>(EXPLICIT_FLAGS)
  return (
    (carry() ? 1 : 0) |
    (parity() ? 4 : 0) |
    (halfCarry() ? 0x10 : 0) |
    (zero() ? 0x40 : 0) |
    (sign() ? 0x80 : 0) |
    (overflow() ? 0x800 : 0)
  )
}

/** EFLAGS as popped: what a program may not change stays. */
export function setAllFlags(flags: u32): void {
  store<u32>(OTHER_FLAGS, flags & OTHER)
  setArithmetic(flags)
}

/** CF, PF, AF, ZF, SF and OF, as they stand in EFLAGS. */
export function setArithmetic(flags: u32): void {
  store<u32>(EXPLICIT_FLAGS, flags & ARITHMETIC)
  store<u32>(FLAG_SHIFT, EXPLICIT)
}

/** Changes some of them. */
export function changeArithmetic(mask: u32, flags: u32): void {
  setArithmetic((arithmeticFlags() & ~mask) | (flags & mask))
}
