/**
 * Small files that are there whole or not at all, whatever happens meanwhile: written beside, flushed, renamed, and the folder
 * flushed. Not for content of unbounded size.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hostError, systemCode } from './host-error.ts'

/** The suffix of files that were being written: whoever opens a folder may delete those of a former process. */
export const UNFINISHED_SUFFIX = '.unfinished'

/**
 * Replaces a file's content; after it returns, a power cut leaves the new content, and after an error the old.
 * `mode` holds whatever the umask; default 0600. Throws HostError disk-full, permission, missing (the folder).
 */
export function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}${UNFINISHED_SUFFIX}`)
  try {
    const fd = openSync(unfinished, 'wx', mode)
    try {
      writeFileSync(fd, content)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(unfinished, path)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw hostError(`write ${path}`, error)
  }
}

/** Flushes a folder's entries, so that a file made, renamed or deleted in it stays so. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A file's bytes, or undefined when it does not exist. Throws HostError permission and others. */
export async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw hostError(`read ${path}`, error)
  }
}

/** A file's text (UTF-8), or undefined when it does not exist. */
export async function readTextIfExists(path: string): Promise<string | undefined> {
  return (await readIfExists(path))?.toString('utf8')
}
