/**
 * Runs a program in an emulated Windows until it has unpacked itself, or until it ends, or until a limit. Tells how it ended and where changed
 * code began to run; what is made of that is decided elsewhere.
 */
import type { ByteSource } from '../byte-source.ts'
import type { Machine, Stop } from './machine.ts'
import { STOP_CALL, STOP_CHANGED_CODE, STOP_MEMORY, STOP_NONE, STOP_UNSUPPORTED } from './machine-layout.ts'
import { earlyFunctions, type ProgramImage, sectionAt } from './program-image.ts'
import { endingCalls, windowsCalls } from './windows-calls.ts'
import { restoreContext } from './windows-exceptions.ts'
import { HANDLER_RETURN, LAST_HANDLER, OWN_LIBRARY, START_RETURN } from './windows-functions.ts'
import { callProgram, createWindows, type WindowsSystem } from './windows-system.ts'

/** Steps between two looks at the clock: some 15 ms. */
const SLICE_STEPS = 1_000_000
/** Unpacking a program of some megabytes takes ten to fifty million; the dearest kinds take more. */
const STEPS_MAX = 150_000_000
/** What code may still do once it was reached from another section: unpack another layer, or be the program itself. */
const STEPS_AFTER_ENTRY = 20_000_000
/** Calls of Windows. A program's imports are a few hundred; loops around a clock make many. */
const CALLS_MAX = 50_000
/** As much as any call takes. */
const ARGUMENTS = 8
const RAISE_EXCEPTION = 'RaiseException'
const CONTINUE = new Set(['NtContinue', 'ZwContinue'])

export type ProgramEnd =
  /** It called a function that unpacking does not need, and not from its stub: the program itself runs. */
  'program-runs' | 'ended' | 'steps' | 'memory' | 'unsupported' | 'fault'

export interface ProgramRun {
  readonly end: ProgramEnd
  /** What ended it, for people. */
  readonly detail: string
  /** Whether it ran code that is not in its file. */
  readonly ranChangedCode: boolean
  /** Where changed code was entered from another section, the last time; 0 if it never was. */
  readonly entry: number
  readonly steps: number
  readonly system: WindowsSystem
}

/** Runs the image that is loaded in the machine. `check` throws when the scan is to end. */
export function runProgram(
  machine: Machine,
  image: ProgramImage,
  system: WindowsSystem,
  run: RunState,
): ProgramRun {
  const starts = [...earlyFunctions(machine, image), image.entry]
  const startNext = (): boolean => {
    const next = starts.shift()
    if (next === undefined) return false
    // A library's entry and an early function get three arguments: the image, DLL_PROCESS_ATTACH, and nothing.
    callProgram(system, next, starts.length > 0 || image.isLibrary ? [image.base, 1, 0] : [])
    return true
  }
  let ranChangedCode = false
  let entry = 0
  let calls = 0
  const ended = (end: ProgramEnd, detail: string): ProgramRun => ({
    end,
    detail,
    ranChangedCode,
    entry,
    steps: run.steps,
    system,
  })
  startNext()
  let limit = STEPS_MAX
  while (run.steps < limit) {
    run.check()
    const slice = Math.min(SLICE_STEPS, limit - run.steps)
    const stop = machine.run(slice)
    // A step at least for each stop, so that none is free.
    run.steps += Math.max(1, slice - stop.stepsLeft)
    if (stop.reason === STOP_NONE) continue
    if (stop.reason === STOP_CHANGED_CODE) {
      ranChangedCode = true
      const section = sectionAt(image, stop.address)
      if (section !== -1 && sectionAt(image, machine.from) !== section) {
        entry = stop.address
        limit = Math.min(STEPS_MAX, run.steps + STEPS_AFTER_ENTRY)
      }
    } else if (stop.reason === STOP_CALL) {
      calls += 1
      if (calls > CALLS_MAX) return ended('steps', `after ${CALLS_MAX} calls of Windows`)
      const outcome = answerCall(system, image, stop, startNext)
      if (outcome !== undefined) return ended(outcome.end, outcome.detail)
    } else if (stop.reason === STOP_UNSUPPORTED) return ended('unsupported', instructionText(machine))
    else if (stop.reason === STOP_MEMORY) return ended('memory', 'it wants more memory than is emulated')
    else if (!system.exceptions.raise(stop)) return ended('fault', instructionText(machine))
  }
  return ended('steps', `after ${run.steps} instructions`)
}

/** What one run counts, for the clock that the program sees, and how it is interrupted. */
export interface RunState {
  steps: number
  check(): void
}

/** Windows around an image that is in the machine's memory, ready to run. */
export function prepareRun(
  machine: Machine,
  image: ProgramImage,
  source: ByteSource,
  check: () => void,
): { readonly system: WindowsSystem; readonly run: RunState } {
  const run: RunState = { steps: 0, check }
  return { system: createWindows(machine, image, source, () => run.steps), run }
}

/** Answers a call, or says why the run is over. */
function answerCall(
  system: WindowsSystem,
  image: ProgramImage,
  stop: Stop,
  startNext: () => boolean,
): { end: ProgramEnd; detail: string } | undefined {
  const { machine, libraries, exceptions } = system
  const called = libraries.byNumber(stop.address)
  if (called === undefined) return { end: 'unsupported', detail: instructionText(machine) }
  const { library, name, released } = called
  if (library === OWN_LIBRARY) {
    if (name === LAST_HANDLER) return { end: 'fault', detail: 'no handler takes its exception' }
    if (name === START_RETURN && !startNext()) return { end: 'ended', detail: 'it returned' }
    if (name === HANDLER_RETURN && !exceptions.handlerReturned(machine.register(2)))
      return { end: 'fault', detail: 'no handler takes its exception' }
    return undefined
  }
  const stack = machine.register(4)
  if (endingCalls.has(name)) return { end: 'ended', detail: `it called ${name}` }
  const args = Array.from({ length: ARGUMENTS }, (_, index) => machine.read32(stack + 4 + 4 * index) ?? 0)
  if (CONTINUE.has(name)) {
    restoreContext(machine, args[0] ?? 0)
    return undefined
  }
  if (name === RAISE_EXCEPTION)
    return exceptions.raiseCode(args[0] ?? 0)
      ? undefined
      : { end: 'fault', detail: 'no handler takes its exception' }
  const call = windowsCalls[name]
  if (call === undefined) {
    const detail = `it called ${name} of ${library}`
    if (isProgramCode(machine, image, machine.read32(stack) ?? 0)) return { end: 'program-runs', detail }
    if (released === undefined) return { end: 'unsupported', detail }
  }
  machine.setRegister(0, call === undefined ? 0 : call(system, ...args) >>> 0)
  return undefined
}

/**
 * Whether a call came from the program itself: from another section than the entry point's, or from code that is not as in the file, by what is
 * returned to and the call before it.
 */
function isProgramCode(machine: Machine, image: ProgramImage, address: number): boolean {
  const section = sectionAt(image, address)
  if (section !== -1 && section !== sectionAt(image, image.entry)) return true
  for (let at = Math.max(0, address - 6); at < address + 2; at++) if (machine.isChanged(at)) return true
  return false
}

function instructionText(machine: Machine): string {
  const bytes = machine.read(machine.ip, 8)
  const hex = bytes === undefined ? 'not mapped' : Buffer.from(bytes).toString('hex')
  return `at ${machine.ip.toString(16)}: instruction ${hex}`
}
