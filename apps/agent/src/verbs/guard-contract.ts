/**
 * What the guard process is asked: the file verbs, one for one, with lists in pages that fit in a message.
 */
import * as z from 'zod/mini'
import type { Contract } from './contract.ts'
import { FilePath, FileStatus } from './file-facts.ts'
import { LIST_FOLDERS } from './file-verbs.ts'
import { QuarantineItem, QuarantineReason, RestoredFile } from './quarantine-item.ts'
import {
  AgainstMessage,
  LimitsMessage,
  PasswordsMessage,
  placed,
  SCAN_FILES,
  ScanAnswerMessage,
} from './scan-answer.ts'
import { LoadedDefinitionsMessage } from './scanner-contract.ts'
import { VerbsHealth } from './verbs-health.ts'

/** Bytes of JSON in one page: a page and its frame fit in a message. */
const PAGE_BYTES = 40 * 1024

const id = z.uuid()
const offset = z.int().check(z.gte(0))
const ticket = z.string().check(z.maxLength(100))

export const guardContract = {
  list: {
    params: z.union([
      z.object({ folders: z.array(FilePath).check(z.maxLength(LIST_FOLDERS)) }),
      z.object({ next: ticket }),
    ]),
    /** The page in base64. */
    result: z.object({ entries: z.string(), next: z.optional(ticket) }),
  },
  stat: { params: z.object({ path: FilePath }), result: z.nullable(FileStatus) },
  runningFiles: {
    params: z.object({ offset }),
    result: z.object({ paths: z.array(z.string()), more: z.boolean() }),
  },
  scan: {
    params: z.object({
      paths: z.array(FilePath).check(z.minLength(1), z.maxLength(SCAN_FILES)),
      limits: LimitsMessage,
      passwords: PasswordsMessage,
      against: AgainstMessage,
    }),
    part: placed(ScanAnswerMessage),
    result: z.null(),
  },
  quarantine: { params: z.object({ path: FilePath, reason: QuarantineReason }), result: QuarantineItem },
  quarantined: {
    params: z.object({ offset }),
    result: z.object({ items: z.array(QuarantineItem), more: z.boolean() }),
  },
  scanQuarantined: {
    params: z.object({ id, limits: LimitsMessage, passwords: PasswordsMessage }),
    result: ScanAnswerMessage,
  },
  restore: {
    params: z.object({ id, to: z.optional(FilePath), overwrite: z.boolean() }),
    result: RestoredFile,
  },
  remove: { params: z.object({ id }), result: z.null() },
  loadDefinitions: {
    params: z.object({ path: FilePath, additions: z.optional(FilePath) }),
    result: LoadedDefinitionsMessage,
  },
  health: { params: z.object({}), result: VerbsHealth },
} as const satisfies Contract

/** The longest run of `list` from `offset` that fits in a page; at least one when there is one. */
export function pageFrom<T>(
  list: readonly T[],
  offset: number,
  bytes = PAGE_BYTES,
): { items: T[]; more: boolean } {
  const items: T[] = []
  let used = 0
  for (const item of list.slice(offset)) {
    used += Buffer.byteLength(JSON.stringify(item)) + 1
    if (used > bytes && items.length > 0) break
    items.push(item)
  }
  return { items, more: offset + items.length < list.length }
}
