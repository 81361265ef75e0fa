/**
 * What may be removed from a repository: metadata that no client can be in the middle of, and the target files that
 * only such metadata names. Never what the present state needs.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { partSuffix } from './durable-file.ts'
import { hashedPath, metadataFolder, onlineRole, targetsFolder } from './layout.ts'
import type { RepositoryState } from './repository-state.ts'
import { readTargets } from './signed-metadata.ts'

// A client that read the timestamp just before a publication still finds all it was promised.
const versionsKept = 2

/** Removes what the last `versionsKept` versions do not name. */
export async function removeOld(repositoryFolder: string, state: RepositoryState): Promise<void> {
  const metadata = metadataFolder(repositoryFolder)
  const needed = new Set<string>()
  for (const name of await readdir(metadata)) {
    const [, version, role] = /^(\d+)\.(definitions|snapshot)\.json$/.exec(name) ?? []
    if (version === undefined) continue
    const current = role === onlineRole ? state.versions.definitions : state.versions.snapshot
    if (Number(version) <= current - versionsKept) await rm(join(metadata, name), { force: true })
    else if (role === onlineRole) {
      const { targets } = await readTargets(join(metadata, name))
      for (const { path, hashes } of Object.values(targets)) needed.add(hashedPath(path, hashes.sha256 ?? ''))
    }
  }
  const folder = join(targetsFolder(repositoryFolder), onlineRole)
  for (const name of await readdir(folder)) {
    if (needed.has(`${onlineRole}/${name}`) && !name.endsWith(partSuffix)) continue
    await rm(join(folder, name), { force: true })
  }
}
