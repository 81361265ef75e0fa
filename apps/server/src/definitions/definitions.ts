/**
 * Definitions on the server: sources → compiled and tested once (sources.ts) → published as a TUF target → assigned to each agent
 * by a signed document with a number that only grows. Compiling happens before this process gives up its privileges; publishing
 * and serving need only the folders of its own user.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  assignmentDocumentType,
  type DefinitionsAccount,
  type DefinitionsAssignment,
  type DefinitionsSet,
  type PublishedAdditions,
} from '@coreward/contracts'
import { type SigningKey, signDocument } from '@coreward/trust'
import type { MakeChange } from '../database/change.ts'
import type { Sql } from '../database/sql.ts'
import type { FileAnswer } from '../http/route.ts'
import { ServerError } from '../server-error.ts'
import type { Repository, TargetContent } from '../updates/updates.ts'
import * as store from './store.ts'

/** A set that is compiled and has passed its test. */
export interface CompiledSet {
  readonly version: string
  readonly createdAt: string
  readonly content: TargetContent
  readonly account: DefinitionsAccount
  /** What is new in it since earlier sets; hosts do without. */
  readonly additions?: readonly CompiledAdditions[]
}

/** The signatures that are new since each of some sets, as a set of their own. */
export interface CompiledAdditions {
  readonly version: string
  /** SHA-256 of those sets. */
  readonly since: readonly string[]
  readonly content: TargetContent
}

/** Where a set comes from. */
export interface DefinitionsSource {
  /** For people, such as “built in”. */
  readonly name: string
  /** Changes when, and only when, the sources or the way they are compiled do. */
  readonly sha256: string
  readonly compile: (version: string, createdAt: string) => Promise<CompiledSet>
}

export interface DefinitionsNeeds {
  readonly sql: Sql
  readonly change: MakeChange
  readonly fleetId: string
  readonly documentKey: SigningKey
  readonly repository: Pick<Repository, 'folder' | 'publish' | 'targets'>
  readonly countAgents: () => Promise<ReadonlyMap<string, number>>
  readonly now?: () => Date
}

export type DefinitionsRules = Awaited<ReturnType<typeof createDefinitions>>

const mostListed = 100
/** Names of files in the repository: what TUF makes, and nothing that could leave the folder. */
const safePath = /^(?:metadata|targets)(?:\/[A-Za-z0-9_-][\w.-]{0,200}){1,4}$/

const targetOf = (version: string) => `definitions/coreward-${version}.bin`
const additionsTargetOf = (version: string) => `definitions/additions-${version}.bin`
const versionIn = (target: string) => /^definitions\/coreward-(.+)\.bin$/.exec(target)?.[1]

/** The rules for definitions. */
export async function createDefinitions(needs: DefinitionsNeeds) {
  const now = needs.now ?? (() => new Date())
  let [current] = await store.listSets(needs.sql, 1)

  const nextVersion = async (): Promise<string> => {
    const day = now().toISOString().slice(0, 10).replaceAll('-', '.')
    // A kill between publishing and noting it leaves a target that no row knows; its name is taken all the same.
    const published = (await needs.repository.targets()).flatMap((path) => versionIn(path) ?? [])
    const taken = [...(await store.listVersions(needs.sql, `${day}.`)), ...published]
    const ofToday = taken.filter((version) => version.startsWith(`${day}.`))
    const numbers = ofToday.map((version) => Number(version.slice(day.length + 1)))
    return `${day}.${Math.max(0, ...numbers) + 1}`
  }

  return {
    /** The version in force; undefined while no set is published. */
    version: () => current?.version,

    /** The compiled set that the sources need, or undefined when what is published was made of the same. */
    async prepare(source: DefinitionsSource): Promise<CompiledSet | undefined> {
      if (current?.sourceSha256 === source.sha256) return undefined
      return source.compile(await nextVersion(), now().toISOString())
    },

    /** Publishes a set; from then on it is the one agents are assigned. */
    async publish(source: Pick<DefinitionsSource, 'name' | 'sha256'>, compiled: CompiledSet): Promise<void> {
      const target = targetOf(compiled.version)
      const account = JSON.stringify(compiled.account)
      // The file before the row: a set that is in the table can be fetched.
      const additions = (compiled.additions ?? []).map(({ version, since, content }) => ({
        version,
        since,
        content: { ...content, path: additionsTargetOf(version) },
      }))
      const listed: PublishedAdditions[] = additions.map(({ version, since, content: { path } }) => ({
        version,
        since: [...since],
        target: path,
      }))
      const stored = await needs.repository.publish(
        { ...compiled.content, path: target, custom: { account, additions: JSON.stringify(listed) } },
        additions.map(({ content }) => ({ ...content, custom: {} })),
        await store.assignedTargets(needs.sql),
      )
      const set: store.StoredSet = {
        version: compiled.version,
        target,
        sha256: stored.sha256,
        bytes: stored.length,
        ...compiled.account,
        source: source.name,
        sourceSha256: source.sha256,
        createdAt: compiled.createdAt,
        publishedAt: now().toISOString(),
      }
      await needs.change(async ({ sql, tell }) => {
        await store.insertSet(sql, set)
        tell({ kind: 'definitions' })
      })
      current = set
    },

    /** The signed assignment for an agent: the one it has while the set is the same. Undefined while none is published. */
    async assign(agentId: string): Promise<string | undefined> {
      const set = current
      if (set === undefined) return undefined
      const kept = await store.findAssignment(needs.sql, agentId)
      if (kept?.version === set.version) return kept.document
      return needs.change(async ({ sql }) => {
        const sequence = (await store.lastSequence(sql)) + 1
        const payload: DefinitionsAssignment = {
          fleetId: needs.fleetId,
          agentId,
          sequence,
          issuedAt: now().toISOString(),
          version: set.version,
          target: set.target,
          sha256: set.sha256,
        }
        const document = await signDocument(payload, { key: needs.documentKey, type: assignmentDocumentType })
        await store.putAssignment(sql, { agentId, sequence, version: set.version, document })
        return document
      })
    },

    /** Published sets, newest first. */
    async list(): Promise<{ items: DefinitionsSet[] }> {
      const agents = await needs.countAgents()
      const sets = await store.listSets(needs.sql, mostListed)
      return {
        items: sets.map((set) => ({
          ...set,
          current: set.version === current?.version,
          agentsUsing: agents.get(set.version) ?? 0,
        })),
      }
    },

    /** A file of the TUF repository. Throws `definitions.unknown` for any path that names none, however it is written. */
    async readUpdate(path: string): Promise<FileAnswer> {
      const unknown = (cause?: unknown) =>
        new ServerError('definitions.unknown', `There is no file ${path} among the updates.`, { cause })
      if (!safePath.test(path) || path.includes('..')) throw unknown()
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
      const file = await open(join(needs.repository.folder, path), flags).catch((cause) => {
        throw unknown(cause)
      })
      const status = await file.stat()
      if (!status.isFile()) {
        await file.close()
        throw unknown()
      }
      return {
        size: status.size,
        mediaType: path.endsWith('.json') ? 'application/json' : 'application/octet-stream',
        content: bodyOf(file, status.size),
      }
    },
  }
}

const chunkBytes = 256 * 1024

/** Exactly `size` bytes of a file; it is closed at the end, or when nobody reads any more. */
function bodyOf(file: Awaited<ReturnType<typeof open>>, size: number): ReadableStream<Uint8Array> {
  let position = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(chunkBytes, size - position))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
      position += bytesRead
      if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead))
      if (bytesRead > 0 && position < size) return
      await file.close()
      if (position < size) controller.error(new Error('the file became shorter while it was sent'))
      else controller.close()
    },
    cancel: () => file.close(),
  })
}
