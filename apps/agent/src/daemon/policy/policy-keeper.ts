/**
 * Holds the policy in force. Flow: the server names a version → fetch the signed document → signature, type, fleet and schema →
 * newer than the one applied → durable → in force as one frozen value. Whatever fails on the way leaves the last good one.
 * It knows nothing of inheritance: what arrives is what holds.
 */
import { join } from 'node:path'
import {
  defaultPolicy,
  type HealthFinding,
  PolicyDocument,
  type PolicySettings,
  type PublicKey,
  policyDocumentType,
} from '@coreward/contracts'
import { readTextIfExists, writeDurably } from '@coreward/host'
import { importVerificationKey, verifyDocument } from '@coreward/trust'
import type { Logger } from 'pino'
import type { Spool } from '../spool/spool.ts'

/** The policy in force. `version` is null while no server has given one: then the defaults hold. */
export interface Policy {
  readonly version: number | null
  readonly settings: Readonly<PolicySettings>
}

/** The fleet whose policies are taken, and the keys that sign them. */
export interface PolicyIssuer {
  readonly fleetId: string
  readonly documentKeys: readonly PublicKey[]
}

/** Why a policy was not taken; the message is for people. */
class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: 'foreign' | 'malformed' | 'replayed'

  constructor(code: PolicyError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export interface PolicyDuties {
  readonly folder: string
  readonly spool: Spool
  readonly log: Logger
  /** Fetches the signed policy from the server. */
  readonly fetch: () => Promise<string>
  /** Called after a policy came into force. */
  readonly onChange: (policy: Policy) => void
}

const none: Policy = deepFreeze({ version: null, settings: structuredClone(defaultPolicy) })

/** Between two attempts at a version that failed, in milliseconds: the server names it with every heartbeat. */
const RETRY_INTERVAL = 60_000

export class PolicyKeeper {
  readonly #duties: PolicyDuties
  #issuer: PolicyIssuer | undefined
  #current: Policy = none
  #failed: { version: number; at: number; failure: string } | undefined
  #fetching: Promise<void> | undefined

  constructor(duties: PolicyDuties) {
    this.#duties = duties
  }

  /** The policy in force; never changes in place. */
  get current(): Policy {
    return this.#current
  }

  /**
   * Takes policies of this fleet from now on, and puts the stored one in force if it is of this fleet and still verifies. One
   * that does not is left lying, and the defaults hold.
   */
  async trust(issuer: PolicyIssuer): Promise<void> {
    this.#issuer = issuer
    this.#failed = undefined
    let policy: Policy = none
    try {
      const document = await readTextIfExists(this.#file)
      if (document !== undefined) policy = await this.#verified(document.trim())
    } catch (error) {
      this.#duties.log.warn({ err: error }, 'the stored policy does not hold')
    }
    this.#put(policy)
  }

  /** Told which version the server has; fetches and applies it when it is another. Never rejects. */
  async follow(version: number): Promise<void> {
    if (version === this.#current.version) {
      this.#failed = undefined
      return
    }
    if (this.#failed?.version === version && Date.now() - this.#failed.at < RETRY_INTERVAL) return
    this.#fetching ??= this.#fetch(version).finally(() => {
      this.#fetching = undefined
    })
    await this.#fetching
  }

  /** What is not as it should be. */
  findings(): HealthFinding[] {
    if (this.#failed === undefined) return []
    const { version, failure } = this.#failed
    const text = `Policy version ${version} could not be applied, the last good one holds: ${failure}`
    return [{ code: 'policy.failed', severity: 'warning', text: text.slice(0, 1000) }]
  }

  get #file(): string {
    return join(this.#duties.folder, 'policy.jws')
  }

  async #fetch(version: number): Promise<void> {
    const { spool, log } = this.#duties
    try {
      const document = await this.#duties.fetch()
      const policy = await this.#verified(document)
      const previous = this.#current.version
      if (previous !== null && (policy.version ?? 0) <= previous) {
        if (policy.version === previous) return
        throw new PolicyError(
          'replayed',
          `the server gave version ${policy.version} though ${previous} is in force; versions only grow`,
        )
      }
      writeDurably(this.#file, `${document}\n`)
      this.#put(policy)
      this.#failed = undefined
      log.info({ version: policy.version, previous }, 'policy applied')
      spool.enqueue({ type: 'policy.applied', data: { version: policy.version ?? version, previous } })
    } catch (error) {
      const failure = (error instanceof Error ? error.message : String(error)).slice(0, 2000)
      const again = this.#failed?.version === version && this.#failed.failure === failure
      this.#failed = { version, at: Date.now(), failure }
      if (again) return
      log.error({ err: error, version }, 'policy not applied')
      this.#tell(version, failure)
    }
  }

  /** The spool may be what failed; then health says so. */
  #tell(version: number, failure: string): void {
    try {
      this.#duties.spool.enqueue({ type: 'policy.failed', data: { version, failure } })
    } catch (error) {
      this.#duties.log.error({ err: error }, 'event not stored')
    }
  }

  async #verified(document: string): Promise<Policy> {
    const issuer = this.#issuer
    if (issuer === undefined) throw new PolicyError('foreign', 'this agent is not enrolled')
    const publicKeys = await Promise.all(issuer.documentKeys.map((key) => importVerificationKey(key)))
    const parsed = PolicyDocument.safeParse(
      await verifyDocument(document, { publicKeys, type: policyDocumentType }),
    )
    if (!parsed.success) {
      throw new PolicyError(
        'malformed',
        `the policy is not in the form this agent knows: ${parsed.error.message}`,
      )
    }
    const { fleetId, version, settings } = parsed.data
    if (fleetId !== issuer.fleetId) {
      throw new PolicyError(
        'foreign',
        `the policy is for the fleet ${fleetId}, this agent is of ${issuer.fleetId}`,
      )
    }
    return deepFreeze({ version, settings })
  }

  #put(policy: Policy): void {
    this.#current = policy
    this.#duties.onChange(policy)
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
