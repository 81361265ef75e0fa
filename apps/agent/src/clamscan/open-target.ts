/**
 * Opens what is to be scanned: a regular file by its path, or all of standard input, gathered in a file without a name. A path
 * that has become something else since the walk looked at it is refused.
 */
import { randomUUID } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToBytes, systemCode } from '@coreward/host'
import type { FileFound } from './target-walk.ts'

/** An open file, or why there is none in the words for its line. */
export type Opened = { readonly fd: number; readonly status: BigIntStats } | { readonly refusal: string }

const REPLACED = 'another file took its place (changed-during-scan) ERROR'

const BLOCK_BYTES = 64 * 1024

/** Opens a file that the walk saw; a link only if it saw one. The descriptor is the caller's to close. */
export function openTarget({ path, linked, status: seen }: FileFound): Opened {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY
  let fd: number
  try {
    fd = openSync(pathToBytes(path), linked ? flags : flags | constants.O_NOFOLLOW)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EACCES' || code === 'EPERM') return { refusal: 'Access denied' }
    if (code === 'ENOENT') return { refusal: 'it is gone (vanished) ERROR' }
    if (code === 'ELOOP') return { refusal: REPLACED }
    return { refusal: `${(error as Error).message} ERROR` }
  }
  const status = fstatSync(fd, { bigint: true })
  if (status.isFile() && status.dev === seen.dev && status.ino === seen.ino) return { fd, status }
  closeSync(fd)
  return { refusal: REPLACED }
}

/** Gathers standard input up to one byte more than `most`, which is enough for the scan to call it too large. */
export function openStandardInput(most: number): Opened {
  const path = join(tmpdir(), `coreward-stdin-${randomUUID()}`)
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    unlinkSync(path)
    const block = new Uint8Array(BLOCK_BYTES)
    for (let total = 0; total <= most; ) {
      const got = readStandardInput(block)
      if (got === 0) break
      for (let written = 0; written < got; ) written += writeSync(fd, block, written, got - written)
      total += got
    }
    return { fd, status: fstatSync(fd, { bigint: true }) }
  } catch (error) {
    closeSync(fd)
    return { refusal: `${(error as Error).message} ERROR` }
  }
}

/** 0 at the end. Waits where the descriptor was left non-blocking by whoever opened it. */
function readStandardInput(block: Uint8Array): number {
  for (;;) {
    try {
      return readSync(0, block, 0, block.length, null)
    } catch (error) {
      if (systemCode(error) === 'EOF') return 0
      if (systemCode(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}
