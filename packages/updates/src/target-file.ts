/**
 * A target's bytes on the publisher's disk: copied in, hashed on the way, and named by their hash (specification §6.2).
 * It signs nothing: a file here counts only once metadata names it.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, partSuffix, renameDurably } from './durable-file.ts'
import { hashedPath, targetsFolder } from './layout.ts'
import { UpdateError } from './update-error.ts'

/** Where a target's bytes come from. */
export type TargetSource = { readonly bytes: Uint8Array } | { readonly file: string }

/** Stores a target; storing the same bytes twice is harmless. Throws `storage`. */
export async function storeTarget(
  repositoryFolder: string,
  path: string,
  source: TargetSource,
): Promise<{ length: number; sha256: string }> {
  const part = join(targetsFolder(repositoryFolder), path) + partSuffix
  const hash = createHash('sha256')
  let length = 0
  try {
    await makeFolder(dirname(part))
    const file = await open(part, 'w', 0o644)
    try {
      for await (const chunk of 'bytes' in source ? [source.bytes] : createReadStream(source.file)) {
        hash.update(chunk)
        length += chunk.length
        await file.writeFile(chunk)
      }
    } finally {
      await file.close()
    }
    const sha256 = hash.digest('hex')
    await renameDurably(part, join(targetsFolder(repositoryFolder), hashedPath(path, sha256)))
    return { length, sha256 }
  } catch (cause) {
    await rm(part, { force: true })
    throw new UpdateError(
      'storage',
      `The target ${path} cannot be stored in ${repositoryFolder}; see the cause.`,
      {
        cause,
      },
    )
  }
}
