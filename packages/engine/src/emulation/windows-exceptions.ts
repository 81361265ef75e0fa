/**
 * Structured exception handling of 32-bit Windows: an exception becomes a record and a context on the program's stack, the handlers of the thread's
 * chain are called one after the other, and what they leave in the context is where the program goes on. Unpacking code
 * uses that for control flow. Layouts of EXCEPTION_RECORD and CONTEXT as in Microsoft's winnt.h.
 */
import type { Machine, Stop } from './machine.ts'
import {
  STOP_BOUND,
  STOP_BREAKPOINT,
  STOP_DIVIDE,
  STOP_INTERRUPT,
  STOP_INVALID,
  STOP_OVERFLOW,
  STOP_PAGE_FAULT,
  STOP_PRIVILEGED,
  STOP_SINGLE_STEP,
} from './machine-layout.ts'
import { THREAD_BLOCK } from './windows-layout.ts'

const CHAIN_END = 0xffffffff
const RECORD_BYTES = 0x50
const CONTEXT_BYTES = 0x2cc
/** Both and what else is pushed, rounded. */
const FRAME_BYTES = 0x400
const TF = 0x100
/** Exceptions within exceptions, and how many a program may have: some unpackers count in thousands. */
const NESTING_MAX = 32
const EXCEPTIONS_MAX = 10_000
/** Handlers that one exception asks. */
const CHAIN_MAX = 64
const BREAKPOINT = 0x80000003

const codes: Readonly<Record<number, number>> = {
  [STOP_PAGE_FAULT]: 0xc0000005,
  [STOP_DIVIDE]: 0xc0000094,
  [STOP_BREAKPOINT]: BREAKPOINT,
  [STOP_INTERRUPT]: 0x80000004,
  [STOP_PRIVILEGED]: 0xc0000096,
  [STOP_INVALID]: 0xc000001d,
  [STOP_SINGLE_STEP]: 0x80000004,
  [STOP_OVERFLOW]: 0xc0000095,
  [STOP_BOUND]: 0xc000008c,
}

/** Places in CONTEXT of edi esi ebx edx ecx eax ebp esp, by the registers' numbers. */
const registerPlaces = [
  [0, 0xb0],
  [1, 0xac],
  [2, 0xa8],
  [3, 0xa4],
  [4, 0xc4],
  [5, 0xb4],
  [6, 0xa0],
  [7, 0x9c],
] as const
const SEGMENT_PLACES = [
  [0x90, 0x3b],
  [0x94, 0x23],
  [0x98, 0x23],
  [0xbc, 0x1b],
  [0xc8, 0x23],
] as const
const IP_PLACE = 0xb8
const FLAGS_PLACE = 0xc0
/** CONTEXT_FULL with debug registers and floating point. */
const CONTEXT_FLAGS = 0x1001f

export interface Exceptions {
  /** Handlers that are asked before the chain. */
  readonly vectored: number[]
  /** The one that is asked behind the chain; 0 for none. */
  setFilter(address: number): number
  /** Sends the program to its handler. False when it has none: then it ends. */
  raise(stop: Stop): boolean
  raiseCode(code: number): boolean
  /** A handler returned. False when nothing can go on. */
  handlerReturned(answer: number): boolean
}

interface Pending {
  readonly record: number
  readonly context: number
  /** Handlers that are still to be asked, and how each is called. */
  readonly handlers: Handler[]
}

interface Handler {
  readonly address: number
  readonly kind: 'vectored' | 'chain' | 'filter'
  readonly frame: number
}

/** `returnStub` is where handlers return to, `lastHandler` the system's own behind the chain. */
export function createExceptions(machine: Machine, returnStub: number, lastHandler: number): Exceptions {
  const pending: Pending[] = []
  const vectored: number[] = []
  let filter = 0
  let count = 0

  const raise = (code: number, address: number, parameters: readonly number[]): boolean => {
    count += 1
    if (count > EXCEPTIONS_MAX || pending.length >= NESTING_MAX) return false
    const frame = Math.floor((machine.register(4) - FRAME_BYTES) / 16) * 16
    const record = frame + 0x20
    const context = record + RECORD_BYTES
    const words = [code, 0, 0, address, parameters.length, ...parameters]
    const bytes = Buffer.alloc(FRAME_BYTES)
    for (const [index, value] of words.entries()) bytes.writeUInt32LE(value, record - frame + 4 * index)
    saveContext(machine, bytes.subarray(context - frame))
    // Written at once: some programs raise thousands.
    if (frame <= 0 || !machine.write(frame, bytes)) return false
    const handlers: Handler[] = vectored.map((one) => ({ address: one, kind: 'vectored', frame: 0 }))
    let link = machine.read32(THREAD_BLOCK) ?? CHAIN_END
    while (link !== CHAIN_END && handlers.length < CHAIN_MAX) {
      const handler = machine.read32(link + 4)
      if (handler === undefined || handler === lastHandler) break
      // The system's own frames ask nobody.
      if (handler !== returnStub) handlers.push({ address: handler, kind: 'chain', frame: link })
      link = machine.read32(link) ?? CHAIN_END
    }
    if (filter !== 0) handlers.push({ address: filter, kind: 'filter', frame: 0 })
    pending.push({ record, context, handlers })
    return callNext()
  }

  /**
   * While a handler runs, a frame of the system's stands before it in the chain, so that exceptions in it are not its own; handlers that follow
   * the chain to their own frame count on it.
   */
  const enterGuard = (frame: number) => {
    machine.write32(frame, machine.read32(THREAD_BLOCK) ?? CHAIN_END)
    machine.write32(frame + 4, returnStub)
    machine.write32(THREAD_BLOCK, frame)
  }
  const leaveGuard = (frame: number) => {
    if (machine.read32(THREAD_BLOCK) === frame)
      machine.write32(THREAD_BLOCK, machine.read32(frame) ?? CHAIN_END)
  }

  const callNext = (): boolean => {
    const current = pending.at(-1)
    const handler = current?.handlers.shift()
    if (current === undefined || handler === undefined) return false
    const { record, context } = current
    // EXCEPTION_POINTERS stand before the record.
    const pointers = record - 8
    machine.write32(pointers, record)
    machine.write32(pointers + 4, context)
    const values =
      handler.kind === 'chain' ? [returnStub, record, handler.frame, context, 0] : [returnStub, pointers]
    const stack = guardOf(record) - 4 * values.length
    machine.write(stack, Uint8Array.from(values.flatMap(wordBytes)))
    if (handler.kind === 'chain') enterGuard(guardOf(record))
    machine.setRegister(4, stack)
    machine.flags &= ~TF
    machine.ip = handler.address
    return true
  }

  return {
    vectored,
    setFilter(address) {
      const before = filter
      filter = address
      return before
    },
    raise({ reason, address, access }) {
      const code = codes[reason]
      if (code === undefined) return false
      return raise(code, machine.ip, reason === STOP_PAGE_FAULT ? [access, address >>> 0] : [])
    },
    raiseCode: (code) => raise(code, machine.ip, []),
    handlerReturned(answer) {
      const current = pending.at(-1)
      if (current === undefined) return false
      leaveGuard(guardOf(current.record))
      // ExceptionContinueExecution of the chain is 0, EXCEPTION_CONTINUE_EXECUTION of the others -1.
      if (answer !== 0 && answer !== 0xffffffff) return callNext()
      pending.pop()
      restoreContext(machine, current.context)
      return true
    },
  }
}

function wordBytes(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

/** The frame has room before the record: for the system's frame in the chain, and EXCEPTION_POINTERS. */
function guardOf(record: number): number {
  return record - 16
}

function saveContext(machine: Machine, context: Buffer): void {
  context.writeUInt32LE(CONTEXT_FLAGS)
  for (const [place, value] of SEGMENT_PLACES) context.writeUInt32LE(value, place)
  for (const [number, place] of registerPlaces) context.writeUInt32LE(machine.register(number), place)
  context.writeUInt32LE(machine.ip, IP_PLACE)
  context.writeUInt32LE(machine.flags, FLAGS_PLACE)
}

/** Continues as a context says; NtContinue does the same. */
export function restoreContext(machine: Machine, context: number): void {
  const bytes = machine.read(context, CONTEXT_BYTES)
  if (bytes === undefined) return
  const view = new DataView(bytes.buffer)
  for (const [number, place] of registerPlaces) machine.setRegister(number, view.getUint32(place, true))
  machine.flags = view.getUint32(FLAGS_PLACE, true)
  machine.ip = view.getUint32(IP_PLACE, true)
}
