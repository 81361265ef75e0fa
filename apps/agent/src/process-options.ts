/**
 * The command lines of our processes, read the same way by each. Options carry names and numbers, never secrets.
 */
import { parseArgs } from 'node:util'

/** Values by option name, as given. Exits with a sentence and code 2 when an option is unknown. */
export function readOptions<N extends string>(names: readonly N[]): Partial<Record<N, string>> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
    return parseArgs({ options, strict: true }).values as Partial<Record<N, string>>
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** A whole number of zero or more; `otherwise` when the option is absent. Exits with code 2 for anything else. */
export function wholeNumber<O extends number | undefined>(
  name: string,
  value: string | undefined,
  otherwise: O,
): number | O {
  if (value === undefined) return otherwise
  return /^\d{1,10}$/.test(value) ? Number(value) : refuse(`--${name} takes a whole number, not ${value}`)
}

/** A value that must be there. Exits with code 2 when it is not. */
export function required(name: string, value: string | undefined): string {
  return value ?? refuse(`--${name} is missing`)
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(2)
}
