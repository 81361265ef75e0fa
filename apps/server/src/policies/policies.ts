/**
 * The fleet's one policy: deployed as a whole, under a number that only grows, signed once when it is deployed. Older versions
 * stay as they were.
 */
import {
  defaultPolicy,
  type Policy,
  type PolicyDocument,
  type PolicySettings,
  policyDocumentType,
} from '@coreward/contracts'
import { type SigningKey, signDocument } from '@coreward/trust'
import type { MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import { ServerError } from '../server-error.ts'
import * as store from './store.ts'

export interface PoliciesNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly fleetId: string
  readonly documentKey: SigningKey
  readonly countAgents: (version: number) => Promise<{ applied: number; total: number }>
  /** Called after a deployment, to let waiting agents hear of it. */
  readonly onDeploy: () => void
  readonly now?: () => Date
}

export type Policies = Awaited<ReturnType<typeof createPolicies>>

/** The rules for policies. On a new server this deploys our defaults as version 1. */
export async function createPolicies(needs: PoliciesNeeds) {
  const now = needs.now ?? (() => new Date())

  const sign = async (policy: Omit<store.StoredPolicy, 'document'>): Promise<store.StoredPolicy> => {
    const payload: PolicyDocument = {
      fleetId: needs.fleetId,
      version: policy.version,
      issuedAt: policy.deployedAt,
      settings: policy.settings,
    }
    const document = await signDocument(payload, { key: needs.documentKey, type: policyDocumentType })
    return { ...policy, document }
  }
  const first = async () => {
    const policy = await sign({
      version: 1,
      settings: defaultPolicy,
      note: '',
      deployedAt: now().toISOString(),
      deployedBy: 'Coreward',
    })
    await needs.change(({ sql }) => store.insertPolicy(sql, policy))
    return policy
  }
  // Every heartbeat and every waiting request asks for it, so it is kept at hand.
  let current = (await store.findCurrent(needs.sql)) ?? (await first())

  const read = async (): Promise<Policy> => {
    const { document: _, ...policy } = current
    const { applied, total } = await needs.countAgents(policy.version)
    return { ...policy, agentsApplied: applied, agentsTotal: total }
  }

  return {
    /** The number of the policy in force. */
    version: () => current.version,
    settings: (): PolicySettings => current.settings,
    /** The policy in force as agents take it: signed. */
    document: () => current.document,
    /** The policy in force, with how far it has got. */
    read,

    /**
     * Deploys a changed policy to all agents. Throws `policy.conflict` when `baseVersion` is not the version in force: somebody
     * else deployed one, and its changes would be lost.
     */
    async deploy(
      request: { baseVersion: number; settings: PolicySettings; note: string },
      username: string,
    ): Promise<Policy> {
      const deployed = await needs.change(async ({ sql, tell }) => {
        const before = (await store.findCurrent(sql)) ?? current
        if (before.version !== request.baseVersion)
          throw new ServerError(
            'policy.conflict',
            `The policy is at version ${before.version}, deployed by ${before.deployedBy}; ` +
              `these changes were made to version ${request.baseVersion}. Load it, and make them again.`,
          )
        const policy = await sign({
          version: before.version + 1,
          settings: request.settings,
          note: request.note,
          deployedAt: now().toISOString(),
          deployedBy: username,
        })
        await store.insertPolicy(sql, policy)
        tell({ kind: 'policy' })
        return policy
      })
      current = deployed
      needs.onDeploy()
      return read()
    },
  }
}
