import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dice, type RandomCase, randomCase } from './instructions.fixture.ts'
import { createMachine } from './machine.ts'
import { STOP_CHANGED_CODE, STOP_DIVIDE, STOP_MEMORY, STOP_NONE, STOP_PAGE_FAULT } from './machine-layout.ts'
import {
  CODE_ADDRESS,
  DATA_ADDRESS,
  DATA_BYTES,
  nativeProcessor,
  type ProcessorState,
} from './native.fixture.ts'

const CODE = 0x400000
const STACK = 0x20000

/** More for a campaign: COREWARD_ORACLE_SEEDS=50 runs 400,000 instructions of each kind. */
const rounds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 1)
const CASES = 8_000

function start(code: readonly number[], isLong = false) {
  const machine = createMachine(isLong)
  machine.map(CODE, 0x4000)
  machine.map(STACK - 0x1000, 0x1000)
  machine.load(CODE, Uint8Array.from(code))
  machine.setRegister(4, STACK - 0x100)
  machine.ip = CODE
  return machine
}

/** What the emulator makes of a case; nothing when it divides by zero, which no oracle survives. */
function emulate({ code, data, registers, flags }: RandomCase, bits: 32 | 64): ProcessorState | undefined {
  const machine = createMachine(bits === 64)
  machine.map(CODE_ADDRESS, 0x20000)
  machine.load(CODE_ADDRESS, code)
  machine.load(DATA_ADDRESS, data)
  for (const [number, value] of registers.entries()) machine.setRegister(number, value)
  machine.flags = flags
  machine.ip = CODE_ADDRESS
  for (let step = 0; step < 100 && machine.ip !== CODE_ADDRESS + code.length; step++) {
    const { reason } = machine.run(1)
    if (reason === STOP_DIVIDE) return undefined
    assert.equal(reason, STOP_NONE, Buffer.from(code).toString('hex'))
  }
  return {
    registers: registers.map((_, number) => machine.register64(number)),
    flags: machine.flags,
    data: machine.read(DATA_ADDRESS, DATA_BYTES) ?? new Uint8Array(0),
  }
}

for (const bits of [32, 64] as const) {
  const native = nativeProcessor(bits)
  const skip = native === undefined && `gcc cannot build ${bits}-bit programs that run here`
  test(`instructions of ${bits} bits do what this machine's processor does`, { skip }, () => {
    for (let seed = 0; seed < rounds; seed++) {
      const roll = dice(seed)
      const cases: RandomCase[] = []
      const emulated: ProcessorState[] = []
      for (let index = 0; index < CASES; index++) {
        const one = randomCase(index, roll, bits)
        const state = one === undefined ? undefined : emulate(one, bits)
        if (one === undefined || state === undefined) continue
        cases.push(one)
        emulated.push(state)
      }
      assert.ok(cases.length > CASES / 2)
      const real = native?.(cases) ?? []
      for (const [index, { code, name, defined, registers }] of cases.entries()) {
        const here = emulated[index]
        const there = real[index]
        const about = `${name}: ${Buffer.from(code).toString('hex')} with ${registers.map((value) => value.toString(16))}`
        assert.deepEqual(here?.registers, there?.registers, about)
        assert.equal((here?.flags ?? 0) & defined, (there?.flags ?? 0) & defined, about)
        assert.ok(Buffer.from(here?.data ?? []).equals(Buffer.from(there?.data ?? [])), about)
      }
    }
  })
}

test('an access to no memory changes nothing, and the instruction can begin again', () => {
  // push [0x500000]; the stack pointer stays.
  const machine = start([0xff, 0x35, 0, 0, 0x50, 0])
  const stop = machine.run(10)
  assert.deepEqual([stop.reason, stop.address, stop.access], [STOP_PAGE_FAULT, 0x500000, 0])
  assert.deepEqual([machine.ip, machine.register(4)], [CODE, STACK - 0x100])
  machine.map(0x500000, 4)
  machine.write32(0x500000, 0x12345678)
  assert.equal(machine.run(1).reason, STOP_NONE)
  assert.equal(machine.read32(STACK - 0x104), 0x12345678)
})

test('a string instruction that reaches no memory stops where it came to', () => {
  // mov edi,0x403ff0; mov ecx,0x100; rep stosb
  const machine = start([0xbf, 0xf0, 0x3f, 0x40, 0, 0xb9, 0, 1, 0, 0, 0xf3, 0xaa])
  const stop = machine.run(10)
  assert.deepEqual([stop.reason, stop.address, stop.access], [STOP_PAGE_FAULT, 0x404000, 1])
  assert.deepEqual([machine.register(7), machine.register(1)], [0x404000, 0xf0])
})

test('reads, writes and instructions may lie across two pages', () => {
  // mov dword [0x401ffe],0x11223344; mov eax,[0x401ffd]
  const code = [0xc7, 5, 0xfe, 0x1f, 0x40, 0, 0x44, 0x33, 0x22, 0x11, 0xa1, 0xfd, 0x1f, 0x40, 0]
  const machine = start([])
  machine.load(CODE + 0xffc, Uint8Array.from(code))
  machine.ip = CODE + 0xffc
  machine.run(2)
  assert.equal(machine.register(0), 0x22334400)
  assert.equal(machine.read32(0x401ffe), 0x11223344)
})

test('code that was changed is told once in its page, and what changes itself in front of the processor runs as changed', () => {
  // mov byte [0x400007],0x42 (inc edx over what stands there, inc ecx); inc ecx; jmp self
  const machine = start([0xc6, 5, 7, 0, 0x40, 0, 0x42, 0x41, 0xeb, 0xfe])
  const stop = machine.run(100)
  assert.deepEqual([stop.reason, stop.address, machine.from], [STOP_CHANGED_CODE, CODE + 7, CODE])
  assert.equal(machine.run(100).reason, STOP_NONE)
  assert.deepEqual([machine.register(2), machine.register(1)], [1, 0])
  assert.equal(machine.isChanged(CODE + 7), true)
  assert.equal(machine.isChanged(CODE + 8), false)
})

test('an endless loop ends with its steps, and so does a repetition over all of memory', () => {
  assert.deepEqual(start([0xeb, 0xfe]).run(1_000_000), {
    reason: STOP_NONE,
    address: 0,
    access: 0,
    stepsLeft: 0,
  })
  // xor edi,edi; mov ecx,-1; rep lodsb from one byte: each 1,024 cost more than one step.
  const machine = start([0xbe, 0, 0, 0x40, 0, 0xb9, 0xff, 0xff, 0xff, 0xff, 0xfd, 0xf3, 0xac])
  machine.map(0, CODE)
  assert.equal(machine.run(1000).stepsLeft, 0)
  assert.ok(machine.register(1) > 0xffffffff - 8192)
})

test('a program gets the pages that it may have, and no more', () => {
  // mov edi,0x10000000; L: mov [edi],edi; add edi,0x1000; jmp L
  const code = [0xbf, 0, 0, 0, 0x10, 0x89, 0x3f, 0x81, 0xc7, 0, 0x10, 0, 0, 0xeb, 0xf6]
  const machine = createMachine(false, 100)
  machine.map(CODE, 0x1000)
  machine.map(0x10000000, 0x10000000)
  machine.load(CODE, Uint8Array.from(code))
  machine.ip = CODE
  assert.equal(machine.run(10_000).reason, STOP_MEMORY)
  assert.equal(machine.pages().length, 100)
})

test('random bytes as code end with a reason or with their steps', () => {
  const roll = dice(5)
  for (let round = 0; round < 300; round++) {
    const isLong = round % 2 === 1
    const machine = start(
      Array.from({ length: 0x1000 }, () => roll(256)),
      isLong,
    )
    for (let number = 0; number < 8; number++)
      if (number !== 4) machine.setRegister(number, CODE + roll(0x2000))
    let left = 20_000
    for (let stops = 0; left > 0 && stops < 50; stops++) {
      const stop = machine.run(left)
      left = stop.stepsLeft
      assert.ok(stop.reason >= 0 && stop.reason < 15)
      if (stop.reason !== STOP_NONE && stop.reason !== STOP_CHANGED_CODE) machine.ip = CODE + roll(0x1000)
    }
  }
})
