/**
 * Where a repository's files lie, and how long its signatures last. Both sides read this; neither writes here.
 *
 *   metadata/root.json            the root of trust as first made, for enrolment
 *   metadata/N.ROLE.json          root, targets, snapshot, definitions (consistent snapshots, specification §6.2)
 *   metadata/timestamp.json       the only file that is ever replaced, and always last
 *   targets/definitions/SHA256.NAME
 */
import { join } from 'node:path'
import { UpdateError } from './update-error.ts'

/** The delegated role whose key the server holds, and the only paths that it may sign. */
export const onlineRole = 'definitions'
export const onlinePaths = `${onlineRole}/*`

const day = 86_400_000

/** How long each role's signature counts, in milliseconds. */
export const lifetimes = {
  // Offline keys: someone must fetch them for each renewal, so rarely; short enough that the way is not forgotten.
  root: 3 * 365 * day,
  targets: 3 * 365 * day,
  // Online, renewed at half their time: a month lets a server be down for a fortnight and lose nothing.
  definitions: 30 * day,
  snapshot: 30 * day,
  // How long an attacker who holds back updates stays unnoticed, against how long a server may be away.
  timestamp: 7 * day,
} as const

export function metadataFolder(repositoryFolder: string): string {
  return join(repositoryFolder, 'metadata')
}

export function targetsFolder(repositoryFolder: string): string {
  return join(repositoryFolder, 'targets')
}

const targetPattern = /^definitions\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** Throws `malformed` unless `path` is `definitions/` and one plain file name: the form that the delegation covers. */
export function checkTargetPath(path: string): void {
  if (targetPattern.test(path)) return
  throw new UpdateError(
    'malformed',
    `${JSON.stringify(path)} cannot name a target; use definitions/NAME with letters, digits, dots and dashes.`,
  )
}

/** The consistent-snapshot name of a target (specification §6.2): its hash stands before its file name. */
export function hashedPath(path: string, sha256: string): string {
  const slash = path.lastIndexOf('/')
  return `${path.slice(0, slash + 1)}${sha256}.${path.slice(slash + 1)}`
}
