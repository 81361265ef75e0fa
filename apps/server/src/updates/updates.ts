/**
 * The TUF repository on the server's disk: made once with the offline keys, published to with the online keys alone. Only
 * `initializeRepository` ever learns where the offline keys are.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createRepository,
  describeRepository,
  publishTargets,
  refreshTimestamp,
  type TargetCustom,
  UpdateError,
} from '@coreward/updates'
import { ServerError } from '../server-error.ts'

/** A repository that can be published to. */
export interface Repository {
  /** With metadata/ and targets/, served as they are. */
  readonly folder: string
  /** The first root metadata, base64: what agents get when they enrol. */
  readonly root: string
  /**
   * Publishes a target durably, and tells what is stored. `beside` it stands what is published with it and goes with the next; `always` are
   * targets that stay however old they are.
   */
  readonly publish: (
    target: NewTarget,
    beside: readonly NewTarget[],
    always: readonly string[],
  ) => Promise<StoredTarget>
  /** The paths that are published. */
  readonly targets: () => Promise<readonly string[]>
  /** Signs a new timestamp when the last one is a day old, so that agents go on trusting what is published. */
  readonly refresh: (now?: Date) => Promise<void>
}

/** A target's bytes, or the file that holds them. */
export type TargetContent = { readonly bytes: Uint8Array } | { readonly file: string }

export type NewTarget = TargetContent & { readonly path: string; readonly custom: TargetCustom }

export interface StoredTarget {
  readonly sha256: string
  /** In bytes. */
  readonly length: number
}

/** Sets kept besides those that agents are assigned: enough to go back a few. */
const keep = 5
const day = 86_400_000
/** A timestamp counts for seven days (@coreward/updates); with less than this left it is a day old. */
const refreshBelow = 6 * day

/** Makes the repository and its keys below the server's folder, unless there is one. Throws `updates-unusable`. */
export async function initializeRepository(serverFolder: string, offlineKeysFolder: string): Promise<void> {
  const { repositoryFolder, onlineKeysFolder } = foldersBelow(serverFolder)
  try {
    await createRepository({ repositoryFolder, onlineKeysFolder, offlineKeysFolder })
  } catch (error) {
    if (error instanceof UpdateError && error.code === 'exists') return
    throw unusable(repositoryFolder, error)
  }
}

/** Opens the repository below the server's folder. Throws `not-initialized`. */
export function openRepository(serverFolder: string): Repository {
  const folders = foldersBelow(serverFolder)
  const { repositoryFolder } = folders
  return {
    folder: repositoryFolder,
    root: readRoot(repositoryFolder),
    async publish(target, beside, always) {
      const { targets } = await publishTargets({
        ...folders,
        add: [target],
        beside,
        keep,
        always,
      }).catch((cause) => {
        throw unusable(repositoryFolder, cause)
      })
      const stored = targets.find(({ path }) => path === target.path)
      if (stored === undefined)
        throw unusable(repositoryFolder, new Error(`${target.path} is not among its targets`))
      return stored
    },
    async targets() {
      const { targets } = await describeRepository(repositoryFolder).catch((cause) => {
        throw unusable(repositoryFolder, cause)
      })
      return targets.map(({ path }) => path)
    },
    async refresh(now = new Date()) {
      try {
        const { expires } = await describeRepository(repositoryFolder)
        if (expires.timestamp.getTime() - now.getTime() < refreshBelow)
          await refreshTimestamp({ ...folders, now })
      } catch (cause) {
        throw unusable(repositoryFolder, cause)
      }
    },
  }
}

function foldersBelow(serverFolder: string) {
  return {
    repositoryFolder: join(serverFolder, 'tuf'),
    onlineKeysFolder: join(serverFolder, 'keys', 'updates'),
  }
}

function readRoot(repositoryFolder: string): string {
  try {
    return readFileSync(join(repositoryFolder, 'metadata', 'root.json')).toString('base64')
  } catch (cause) {
    throw new ServerError(
      'not-initialized',
      `There is no update repository in ${repositoryFolder}; run the server’s “initialize” for this data folder first.`,
      { cause },
    )
  }
}

function unusable(repositoryFolder: string, cause: unknown): ServerError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ServerError(
    'updates-unusable',
    `The update repository in ${repositoryFolder} cannot be used (${reason}). Check that its disk has room and that the server’s user may write there, or restore it and the folder keys beside it from a backup.`,
    { cause },
  )
}
