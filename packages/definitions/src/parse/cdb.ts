/**
 * ClamAV .cdb: what a container says of an entry (ClamAV manual, "Signatures based on container metadata"):
 * `Name:ContainerType:ContainerSize:FileNameREGEX:SizeInContainer:RealSize:IsEncrypted:FilePos:Res1:Res2[:minFL[:maxFL]]`.
 */
import { clamavType } from './clamav-types.ts'
import { type ExtendedRegex, fromExtendedRegex } from './extended-regex.ts'
import { fieldsOf, levelFits, signatureName } from './line.ts'
import { Refusal } from './pattern.ts'

/** Both ends are in it. */
export interface NumberRange {
  readonly min: number
  readonly max: number
}

/** What an entry must be like; undefined where anything will do. */
export interface EntryConditions {
  /** ClamAV's name of the container's type. */
  readonly container: string | undefined
  readonly containerSize: NumberRange | undefined
  readonly fileName: ExtendedRegex | undefined
  readonly sizeInContainer: NumberRange | undefined
  readonly realSize: NumberRange | undefined
  readonly encrypted: boolean | undefined
  /** Counts from 1. */
  readonly position: NumberRange | undefined
  /** CRC-32 of the entry, for zip. */
  readonly crc: number | undefined
}

export interface EntrySignature extends EntryConditions {
  readonly kind: 'entry'
  readonly name: string
  /** The line behind its name: all that the conditions say. */
  readonly conditions: string
}

/** Reads one line. Throws Refusal. */
export function parseCdb(line: string): EntrySignature | 'skipped' {
  const [name, ...fields] = fieldsOf(line, ':', 10, 12)
  const [least, most] = fields.splice(9)
  const conditions = parseEntryConditions(fields)
  const signature = { kind: 'entry' as const, name: signatureName(name), ...conditions }
  return levelFits(least, most) ? { ...signature, conditions: fields.join(':') } : 'skipped'
}

/** Reads the fields from the container's type to the second reserved one. Throws Refusal. */
export function parseEntryConditions(fields: readonly string[]): EntryConditions {
  if (fields.length !== 9) throw new Refusal(`${fields.length} conditions where 9 belong`)
  const [type, containerSize, fileName, sizeInContainer, realSize, encrypted, position, crc] =
    fields as readonly [string, string, string, string, string, string, string, string]
  const container = type === '*' || type === 'CL_TYPE_ANY' ? undefined : clamavType(type)
  const conditions = {
    containerSize: rangeOf(containerSize),
    fileName: fileName === '*' ? undefined : regexOf(fileName),
    sizeInContainer: rangeOf(sizeInContainer),
    realSize: rangeOf(realSize),
    encrypted: encrypted === '*' ? undefined : flagOf(encrypted),
    position: rangeOf(position),
    crc: container === 'CL_TYPE_ZIP' && crc !== '*' ? crcOf(crc) : undefined,
  }
  if (Object.values(conditions).every((condition) => condition === undefined))
    throw new Refusal('it would find every entry of every such container')
  return { container, ...conditions }
}

function rangeOf(text: string): NumberRange | undefined {
  if (text === '*') return undefined
  const [, low = '', high = low] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(text) ?? []
  if (low === '' || Number(low) > Number(high)) throw new Refusal(`"${text}" is not a number or a range`)
  return { min: Number(low), max: Number(high) }
}

function regexOf(text: string): ExtendedRegex {
  if (text === '') throw new Refusal('the expression for the name is empty')
  try {
    return fromExtendedRegex(Buffer.from(text).toString('latin1'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refusal(`"${text}" is not an extended regular expression: ${error.message}`)
  }
}

function flagOf(text: string): boolean {
  if (text !== '0' && text !== '1') throw new Refusal(`"${text}" does not say whether it is encrypted`)
  return text === '1'
}

function crcOf(text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw new Refusal(`"${text}" is not a CRC in hexadecimal`)
  return Number.parseInt(text, 16)
}
