/**
 * The settings in force as rows, each with where its value comes from, for `coreward status`.
 */
import type { EffectiveSetting } from '@coreward/contracts'
import type { Policy } from './policy-keeper.ts'

/** One row for each setting, named by its way through the policy (`limits.maxDepth`). Lists stay whole. */
export function effectiveSettings(policy: Policy): EffectiveSetting[] {
  const source = policy.version === null ? 'default' : 'managed'
  return [...flatten('', policy.settings)].map(([name, value]) => ({
    name,
    value: value as EffectiveSetting['value'],
    source,
  }))
}

function* flatten(prefix: string, value: unknown): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield [prefix, value]
    return
  }
  for (const [name, member] of Object.entries(value))
    yield* flatten(prefix === '' ? name : `${prefix}.${name}`, member)
}
