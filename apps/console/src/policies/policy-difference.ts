/**
 * What differs between two policies, setting by setting, and how one person's changes are carried over onto a policy that
 * somebody else has deployed meanwhile. Pure; the exclusions count as one setting with entries added and removed.
 */
import type { Exclusion, PolicySettings } from '@coreward/contracts'
import { type Setting, settings } from './settings.ts'

/** One changed setting. */
export interface Difference {
  readonly setting: Setting
  readonly before: unknown
  readonly after: unknown
}

/** The value at a dotted path. */
export function valueAt(policy: PolicySettings, path: string): unknown {
  let value: unknown = policy
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
  return value
}

/** The settings that differ, in the order of the form. */
export function differencesBetween(before: PolicySettings, after: PolicySettings): Difference[] {
  return settings.flatMap((setting) => {
    const old = valueAt(before, setting.path)
    const now = valueAt(after, setting.path)
    return equal(old, now) ? [] : [{ setting, before: old, after: now }]
  })
}

/** The exclusions that were added and those that were taken away; a changed one is both. */
export function exclusionChanges(before: readonly Exclusion[], after: readonly Exclusion[]) {
  return {
    added: after.filter((entry) => !before.some((other) => equal(entry, other))),
    removed: before.filter((entry) => !after.some((other) => equal(entry, other))),
  }
}

/**
 * `theirs` with the changes that `mine` makes to `base`. Where both changed the same setting, mine stands: the person who
 * decides sees it among the differences before deploying. Exclusions are carried over one by one.
 */
export function carryOver(
  base: PolicySettings,
  mine: PolicySettings,
  theirs: PolicySettings,
): PolicySettings {
  const carried = structuredClone(theirs)
  for (const { setting, after } of differencesBetween(base, mine)) {
    if (setting.kind === 'exclusions') continue
    const parts = setting.path.split('.')
    const last = parts.pop() ?? ''
    let place = carried as unknown as Record<string, unknown>
    for (const part of parts) place = place[part] as Record<string, unknown>
    place[last] = structuredClone(after)
  }
  const { added, removed } = exclusionChanges(base.exclusions, mine.exclusions)
  carried.exclusions = [
    ...theirs.exclusions.filter((entry) => !removed.some((other) => equal(entry, other))),
    ...added.filter((entry) => !theirs.exclusions.some((other) => equal(entry, other))),
  ]
  return carried
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
