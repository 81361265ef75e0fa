/**
 * The record beside each container: what the file was, so that all of it can be put back. Written whole or not at all.
 */
import { join } from 'node:path'
import { readTextIfExists, writeDurably } from '@coreward/host'
import * as z from 'zod/mini'
import { FileIdentity, FilePath } from '../verbs/file-facts.ts'
import { QuarantineItem } from '../verbs/quarantine-item.ts'
import { VerbError } from '../verbs/verb-error.ts'

export const QuarantineRecord = z.object({
  format: z.literal(1),
  /** `moving`: the original may still be in its place; `held`: it is gone. */
  state: z.enum(['moving', 'held']),
  item: QuarantineItem,
  identity: FileIdentity,
  /** Where it is being restored to: a kill may have left a temporary file there. */
  restoringTo: z.nullable(FilePath),
  /** The file's path with no links on the way, where restore puts it. */
  realPath: FilePath,
  /** Values in base64. */
  extendedAttributes: z.array(z.object({ name: z.string(), value: z.base64() })),
})
export type QuarantineRecord = z.infer<typeof QuarantineRecord>

export const containerPath = (folder: string, id: string) => join(folder, `${id}.age`)
export const recordPath = (folder: string, id: string) => join(folder, `${id}.json`)

/** Writes a record durably. Throws HostError. */
export function writeRecord(folder: string, record: QuarantineRecord): void {
  writeDurably(recordPath(folder, record.item.id), `${JSON.stringify(record)}\n`, 0o600)
}

/** Reads an item's record; undefined when there is none. Throws VerbError `quarantine-damaged`. */
export async function readRecord(folder: string, id: string): Promise<QuarantineRecord | undefined> {
  const text = await readTextIfExists(recordPath(folder, id))
  if (text === undefined) return undefined
  try {
    return QuarantineRecord.parse(JSON.parse(text))
  } catch (error) {
    throw new VerbError(
      'quarantine-damaged',
      `The quarantine record ${recordPath(folder, id)} cannot be read.`,
      error,
    )
  }
}
