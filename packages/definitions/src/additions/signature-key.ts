/**
 * What makes a line of a set the same as one of another set: a text in which everything stands that its meaning depends on, and nothing
 * that others decide. A kind of signature that is not known here by name has none: nothing may be said of it line by line.
 */
import { type HashTableName, hashTableNames } from '../layout.ts'
import type { MacroGroups } from '../macro-groups.ts'
import { formatOf, type SignatureFile } from '../parse/signature-file.ts'
import type { Detecting } from '../set-encoder.ts'

/** A line that is in a set, with what it was read from. */
export interface TakenLine {
  readonly line: Detecting
  readonly file: SignatureFile
  readonly text: string
  readonly groups: MacroGroups
}

/**
 * added, hash: it can only find more. allow: it can only find less. settled: everything that is found may depend on it. covered: it is part of
 * others' keys.
 */
export type SignatureKey =
  | { readonly role: 'added' | 'settled'; readonly key: string }
  | { readonly role: 'hash' | 'allow'; readonly hash: HashKey }
  | { readonly role: 'covered' }

/** A hash's own key, without a text: there are millions of them. A hash is added, one on an allow list allows. */
export interface HashKey {
  readonly table: HashTableName
  /** Hexadecimal, in either case. */
  readonly hex: string
  /** Undefined for any. */
  readonly size: number | undefined
}

/** Whose patterns and comparisons are judged content by content. */
const conditionKinds: readonly string[] = ['regex', 'bytes', 'image']

/** The key of a line. */
export function keyOf({ line, file, text, groups }: TakenLine): SignatureKey {
  const settled: SignatureKey = { role: 'settled', key: `${formatOf(file)} ${text}` }
  switch (line.kind) {
    case 'hash':
    case 'allow': {
      if (!hashTableNames.includes(line.table)) return settled
      const { table, hex, size } = line
      return { role: line.kind, hash: { table, hex, size } }
    }
    case 'pattern':
    case 'entry':
      return { role: 'added', key: settled.key }
    case 'logical': {
      if (line.conditions.some(({ condition }) => !conditionKinds.includes(condition.kind))) return settled
      const members = line.macros.map(({ macro }) => written(groups.get(macro.group)))
      return { role: 'added', key: [settled.key, ...members].join('\n') }
    }
    case 'rule':
      // What other rules of its file make of it stands in the rule engine's text, and in whether there is one.
      if (line.isPrivate) return { role: 'covered' }
      return { role: 'added', key: [settled.key, written(line.forms), line.engine?.text].join('\n') }
    case 'member':
      return { role: 'covered' }
    default:
      return settled
  }
}

/** Plain data as a text. */
function written(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
  })
}
