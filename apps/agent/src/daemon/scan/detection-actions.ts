/**
 * Quarantine, restore and delete on request, one after the other. Flow: is it still what was found? → the verb → one
 * `threat.action` for every detection of that file. A file is only ever moved or deleted while it is the content that was found.
 */
import type { CommandOrder, DetectionAction, PolicySettings, QuarantinedFile } from '@coreward/contracts'
import type { ScanResult } from '@coreward/engine'
import type { FileVerbs, ScanAnswer } from '../../verbs/file-verbs.ts'
import type { QuarantineItem } from '../../verbs/quarantine-item.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import type { Spool } from '../spool/spool.ts'
import { type FileOutcome, FileScanner, scanTerms } from './file-scanning.ts'
import { patiently } from './patience.ts'
import { ScanError } from './scan-error.ts'
import { respond } from './threat-response.ts'
import { detectedData, detectionId, detectionsOf, unscannedPartsOf, wirePath } from './wire-verdict.ts'

export interface DetectionActionDuties {
  readonly verbs: FileVerbs
  readonly spool: Spool
  readonly agentId: () => string
  readonly settings: () => Readonly<PolicySettings>
  readonly ensureDefinitions: () => Promise<string | null>
  /** Called after each action. */
  readonly onNews: () => void
}

type Order<Kind extends CommandOrder['kind']> = Omit<Extract<CommandOrder, { kind: Kind }>, 'kind'>

/** What an action's event tells besides the action. */
interface Told {
  readonly detectionIds: readonly string[]
  readonly path: string
  readonly quarantineId: string | null
}

const never = new AbortController().signal

export class DetectionActions {
  readonly #duties: DetectionActionDuties
  /** Actions go one after the other: a restore must not overtake the quarantine before it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(duties: DetectionActionDuties) {
    this.#duties = duties
  }

  /** Moves the file of a detection into quarantine. Rejects with ScanError, VerbError, SpoolError; then it is in its place. */
  quarantine(order: Order<'quarantine'>): Promise<void> {
    const path = this.#pathOf(order)
    return this.#act('quarantine', { detectionIds: [order.detectionId], path, quarantineId: null }, () =>
      this.#moveAway(path, order),
    )
  }

  /** Puts a file back, under its own path or `to`. Rejects like `quarantine`; then it is still in quarantine. */
  async restore(
    id: string,
    options: {
      readonly detectionId?: string
      readonly to?: string
      readonly overwrite?: boolean
      readonly evenIfInfected: boolean
    },
  ): Promise<string> {
    const item = await this.#item(id)
    let restored = item.path
    await this.#act('restore', this.#toldOf(item, options.detectionId), async (told) => {
      if (!options.evenIfInfected) await this.#assertHarmless(item)
      const { to, overwrite = false } = options
      restored = (await this.#duties.verbs.restore(id, { ...(to === undefined ? {} : { to }), overwrite }))
        .path
      return { ...told, path: wirePath(restored), quarantineId: null }
    })
    return wirePath(restored)
  }

  /** Deletes an item of the quarantine for good. */
  async deleteQuarantined(id: string, detection?: string): Promise<void> {
    const item = await this.#item(id)
    await this.#act('delete', this.#toldOf(item, detection), async (told) => {
      await this.#duties.verbs.remove(id)
      return { ...told, quarantineId: null }
    })
  }

  /** Deletes the file of a detection for good, from quarantine or from its place. */
  async delete(order: Order<'delete'>): Promise<void> {
    if (order.quarantineId !== null) return this.deleteQuarantined(order.quarantineId, order.detectionId)
    const path = this.#pathOf(order)
    await this.#act(
      'delete',
      { detectionIds: [order.detectionId], path, quarantineId: null },
      async (told) => {
        if ((await this.#duties.verbs.stat(path)) === null) return told
        const moved = await this.#moveAway(path, order)
        if (moved.quarantineId !== null) await this.#duties.verbs.remove(moved.quarantineId)
        return { ...moved, quarantineId: null }
      },
    )
  }

  /** What is in quarantine, for the wire, oldest first. */
  async list(): Promise<QuarantinedFile[]> {
    return (await this.#duties.verbs.quarantined()).map((item) => ({
      id: item.id,
      detectionId: item.detectionId,
      path: wirePath(item.path),
      innerPath: item.innerPath,
      signature: item.signature,
      severity: item.severity,
      sha256: item.sha256,
      size: item.size,
      owner: item.owner,
      mode: item.mode,
      quarantinedAt: item.quarantinedAt,
      definitionsVersion: item.definitionsVersion,
    }))
  }

  /** Does it in turn, and tells of it whether it went well or not. */
  async #act(action: DetectionAction, told: Told, work: (told: Told) => Promise<Told>): Promise<void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    try {
      const done = await work(told)
      this.#tell(action, done, null)
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      this.#tell(action, told, failure.slice(0, 2000))
      throw error
    } finally {
      resolve()
      this.#duties.onNews()
    }
  }

  #tell(action: DetectionAction, { detectionIds, path, quarantineId }: Told, failure: string | null): void {
    const { spool } = this.#duties
    const outcome = failure === null ? 'succeeded' : 'failed'
    for (const id of detectionIds) {
      const data = { detectionId: id, path: wirePath(path), action, outcome, quarantineId, failure } as const
      spool.enqueueWith({ type: 'threat.action', data }, () => {
        if (failure === null) spool.detections.place(id, quarantineId)
      })
    }
  }

  /** Scans the file again and moves it if it still is what was found; tells of new content that is found instead. */
  async #moveAway(path: string, order: { detectionId: string; sha256: string }): Promise<Told> {
    const { verbs, agentId } = this.#duties
    const { result, identity } = await this.#scanned(path)
    const { sha256 } = result
    const [worst] = detectionsOf(result)
    if (worst === undefined || identity === null || sha256 !== order.sha256) {
      if (worst !== undefined && identity !== null) {
        await respond(this.#duties, { path, result, identity, scanId: null }, 'report')
      }
      throw new ScanError(
        'file.changed',
        `${wirePath(path)} ${changeOf(result, order.sha256)}; it was left as it is.`,
      )
    }
    const plannedAction = 'quarantine'
    const id = (signature: string) => detectionId(agentId(), path, signature, sha256)
    const data = detectedData({
      agentId: agentId(),
      scanId: null,
      path,
      detection: worst,
      result,
      sha256,
      identity,
      plannedAction,
    })
    const { signature, severity, category, innerPath, definitionsVersion } = data
    const item = await verbs.quarantine(path, {
      identity,
      sha256,
      signature,
      severity,
      category,
      innerPath,
      definitionsVersion,
      detectionId: order.detectionId,
    })
    const ids = new Set([order.detectionId, ...detectionsOf(result).map((found) => id(found.signature))])
    return { detectionIds: [...ids], path, quarantineId: item.id }
  }

  async #scanned(path: string): Promise<ScanAnswer> {
    const scanner = new FileScanner(this.#duties, scanTerms(this.#duties.settings()), never)
    let outcome: FileOutcome | undefined
    await scanner.scan([path], (_, given) => {
      outcome = given
    })
    return answerOf(path, outcome)
  }

  async #assertHarmless(item: QuarantineItem): Promise<void> {
    const { verbs, settings } = this.#duties
    await this.#duties.ensureDefinitions()
    const terms = scanTerms(settings())
    const { result } = await patiently(() => verbs.scanQuarantined(item.id, terms), never)
    const [found] = detectionsOf(result)
    const [part] = unscannedPartsOf(result)
    const why =
      found !== undefined
        ? `${found.signature} is still found in it`
        : part !== undefined
          ? `it could not be scanned wholly (${part.reason})`
          : undefined
    if (why !== undefined) {
      throw new ScanError('quarantine.infected', `${wirePath(item.path)} stays in quarantine: ${why}.`)
    }
  }

  async #item(id: string): Promise<QuarantineItem> {
    const item = (await this.#duties.verbs.quarantined()).find((candidate) => candidate.id === id)
    if (item === undefined) throw new VerbError('quarantine-unknown', `There is no item ${id} in quarantine.`)
    return item
  }

  #toldOf(item: QuarantineItem, asked: string | undefined): Told {
    const ids = new Set(this.#duties.spool.detections.inQuarantine(item.id))
    if (item.detectionId !== null) ids.add(item.detectionId)
    if (asked !== undefined) ids.add(asked)
    return { detectionIds: [...ids], path: item.path, quarantineId: item.id }
  }

  #pathOf(order: { detectionId: string; path: string }): string {
    return this.#duties.spool.detections.pathOf(order.detectionId) ?? order.path
  }
}

function answerOf(path: string, outcome: FileOutcome | undefined): ScanAnswer {
  if (outcome?.kind === 'answer') return outcome.answer
  throw new ScanError('file.changed', `${wirePath(path)} could not be scanned again (${outcome?.detail}).`)
}

function changeOf(result: ScanResult, sha256: string): string {
  const [part] = unscannedPartsOf(result)
  if (result.verdict.outcome === 'unscanned') return `could not be scanned again (${part?.reason})`
  if (result.verdict.outcome === 'clean') return 'is not what was found any more: nothing is found in it now'
  return `is not what was found any more: its SHA-256 is ${result.sha256}, not ${sha256}`
}
