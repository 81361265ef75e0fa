/**
 * Cleaning up after a process that was killed inside the quarantine. The order of writing (quarantine-store.ts) leaves only these:
 * unfinished files, a container without a record (the original is in its place), a record that is
 * still `moving`, and one that was being restored.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { displayPath, pathToBytes, syncFolder, UNFINISHED_SUFFIX } from '@coreward/host'
import { VerbError } from '../verbs/verb-error.ts'
import { identityOf, isSameFile } from './open-file.ts'
import {
  containerPath,
  type QuarantineRecord,
  readRecord,
  recordPath,
  writeRecord,
} from './quarantine-record.ts'
import { cleanRestore } from './quarantine-restore.ts'

export interface Recovered {
  readonly records: readonly QuarantineRecord[]
  /** What was found and done, one sentence each; empty when nothing was amiss. */
  readonly notes: readonly string[]
}

/** Reads all records, oldest first, and cleans what is partial. Nothing that could be restored is ever deleted. */
export async function recoverQuarantine(folder: string): Promise<Recovered> {
  const notes: string[] = []
  const records: QuarantineRecord[] = []
  const names = new Set(readdirSync(folder))
  for (const name of names) {
    if (name.endsWith(UNFINISHED_SUFFIX)) {
      rmSync(join(folder, name))
      notes.push(`Deleted ${name}, which was being written when the process ended.`)
    } else if (name.endsWith('.age') && !names.has(name.replace(/\.age$/, '.json'))) {
      rmSync(join(folder, name))
      notes.push(
        `Deleted the container ${name} without a record: its file was not moved, or was restored or deleted.`,
      )
    }
  }
  for (const name of names) {
    const id = /^([0-9a-f-]{36})\.json$/.exec(name)?.[1]
    if (id === undefined) continue
    const record = await settle(folder, id, names.has(`${id}.age`), notes)
    if (record !== undefined) records.push(record)
  }
  syncFolder(folder)
  records.sort((one, other) => (one.item.quarantinedAt < other.item.quarantinedAt ? -1 : 1))
  return { records, notes }
}

async function settle(
  folder: string,
  id: string,
  hasContainer: boolean,
  notes: string[],
): Promise<QuarantineRecord | undefined> {
  try {
    const record = await readRecord(folder, id)
    if (record === undefined) return undefined
    const shown = displayPath(record.item.path)
    if (!hasContainer) {
      notes.push(`The container of ${shown} (${id}) is missing; its record was left as it is.`)
      return undefined
    }
    if (record.state === 'held') return record.restoringTo === null ? record : cleaned(folder, record, notes)
    if (isInPlace(record)) {
      rmSync(recordPath(folder, id))
      rmSync(containerPath(folder, id))
      notes.push(`Dropped the unfinished quarantine of ${shown}: the file is still in its place.`)
      return undefined
    }
    const held = { ...record, state: 'held' } as const
    writeRecord(folder, held)
    notes.push(`Finished the quarantine of ${shown}, which was interrupted after the file had been moved.`)
    return held
  } catch (error) {
    if (!(error instanceof VerbError)) throw error
    notes.push(`${error.message} It was left as it is.`)
    return undefined
  }
}

function cleaned(folder: string, record: QuarantineRecord, notes: string[]): QuarantineRecord {
  const path = record.restoringTo ?? record.realPath
  const wasThere = cleanRestore(record.item.id, path)
  const kept = { ...record, restoringTo: null }
  writeRecord(folder, kept)
  const done = wasThere ? 'its temporary file was deleted' : 'the file may be there already'
  notes.push(`A restore to ${displayPath(path)} was interrupted; ${done}, and the item is kept.`)
  return kept
}

function isInPlace(record: QuarantineRecord): boolean {
  try {
    const status = lstatSync(pathToBytes(record.realPath), { bigint: true, throwIfNoEntry: false })
    return status?.isFile() === true && isSameFile(identityOf(status), record.identity)
  } catch {
    return false
  }
}
