/**
 * The second field of a logical signature: `Engine:min-max,Target:n,FileSize:min-max` and what circumstances.ts reads (ClamAV
 * manual, "Logical signatures"). What the manual does not know is refused by name.
 */
import type { NumberRange } from './cdb.ts'
import { circumstanceNames, parseCircumstances, parseRange } from './circumstances.ts'
import { levelFits } from './line.ts'
import { Refusal } from './pattern.ts'
import { executableTargets, parseTarget } from './place.ts'

/** Icons are read from PE files alone. */
const PE_TARGET = 1

export interface TargetDescription {
  readonly target: number
  /** Least and most bytes of the content. */
  readonly fileSize: NumberRange | undefined
  /** What else must be so, as `parseCircumstances` reads it, in a fixed order. */
  readonly circumstances: string | undefined
}

/** Reads the field. Throws Refusal. */
export function parseTargetDescription(text: string): TargetDescription | 'skipped' {
  const values = new Map<string, string>()
  for (const attribute of text.split(',')) {
    const [name = '', value] = [attribute.split(':', 1)[0], attribute.split(':').slice(1).join(':')]
    if (value === '') throw new Refusal(`"${attribute}" is not an attribute with a value`)
    if (values.has(name)) throw new Refusal(`the attribute ${name} stands there twice`)
    if (name === 'Engine' && values.size > 0) throw new Refusal('the attribute Engine does not stand first')
    values.set(name, value)
  }
  const engine = values.get('Engine')
  if (engine !== undefined) {
    const levels = parseRange('Engine', engine)
    if (!levelFits(`${levels.min}`, `${levels.max}`)) return 'skipped'
  }
  for (const name of values.keys()) {
    if (!['Engine', 'Target', 'FileSize', ...circumstanceNames].includes(name))
      throw new Refusal(`the attribute ${name} is not known`)
  }
  const wanted = values.get('Target')
  if (wanted === undefined) throw new Refusal('the attribute Target is missing')
  const target = parseTarget(wanted)
  const size = values.get('FileSize')
  return {
    target,
    fileSize: size === undefined ? undefined : parseRange('FileSize', size),
    circumstances: circumstancesOf(values, target),
  }
}

function circumstancesOf(values: ReadonlyMap<string, string>, target: number): string | undefined {
  const named = circumstanceNames.filter((name) => values.has(name))
  if (named.length === 0) return undefined
  const text = named.map((name) => `${name}:${values.get(name)}`).join(',')
  const { entryPoint, sectionCount, icon } = parseCircumstances(text)
  if (icon !== undefined && target !== PE_TARGET)
    throw new Refusal(`IconGroup1 and 2 belong to PE files, and target ${target} is something else`)
  if ((entryPoint !== undefined || sectionCount !== undefined) && !executableTargets.includes(target)) {
    throw new Refusal(`EntryPoint and NumberOfSections belong to executables, and target ${target} is none`)
  }
  return text
}
