/**
 * What a repository holds and until when its signatures count, read from its metadata. Needs no key, changes nothing,
 * and verifies nothing: it is for the publisher's own disk, never for a client.
 */
import { join } from 'node:path'
import { metadataFolder, onlineRole } from './layout.ts'
import { readSnapshot, readTargets, readTimestamp } from './signed-metadata.ts'

/** A target's facts beyond its bytes. No fractions: canonical JSON has none. */
export type TargetCustom = Readonly<Record<string, string | number | boolean>>

/** A target as the signed metadata describes it. */
export interface TargetInfo {
  /** `definitions/NAME` */
  readonly path: string
  /** In bytes. */
  readonly length: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
  /** What the publisher was given, and `publishedAt` (ISO 8601). */
  readonly custom: TargetCustom
}

/** A repository as it stands. Versions count up from 1. */
export interface RepositoryState {
  readonly versions: { readonly definitions: number; readonly snapshot: number; readonly timestamp: number }
  /** When each role's signature ends; `targets` is signed offline, and only a person can renew it. */
  readonly expires: {
    readonly targets: Date
    readonly definitions: Date
    readonly snapshot: Date
    readonly timestamp: Date
  }
  /** Oldest first. */
  readonly targets: readonly TargetInfo[]
}

/** What is published, and until when its signatures count. Needs no key. Throws `not-found` or `malformed`. */
export async function describeRepository(repositoryFolder: string): Promise<RepositoryState> {
  const metadata = metadataFolder(repositoryFolder)
  const timestamp = await readTimestamp(join(metadata, 'timestamp.json'))
  const snapshot = await readSnapshot(join(metadata, `${timestamp.snapshotMeta.version}.snapshot.json`))
  const version = (role: string) => snapshot.meta[`${role}.json`]?.version ?? 0
  const definitions = await readTargets(join(metadata, `${version(onlineRole)}.${onlineRole}.json`))
  const targets = await readTargets(join(metadata, `${version('targets')}.targets.json`))
  return {
    versions: {
      definitions: definitions.version,
      snapshot: snapshot.version,
      timestamp: timestamp.version,
    },
    expires: {
      targets: new Date(targets.expires),
      definitions: new Date(definitions.expires),
      snapshot: new Date(snapshot.expires),
      timestamp: new Date(timestamp.expires),
    },
    targets: Object.values(definitions.targets)
      .map(({ path, length, hashes, custom }) => ({
        path,
        length,
        sha256: hashes.sha256 ?? '',
        custom: custom as TargetCustom,
      }))
      .sort((a, b) => publishedAt(a).localeCompare(publishedAt(b))),
  }
}

function publishedAt(target: TargetInfo): string {
  return String(target.custom.publishedAt ?? '')
}
