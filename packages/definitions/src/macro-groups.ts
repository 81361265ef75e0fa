/**
 * Macros → the patterns they stand for. A macro behind a sub-signature of fixed length is that sub-signature, a gap and one of the
 * group's patterns: so the manual explains it, and so a matcher need not know of it.
 */
import type { LogicalSignature, SubMacro, SubPattern } from './parse/ldb.ts'
import { withinSub } from './parse/ldb.ts'
import { signatureLines } from './parse/line.ts'
import type { MacroMember } from './parse/macro.ts'
import { parseNdb } from './parse/ndb.ts'
import { Refusal } from './parse/pattern.ts'
import { formatOf, type SignatureFile } from './parse/signature-file.ts'
import { spanOf } from './part-length.ts'

/** The members of each group. */
export type MacroGroups = ReadonlyMap<number, readonly MacroMember[]>

/** Ours: each is a pattern of its own, in every signature that has the macro. */
const MEMBERS_MAX = 1000

/** The groups that the .ndb files among these make up. Malformed lines are left out; who reads the files tells of them. */
export function macroGroupsOf(
  files: readonly SignatureFile[],
  isIgnored: (name: string, line: string) => boolean,
): MacroGroups {
  const groups = new Map<number, MacroMember[]>()
  for (const file of files) {
    if (formatOf(file) !== 'ndb') continue
    for (const { text } of signatureLines(file.text)) {
      const member = text.includes(':$') ? memberIn(text) : undefined
      if (member === undefined || isIgnored(member.name, text)) continue
      groups.set(member.group, [...(groups.get(member.group) ?? []), member])
    }
  }
  return groups
}

function memberIn(line: string): MacroMember | undefined {
  try {
    const read = parseNdb(line)
    return read !== 'skipped' && read.kind === 'member' ? read : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** The patterns of a signature, those that its macros stand for among them. Throws Refusal. */
export function expandMacros(line: LogicalSignature, groups: MacroGroups): readonly SubPattern[] {
  const expanded = line.macros.flatMap(({ sub, macro }) =>
    withinSub(sub, () => patternsFor({ sub, macro }, line.patterns, groups)),
  )
  return expanded.length === 0 ? line.patterns : [...line.patterns, ...expanded]
}

function patternsFor(
  { sub, macro }: SubMacro,
  patterns: readonly SubPattern[],
  groups: MacroGroups,
): SubPattern[] {
  const before = patterns.filter((pattern) => pattern.sub === sub - 1)
  const members = groups.get(macro.group) ?? []
  if (before.length === 0) throw new Refusal('a macro that does not stand behind a pattern')
  if (members.length === 0) throw new Refusal(`macro group ${macro.group} has no patterns`)
  if (members.length > MEMBERS_MAX)
    throw new Refusal(`macro group ${macro.group} has more than ${MEMBERS_MAX} patterns`)
  return before.flatMap(({ target, offset, parts }) => {
    if (offset.kind === 'versionInfo') throw new Refusal('a macro behind a pattern in version information')
    const [only, ...more] = parts
    const length = only === undefined ? undefined : spanOf(only.elements)
    if (only === undefined || length === undefined || more.length > 0 || length.min !== length.max) {
      throw new Refusal('a macro behind a pattern of no fixed length')
    }
    const gap = { min: macro.min - length.min, max: macro.max - length.min }
    if (gap.min < 0) throw new Refusal('a macro that may begin within the pattern before it')
    return members.map(({ parts: [first, ...rest] }) => {
      if (first === undefined) throw new Refusal(`macro group ${macro.group} has a pattern without parts`)
      return { sub, target, offset, parts: [only, { ...first, gap }, ...rest] }
    })
  })
}
