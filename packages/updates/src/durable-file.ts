/**
 * Files that are either the old one or the new one, whole, whatever happens in between: write beside, fsync, rename,
 * fsync the folder. A leftover `.part` file is what a killed process leaves; it is never read.
 */
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export const partSuffix = '.part'

/** Replaces `path` by `bytes`. `mode` counts only when the file is new. One writer at a time for a path. */
export async function writeDurably(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const part = path + partSuffix
  const file = await open(part, 'w', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await renameDurably(part, path)
}

/** Moves a finished file to its name: its bytes are on the disk before the name is. Both lie in one file system. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await sync(from)
  await rename(from, to)
  await sync(dirname(to))
}

/** Makes `path` and the folders above it, readable by `mode` alone. */
export async function makeFolder(path: string, mode = 0o755): Promise<void> {
  await mkdir(path, { recursive: true, mode })
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
