/**
 * The policy's settings as a form sees them, read from the schema in contracts: which there are, in which section, of
 * what kind and between which bounds. A setting added to the schema appears in the form by itself; its words come from
 * the catalogues by its name.
 */
import { PolicySettings } from '@coreward/contracts'
import { z } from 'zod'

/** One setting. `path` is where its value stands (`limits.maxFileBytes`), `name` the last part of it. */
export type Setting = { readonly path: string; readonly name: string } & (
  | { readonly kind: 'toggle' | 'time' | 'exclusions' | 'texts' }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly unit: Unit | undefined }
  | { readonly kind: 'choice' | 'choices'; readonly options: readonly string[] }
)

/** What a number counts. */
export type Unit = 'bytes' | 'seconds' | 'minutes'

/** Settings that stand together under one title, such as `limits` or `schedule.quick`. */
export interface Section {
  readonly name: string
  readonly settings: readonly Setting[]
}

/** The sections of the policy in the schema's order. */
export const sections: readonly Section[] = sectionsOf(PolicySettings)

/** Every setting of every section. */
export const settings: readonly Setting[] = sections.flatMap((section) => section.settings)

function sectionsOf(schema: z.ZodObject): Section[] {
  return Object.entries(schema.shape).flatMap(([name, type]) => sectionOf(name, type))
}

function sectionOf(name: string, type: z.core.$ZodType): Section[] {
  if (!(type instanceof z.ZodObject)) return [{ name, settings: [settingOf(name, type)] }]
  const members = Object.entries(type.shape)
  if (members.every(([, member]) => member instanceof z.ZodObject))
    return members.flatMap(([member, inner]) => sectionOf(`${name}.${member}`, inner))
  return [{ name, settings: members.map(([member, inner]) => settingOf(`${name}.${member}`, inner)) }]
}

function settingOf(path: string, type: z.core.$ZodType): Setting {
  if (type instanceof z.ZodDefault) return settingOf(path, type.def.innerType)
  const place = { path, name: path.slice(path.lastIndexOf('.') + 1) }
  if (type instanceof z.ZodBoolean) return { ...place, kind: 'toggle' }
  if (type instanceof z.ZodString) return { ...place, kind: 'time' }
  if (type instanceof z.ZodEnum) return { ...place, kind: 'choice', options: type.options.map(String) }
  if (type instanceof z.ZodNumber) {
    const { minValue, maxValue } = type
    const unit = type.meta()?.unit as Unit | undefined
    return { ...place, kind: 'number', min: minValue ?? 0, max: maxValue ?? Number.MAX_SAFE_INTEGER, unit }
  }
  if (type instanceof z.ZodArray && type.element instanceof z.ZodEnum)
    return { ...place, kind: 'choices', options: type.element.options.map(String) }
  if (type instanceof z.ZodArray && type.element instanceof z.ZodString) return { ...place, kind: 'texts' }
  if (type instanceof z.ZodArray && type.element instanceof z.ZodObject)
    return { ...place, kind: 'exclusions' }
  throw new TypeError(`setting ${path}: the form has no field for a schema of this kind`)
}
