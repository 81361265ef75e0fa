/**
 * What a target of the fuzzer is: a parser of ours, good inputs to begin with, and what must hold of every other. A file in
 * targets/ exports `targets`, whose names are the file's own, or begin with it and a colon.
 */
export interface FuzzTarget {
  readonly name: string
  /** Good inputs and known bad ones, made by code. At least one; called once. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>
  /**
   * Gives the input to the parser and throws when something that must hold does not. What it answers stands for the outcome: the same
   * input must give the same answer. `undefined` says that the outcome depends on the clock.
   */
  run(input: Uint8Array): Outcome | Promise<Outcome>
  /** Longest input in bytes; 4 KiB when absent. Longer seeds are left out. */
  readonly longest?: number
  /** Words of the format that do not stand in our sources: those are gathered by themselves. */
  readonly words?: readonly (string | Uint8Array)[]
  /** Puts checksums and the like right in a mutated input, without which nothing behind them would ever be reached. */
  repair?(input: Buffer): void
}

export type Outcome = string | number | undefined

/** Something that must hold of every input did not. */
class BrokenRule extends Error {
  override readonly name = 'BrokenRule'
}

/** Throws BrokenRule unless `holds`. */
export function mustHold(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new BrokenRule(rule)
}
