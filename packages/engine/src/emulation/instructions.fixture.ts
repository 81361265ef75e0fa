/**
 * Random instructions whose outcome an oracle can tell: memory operands lie in the data, nothing jumps out. Written from the opcode tables of
 * the Intel SDM, apart from the emulator.
 */
import { DATA_ADDRESS, DATA_BYTES, type InstructionCase } from './native.fixture.ts'

const CF = 1
const PF = 4
const AF = 0x10
const ZF = 0x40
const SF = 0x80
const OF = 0x800
const ALL = CF | PF | AF | ZF | SF | OF

export interface RandomCase extends InstructionCase {
  readonly name: string
  /** The flags that the manual defines after it. */
  readonly defined: number
}

/** Random whole numbers below a bound. */
export type Dice = (bound: number) => number

/** A linear congruential generator (Numerical Recipes): the same for the same seed. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x100000000) * bound)
  }
}

interface Kind {
  readonly name: string
  /** The bytes, from dice; `m` gives a ModR/M with what belongs to it. */
  readonly bytes: (roll: Dice, m: (group?: number) => number[]) => number[]
  readonly defined: number
  /** Only in 32-bit code. */
  readonly old?: boolean
  /** Takes no operand-size prefix. */
  readonly plain?: boolean
  /** Its ModR/M names a register only. */
  readonly registers?: boolean
  /** Without REX.W. */
  readonly narrow?: boolean
}

const arithmetic = ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp']
const shifts = ['rol', 'ror', 'rcl', 'rcr', 'shl', 'shr', 'sal', 'sar']

const kinds: readonly Kind[] = [
  ...arithmetic.flatMap((name, index): Kind[] => [
    { name: `${name} operands`, bytes: (roll, m) => [8 * index + roll(4), ...m()], defined: ALL },
    { name: `${name} al`, bytes: (roll) => [8 * index + 4, roll(256)], defined: ALL, plain: true },
    { name: `${name} eax`, bytes: (roll) => [8 * index + 5, ...some(roll, 4)], defined: ALL, plain: true },
    { name: `${name} byte`, bytes: (roll, m) => [0x80, ...m(index), roll(256)], defined: ALL, plain: true },
    {
      name: `${name} wide`,
      bytes: (roll, m) => [0x81, ...m(index), ...some(roll, 4)],
      defined: ALL,
      plain: true,
    },
    { name: `${name} short`, bytes: (roll, m) => [0x83, ...m(index), roll(256)], defined: ALL },
  ]),
  ...shifts.flatMap((name, index): Kind[] => {
    const ones = index < 4 ? ALL : ALL & ~AF
    const more = (index < 4 ? ALL : ALL & ~AF) & ~OF
    return [
      { name: `${name} 1`, bytes: (roll, m) => [0xd0 + roll(2), ...m(index)], defined: ones },
      {
        name: `${name} count`,
        bytes: (roll, m) => [0xc1, ...m(index), roll(64)],
        defined: more,
        plain: true,
      },
      { name: `${name} byte`, bytes: (roll, m) => [0xc0, ...m(index), roll(8)], defined: more },
      {
        name: `${name} word`,
        bytes: (roll, m) => [0x66, 0xc1, ...m(index), roll(16)],
        defined: more,
        plain: true,
      },
      { name: `${name} cl`, bytes: (_, m) => [0xd3, ...m(index)], defined: more, plain: true },
    ]
  }),
  { name: 'inc dec', bytes: (roll, m) => [0xfe + roll(2), ...m(roll(2))], defined: ALL },
  {
    name: 'inc dec short',
    bytes: (roll) => [0x40 + (roll(2) * 8 + pick(roll, [0, 1, 2, 3, 5, 6, 7]))],
    defined: ALL,
    old: true,
  },
  { name: 'not', bytes: (roll, m) => [0xf6 + roll(2), ...m(2)], defined: ALL },
  { name: 'neg', bytes: (roll, m) => [0xf6 + roll(2), ...m(3)], defined: ALL },
  { name: 'mul', bytes: (roll, m) => [0xf6 + roll(2), ...m(4)], defined: CF | OF },
  { name: 'imul', bytes: (roll, m) => [0xf6 + roll(2), ...m(5)], defined: CF | OF },
  { name: 'div', bytes: (roll, m) => [0xf6 + roll(2), ...m(6)], defined: 0 },
  { name: 'idiv', bytes: (roll, m) => [0xf6 + roll(2), ...m(7)], defined: 0 },
  { name: 'test byte', bytes: (roll, m) => [0xf6, ...m(0), roll(256)], defined: ALL },
  { name: 'test', bytes: (roll, m) => [0x84 + roll(2), ...m()], defined: ALL },
  { name: 'imul two', bytes: (_, m) => [0x0f, 0xaf, ...m()], defined: CF | OF },
  { name: 'imul three', bytes: (roll, m) => [0x69, ...m(), ...some(roll, 4)], defined: CF | OF, plain: true },
  { name: 'imul short', bytes: (roll, m) => [0x6b, ...m(), roll(256)], defined: CF | OF },
  { name: 'mov', bytes: (roll, m) => [0x88 + roll(4), ...m()], defined: ALL },
  { name: 'mov immediate', bytes: (roll, m) => [0xc7, ...m(0), ...some(roll, 4)], defined: ALL, plain: true },
  { name: 'mov register', bytes: (roll) => [0xb0 + roll(8), roll(256)], defined: ALL },
  { name: 'xchg', bytes: (roll, m) => [0x86 + roll(2), ...m()], defined: ALL },
  { name: 'xchg eax', bytes: (roll) => [0x90 + roll(8)], defined: ALL },
  { name: 'lea', bytes: (_, m) => [0x8d, ...m()], defined: ALL },
  { name: 'movzx', bytes: (roll, m) => [0x0f, pick(roll, [0xb6, 0xb7, 0xbe, 0xbf]), ...m()], defined: ALL },
  { name: 'setcc', bytes: (roll, m) => [0x0f, 0x90 + roll(16), ...m(0)], defined: ALL },
  { name: 'cmovcc', bytes: (roll, m) => [0x0f, 0x40 + roll(16), ...m()], defined: ALL },
  { name: 'jcc', bytes: (roll) => [0x70 + roll(16), 1, 0x90], defined: ALL, plain: true },
  { name: 'jcc far', bytes: (roll) => [0x0f, 0x80 + roll(16), 1, 0, 0, 0, 0xf9], defined: ALL, plain: true },
  { name: 'call', bytes: () => [0xe8, 1, 0, 0, 0, 0x90, 0x59], defined: ALL, plain: true },
  { name: 'jecxz', bytes: () => [0xe3, 1, 0xf9], defined: ALL, plain: true },
  { name: 'loop', bytes: (roll) => [0xe0 + roll(3), 1, 0xf9], defined: ALL, plain: true },
  {
    name: 'push pop',
    bytes: (roll) => [0x50 + roll(8), 0x58 + pick(roll, [0, 1, 2, 3, 5, 6, 7])],
    defined: ALL,
  },
  {
    name: 'push immediate',
    bytes: (roll) => [0x6a, roll(256), 0x68, ...some(roll, 4)],
    defined: ALL,
    plain: true,
  },
  { name: 'push operand', bytes: (_, m) => [0xff, ...m(6)], defined: ALL, narrow: true },
  { name: 'pop operand', bytes: (_, m) => [0x8f, ...m(0)], defined: ALL, narrow: true },
  {
    name: 'pushf popf',
    bytes: (roll) => [0x9c, 0x80, 0x34, 0x24, roll(256) & 0xd5, 0x9d],
    defined: ALL,
    plain: true,
  },
  { name: 'pusha popa', bytes: () => [0x60, 0x89, 0x04, 0x24, 0x61], defined: ALL, old: true, plain: true },
  { name: 'pusha', bytes: () => [0x60], defined: ALL, old: true },
  {
    name: 'enter leave',
    bytes: (roll) => [0x89, 0xe5, 0xc8, roll(8) * 4, 0, roll(4), 0x90],
    defined: ALL,
    old: true,
    plain: true,
  },
  { name: 'leave', bytes: () => [0x89, 0xf5, 0xc9], defined: ALL, old: true, plain: true },
  { name: 'sahf', bytes: () => [0x9e], defined: ALL },
  { name: 'lahf', bytes: () => [0x9f], defined: ALL },
  { name: 'cwde cdq', bytes: (roll) => [0x98 + roll(2)], defined: ALL },
  { name: 'clc stc cmc', bytes: (roll) => [pick(roll, [0xf5, 0xf8, 0xf9])], defined: ALL, plain: true },
  {
    name: 'bt',
    bytes: (roll, m) => [0x0f, pick(roll, [0xa3, 0xab, 0xb3, 0xbb]), ...m()],
    defined: CF | ZF,
    registers: true,
  },
  {
    name: 'bt memory',
    bytes: (roll) => [0x0f, pick(roll, [0xa3, 0xab, 0xb3, 0xbb]), 0x0e],
    defined: CF | ZF,
    narrow: true,
  },
  { name: 'bt immediate', bytes: (roll, m) => [0x0f, 0xba, ...m(4 + roll(4)), roll(256)], defined: CF | ZF },
  { name: 'bsf bsr', bytes: (roll, m) => [0x0f, 0xbc + roll(2), ...m()], defined: ZF },
  { name: 'popcnt', bytes: (_, m) => [0xf3, 0x0f, 0xb8, ...m()], defined: ALL, narrow: true, plain: true },
  { name: 'bswap', bytes: (roll) => [0x0f, 0xc8 + pick(roll, [0, 1, 2, 3, 5])], defined: ALL, plain: true },
  {
    name: 'shld shrd',
    bytes: (roll, m) => [0x0f, 0xa4 + roll(2) * 8, ...m(), roll(16)],
    defined: ALL & ~AF & ~OF,
  },
  {
    name: 'shld shrd cl',
    bytes: (roll, m) => [0x0f, 0xa5 + roll(2) * 8, ...m()],
    defined: ALL & ~AF & ~OF,
    plain: true,
  },
  { name: 'cmpxchg', bytes: (roll, m) => [0x0f, 0xb0 + roll(2), ...m()], defined: ALL },
  { name: 'xadd', bytes: (roll, m) => [0x0f, 0xc0 + roll(2), ...m()], defined: ALL },
  { name: 'cmpxchg8b', bytes: () => [0x0f, 0xc7, 0x0e], defined: ALL, plain: true, narrow: true },
  {
    name: 'string',
    bytes: (roll) => [
      ...direction(roll),
      pick(roll, [0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf]),
      0xfc,
    ],
    defined: ALL,
    plain: true,
  },
  {
    name: 'rep string',
    bytes: (roll) => [
      0x83,
      0xe1,
      7,
      ...direction(roll),
      0xf2 + roll(2),
      pick(roll, [0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xa6, 0xa7, 0xae, 0xaf]),
      0xfc,
    ],
    defined: ALL & ~AF,
    plain: true,
  },
  {
    name: 'xlat',
    bytes: () => [0x53, 0x89, 0xf3, 0x24, 31, 0xd7, 0x5b],
    defined: ALL & ~AF,
    old: true,
    plain: true,
  },
  { name: 'daa das', bytes: (roll) => [0x27 + roll(2) * 8], defined: ALL & ~OF, old: true, plain: true },
  { name: 'aaa aas', bytes: (roll) => [0x37 + roll(2) * 8], defined: CF | AF, old: true, plain: true },
  { name: 'aam', bytes: (roll) => [0xd4, 1 + roll(255)], defined: SF | ZF | PF, old: true, plain: true },
  { name: 'aad', bytes: (roll) => [0xd5, roll(256)], defined: SF | ZF | PF, old: true, plain: true },
  { name: 'salc', bytes: () => [0xd6], defined: ALL, old: true, plain: true },
  { name: 'movsxd', bytes: (_, m) => [0x63, ...m()], defined: ALL },
]

function pick<T>(roll: Dice, list: readonly T[]): T {
  return list[roll(list.length)] as T
}

function some(roll: Dice, count: number): number[] {
  return Array.from({ length: count }, () => roll(256))
}

function direction(roll: Dice): number[] {
  return [0xfc + roll(2)]
}

/** Values near borders are as likely as any others. */
function value(roll: Dice, bits: number): bigint {
  const borders = [
    0n,
    1n,
    0x7fn,
    0x80n,
    0xffn,
    0x7fffn,
    0x8000n,
    0xffffn,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
  ]
  if (roll(2) === 0) return pick(roll, borders)
  const random =
    (BigInt(roll(0x10000)) << 48n) |
    (BigInt(roll(0x10000)) << 32n) |
    (BigInt(roll(0x10000)) << 16n) |
    BigInt(roll(0x10000))
  return BigInt.asUintN(bits, random)
}

/** The instruction of `kinds` by a number, with random operands. */
export function randomCase(index: number, roll: Dice, bits: 32 | 64): RandomCase | undefined {
  const kind = kinds[index % kinds.length] as Kind
  if (bits === 64 && kind.old === true) return undefined
  if (bits === 32 && kind.name === 'movsxd') return undefined
  const data = Uint8Array.from(some(roll, DATA_BYTES))
  const registers = Array.from({ length: bits / 4 }, () => value(roll, bits))
  registers[4] = BigInt(DATA_ADDRESS + 128)
  registers[6] = BigInt(DATA_ADDRESS + 64 + roll(64))
  registers[7] = BigInt(DATA_ADDRESS + 64 + roll(64))
  const isIndexed = roll(3) === 0
  if (isIndexed || kind.name === 'bt memory') registers[1] = BigInt(roll(8))
  if (kind.name.includes('div') && roll(2) === 0) registers[2] = 0n
  const prefixes: number[] = []
  if (kind.plain !== true && roll(4) === 0) prefixes.push(0x66)
  if (bits === 64 && prefixes.length === 0 && kind.name.split(' ')[0] !== 'jcc' && roll(2) === 0)
    prefixes.push(0x40 | (kind.narrow === true ? 0 : 8))
  const operand = (group?: number) => {
    let register = group ?? roll(8)
    // The stack pointer is not to be lost.
    if (group === undefined && (register === 4 || register === 5)) register = roll(4)
    if (kind.registers === true || roll(3) === 0)
      return [0xc0 | (register << 3) | pick(roll, [0, 1, 2, 3, 5, 6, 7])]
    const form = roll(4)
    if (isIndexed && form < 2)
      return [0x44 | (register << 3), (roll(4) << 6) | 0x08 | (6 + roll(2)), (roll(32) - 16) & 0xff]
    if (form === 2) return [0x44 | (register << 3), 0x24, (roll(32) - 16) & 0xff]
    if (form === 3)
      return [
        0x86 | roll(2) | (register << 3),
        ...[(roll(32) - 16) & 0xff].flatMap((byte) => [
          byte,
          byte > 127 ? 255 : 0,
          byte > 127 ? 255 : 0,
          byte > 127 ? 255 : 0,
        ]),
      ]
    return [0x46 | roll(2) | (register << 3), (roll(32) - 16) & 0xff]
  }
  const withMemory = kind.name === 'lea'
  let bytes = kind.bytes(roll, operand)
  while (withMemory && (bytes[1] ?? 0) >= 0xc0) bytes = kind.bytes(roll, operand)
  // A repetition's prefix stands before REX.
  const isFirst = bytes[0] === 0xf3 && bytes[1] === 0x0f
  const code = Uint8Array.from(isFirst ? [0xf3, ...prefixes, ...bytes.slice(1)] : [...prefixes, ...bytes])
  return { name: kind.name, defined: kind.defined, registers, flags: 2 | (roll(0x1000) & ALL), data, code }
}
