/**
 * The second field of a logical signature: `Engine:min-max,Target:n,FileSize:min-max` (ClamAV manual, "Logical
 * signatures"). Conditions that the engine cannot judge yet are refused by name, and so is what the manual does not know.
 */
import { levelFits } from './line.ts'
import { Refusal } from './pattern.ts'
import { parseTarget } from './place.ts'

export interface TargetDescription {
  readonly target: number
  /** Least and most bytes of the content. */
  readonly fileSize: { readonly min: number; readonly max: number } | undefined
}

const SIZE_MAX = 0xffffffff

const unjudged: { readonly [name: string]: string } = {
  EntryPoint: 'a parsed executable',
  NumberOfSections: 'a parsed executable',
  IconGroup1: 'icons of executables',
  IconGroup2: 'icons of executables',
  Container: 'the container around a content',
  Intermediates: 'the containers around a content',
  HandlerType: 'another type given to a content',
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
    const levels = rangeOf('Engine', engine)
    if (!levelFits(`${levels.min}`, `${levels.max}`)) return 'skipped'
  }
  for (const name of values.keys()) {
    const need = Object.hasOwn(unjudged, name) ? unjudged[name] : undefined
    if (need !== undefined) {
      throw new Refusal(`the attribute ${name} needs ${need}, which this version does not do yet`)
    }
    if (!['Engine', 'Target', 'FileSize'].includes(name))
      throw new Refusal(`the attribute ${name} is not known`)
  }
  const target = values.get('Target')
  if (target === undefined) throw new Refusal('the attribute Target is missing')
  const size = values.get('FileSize')
  return {
    target: parseTarget(target),
    fileSize: size === undefined ? undefined : rangeOf('FileSize', size),
  }
}

function rangeOf(name: string, text: string): { min: number; max: number } {
  const [, low = '', high = ''] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? []
  const [min, max] = [Number(low), Number(high)]
  if (low === '' || min > max || max > SIZE_MAX) throw new Refusal(`the ${name} "${text}" is not a range`)
  return { min, max }
}
