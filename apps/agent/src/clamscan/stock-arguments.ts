/**
 * The arguments as stock clamscan reads them → arguments that commander reads: long names may be cut short, switches may
 * carry yes or no behind an equals sign (never as the next argument), and options that are not supported are refused.
 */
import { switches, unsupported, valued, valuedLetters } from './stock-options.ts'

/** The arguments cannot be used; the message names the option. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/** Throws ArgumentError for an option that is unknown, not supported, or without the value it needs. */
export function readStockArguments(args: readonly string[]): string[] {
  const plain: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string
    if (arg === '--') return [...plain, ...args.slice(at)]
    if (!arg.startsWith('--')) {
      plain.push(arg)
      // The value of -d, -l or -f may look like an option.
      if (takesNext(arg) && at + 1 < args.length) plain.push(args[++at] as string)
      continue
    }
    const equals = arg.indexOf('=')
    const name = completeName(equals < 0 ? arg.slice(2) : arg.slice(2, equals))
    const value = equals < 0 ? undefined : arg.slice(equals + 1)
    const needsValue = valued.includes(name) || unsupported.get(name)?.needsValue === true
    const given = value ?? (needsValue ? args[++at] : 'yes')
    if (given === undefined) throw new ArgumentError(`the option --${name} needs a value`)
    if (switches.includes(name)) plain.push(switchArgument(name, given))
    else if (valued.includes(name)) plain.push(`--${name}=${given}`)
    else if (!unsupported.get(name)?.accepted.includes(given))
      throw new ArgumentError(
        `the option --${name}${value === undefined ? '' : `=${value}`} is not supported; leave it out`,
      )
  }
  return plain
}

function takesNext(arg: string): boolean {
  if (arg === '-' || !arg.startsWith('-')) return false
  const first = [...arg.slice(1)].findIndex((letter) => valuedLetters.includes(letter))
  return first >= 0 && first === arg.length - 2
}

function completeName(name: string): string {
  const known = [...switches, ...valued, ...unsupported.keys()]
  if (known.includes(name)) return name
  const begun = known.filter((candidate) => candidate.startsWith(name))
  const [only] = begun
  if (only === undefined || name === '') throw new ArgumentError(`the option --${name} is unknown`)
  if (begun.length > 1)
    throw new ArgumentError(`the option --${name} could be --${begun.join(' or --')}; write it out`)
  return only
}

function switchArgument(name: string, value: string): string {
  if (['yes', 'true', '1'].includes(value)) return `--${name}`
  if (!['no', 'false', '0'].includes(value))
    throw new ArgumentError(`the option --${name} takes yes or no, not "${value}"`)
  return name === 'no-summary' ? '--summary' : `--no-${name}`
}
