/**
 * Removing, moving and copying an infected file. Nothing is ever overwritten, and nothing is deleted before what replaces it is
 * whole and flushed. Every function throws when it could not do all of it; what it had begun is undone.
 */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { HostError, pathToBytes, renameWithoutReplacing, systemCode, UNFINISHED_SUFFIX } from '@coreward/host'
import { type HeldFile, type HeldFolder, isSameFile } from './held-file.ts'

const COPY_BLOCK_BYTES = 1024 * 1024

/** Names tried for one file: name, name.001 … name.999, as stock does. */
const MOST_NAMES = 1000

/** Deletes the name of the file. */
export function removeFile(file: HeldFile): void {
  file.assertSame()
  unlinkSync(file.entry)
  fsyncSync(file.folder.fd)
}

/** Moves it into a folder; the name that it has there. */
export function moveFile(file: HeldFile, to: HeldFolder): string {
  file.assertSame()
  let name: string
  try {
    name = renameToFreeName(file.entry, file.name, to)
  } catch (error) {
    if (!needsCopy(error)) throw error
    name = copyFile(file, to)
    try {
      removeFile(file)
    } catch (failure) {
      unlinkSync(to.entry(pathToBytes(name)))
      throw failure
    }
    return name
  }
  const moved = to.entry(pathToBytes(name))
  if (!isSameFile(lstatSync(moved, { bigint: true }), fstatSync(file.fd, { bigint: true }))) {
    renameWithoutReplacing(moved, file.entry)
    throw new Error('another file took its place meanwhile; it was put back')
  }
  fsyncSync(to.fd)
  fsyncSync(file.folder.fd)
  return name
}

/** Copies its content into a folder, for the caller alone to read; the name that the copy has. */
export function copyFile(file: HeldFile, to: HeldFolder): string {
  const unfinished = to.entry(pathToBytes(`.coreward-${randomUUID()}${UNFINISHED_SUFFIX}`))
  const fd = openSync(
    unfinished,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    try {
      copyContent(file.fd, fd)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    file.assertSame()
    const name = renameToFreeName(unfinished, file.name, to)
    fsyncSync(to.fd)
    return name
  } catch (error) {
    try {
      unlinkSync(unfinished)
    } catch {
      // The first error says more.
    }
    throw error
  }
}

/** Another file system, or one that cannot rename without overwriting. */
function needsCopy(error: unknown): boolean {
  return error instanceof HostError && (error.code === 'unsupported' || systemCode(error.cause) === 'EXDEV')
}

function renameToFreeName(from: Buffer, name: string, to: HeldFolder): string {
  for (let count = 0; count < MOST_NAMES; count += 1) {
    const candidate = count === 0 ? name : `${name}.${String(count).padStart(3, '0')}`
    try {
      renameWithoutReplacing(from, to.entry(pathToBytes(candidate)))
      return candidate
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== 'exists') throw error
    }
  }
  throw new Error(`there are ${MOST_NAMES} files of that name already`)
}

function copyContent(from: number, to: number): void {
  const block = new Uint8Array(COPY_BLOCK_BYTES)
  for (let position = 0; ; ) {
    const got = readSync(from, block, 0, block.length, position)
    if (got === 0) return
    for (let written = 0; written < got; ) written += writeSync(to, block, written, got - written)
    position += got
  }
}
