/**
 * A fleet for the definitions' tests: a signing key, a real TUF repository on the disk, and assignments. What the agent reads of the
 * repository can be changed on the way. Never imported by production code.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assignmentDocumentType, type DefinitionsAssignment } from '@coreward/contracts'
import { exportVerificationKey, generateSigningKey, type SigningKey, signDocument } from '@coreward/trust'
import { createRepository, publishTargets } from '@coreward/updates'
import type { ReadRepositoryFile } from './tuf-download.ts'

export interface PublishedSet {
  readonly bytes: Uint8Array
  readonly sha256: string
  readonly version: string
}

export class TestFleet {
  readonly fleetId = randomUUID()
  readonly agentId = randomUUID()
  readonly key: SigningKey
  /** The root of trust, as an enrolment carries it. */
  readonly updatesRoot: string
  /** What is read of a file of the repository on the way to the agent; may throw. */
  onTheWay: (path: string, content: Buffer) => Buffer = (_path, content) => content
  /** Every file that was asked for. */
  readonly asked: string[] = []
  readonly #folder: string
  #sequence = 0

  private constructor(folder: string, key: SigningKey, root: Buffer) {
    this.#folder = folder
    this.key = key
    this.updatesRoot = root.toString('base64')
  }

  static async start(folder: string): Promise<TestFleet> {
    const root = await createRepository({
      repositoryFolder: join(folder, 'repository'),
      offlineKeysFolder: join(folder, 'offline'),
      onlineKeysFolder: join(folder, 'online'),
    })
    return new TestFleet(folder, await generateSigningKey(), root)
  }

  /** Who assigns, as the keeper is told. */
  get issuer() {
    const { fleetId, agentId, key } = this
    return { fleetId, agentId, documentKeys: [exportVerificationKey(key)] }
  }

  /** Publishes bytes, and what is new in them, and assigns them; `changed` may say something else than what is. */
  async publish(
    set: PublishedSet,
    changed: Partial<DefinitionsAssignment> = {},
    additions: readonly (PublishedSet & { readonly since: readonly string[] })[] = [],
  ): Promise<string> {
    const listed = additions.map((each) => ({
      version: each.version,
      since: each.since,
      target: targetOf(each),
    }))
    const account = JSON.stringify({ counts: { ndb: 1 }, refusedCount: 2 })
    await publishTargets({
      repositoryFolder: join(this.#folder, 'repository'),
      onlineKeysFolder: join(this.#folder, 'online'),
      add: [
        { path: targetOf(set), bytes: set.bytes, custom: { account, additions: JSON.stringify(listed) } },
      ],
      beside: additions.map((each) => ({ path: targetOf(each), bytes: each.bytes })),
      keep: 100,
    })
    return this.assign(set, changed)
  }

  /** The signed assignment of a set, each with a number of its own. */
  assign(
    set: PublishedSet,
    changed: Partial<DefinitionsAssignment> = {},
    signed: { readonly key?: SigningKey; readonly type?: string } = {},
  ): Promise<string> {
    this.#sequence += 1
    const payload: DefinitionsAssignment = {
      fleetId: this.fleetId,
      agentId: this.agentId,
      sequence: this.#sequence,
      issuedAt: new Date().toISOString(),
      version: set.version,
      target: targetOf(set),
      sha256: set.sha256,
      ...changed,
    }
    return signDocument(payload, { key: this.key, type: assignmentDocumentType, ...signed })
  }

  /** The repository, as the uplink reads it. */
  readonly read: ReadRepositoryFile = (path) => this.#read(path)

  async *#read(path: string): AsyncGenerator<Uint8Array, void, void> {
    this.asked.push(path)
    const file = join(this.#folder, 'repository', path)
    if (!existsSync(file))
      throw Object.assign(new Error(`There is no ${path}.`), { code: 'definitions.unknown' })
    yield this.onTheWay(path, readFileSync(file))
  }
}

function targetOf({ sha256 }: PublishedSet): string {
  return `definitions/${sha256.slice(0, 32)}.bin`
}
