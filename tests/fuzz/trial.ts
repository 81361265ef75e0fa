/** One execution of a target, and what it has to answer for: what it throws, whether it says the same twice, and its time. */
import type { FuzzTarget, Outcome } from './fuzz-target.ts'

/** Something found: `key` is the same for the same fault. */
export interface Fault {
  readonly key: string
  readonly detail: string
}

/**
 * Targets have two seconds in their budgets; ten times that is a loop which does not ask. Machines under load are slow, and a time-out
 * that comes late by their fault must be no finding.
 */
const OVERLONG_MILLISECONDS = 20_000

/** Runs the target on an input, `twice` to compare. Undefined when all is well. */
export async function tryInput(
  target: FuzzTarget,
  input: Uint8Array,
  twice: boolean,
): Promise<Fault | undefined> {
  const started = performance.now()
  try {
    const first = await outcomeOf(target, input)
    if (performance.now() - started > OVERLONG_MILLISECONDS)
      return { key: 'overlong', detail: 'outlived its time limit' }
    if (!twice || first === undefined) return undefined
    const second = await outcomeOf(target, input)
    if (first === second || second === undefined) return undefined
    return { key: 'differs', detail: `first ${first}, then ${second}` }
  } catch (error) {
    return faultOf(await withStack(target, input, error))
  }
}

function outcomeOf(target: FuzzTarget, input: Uint8Array): Outcome | Promise<Outcome> {
  return target.run(input)
}

const STACK_FRAMES = 10

/**
 * The same error with its stack: sessions run without, as parsers throw for bad input and each stack costs ten times what the input does. What is
 * not thrown a second time is told as it was.
 */
async function withStack(target: FuzzTarget, input: Uint8Array, first: unknown): Promise<unknown> {
  const frames = Error.stackTraceLimit
  Error.stackTraceLimit = STACK_FRAMES
  try {
    await target.run(input)
    return first
  } catch (error) {
    return error
  } finally {
    Error.stackTraceLimit = frames
  }
}

function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { key: `threw ${String(error)}`, detail: String(error) }
  const place =
    /\/((?:packages|tests)\/(?!fuzz\/fuzz-target)[^\s():]+:\d+)/.exec(error.stack ?? '')?.[1] ?? 'somewhere'
  const message = error.message.slice(0, 200)
  return { key: `${error.name} ${place} ${message.replaceAll(/\d+/g, 'N')}`, detail: error.stack ?? message }
}
