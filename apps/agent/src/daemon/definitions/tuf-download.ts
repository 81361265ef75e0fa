/**
 * How a set gets here: through the TUF client, which takes only what the fleet's publisher signed, over the agent's own
 * connection to the server. The client's root of trust came with the enrolment.
 */
import { join } from 'node:path'
import type { Enrollment } from '@coreward/contracts'
import { type FetchFile, openClient, type UpdateClient } from '@coreward/updates'
import type { DownloadTarget } from './download-target.ts'

/** The bytes of a file of the server's repository, by its path there. Its first step rejects when there is none. */
export type ReadRepositoryFile = (path: string) => AsyncGenerator<Uint8Array, void, void>

/** The client's addresses need a host; only their path is ever used. */
const base = 'https://repository.invalid'

/** Downloads below `folder` (the client keeps what it verified there). Rejects with UpdateError. */
export function tufDownload(
  folder: string,
  { updatesRoot }: Pick<Enrollment, 'updatesRoot'>,
  read: ReadRepositoryFile,
): DownloadTarget {
  let client: Promise<UpdateClient> | undefined
  const open = () =>
    openClient({
      folder: join(folder, 'tuf'),
      trustedRoot: Buffer.from(updatesRoot, 'base64'),
      baseUrl: base,
      fetch: (url) => fetchFrom(read, url),
    })
  return async (target, destination) => {
    client ??= open()
    const opened = await client.catch((error: unknown) => {
      client = undefined
      throw error
    })
    await opened.refresh()
    const { custom } = await opened.download(target, destination)
    return { custom }
  }
}

async function fetchFrom(read: ReadRepositoryFile, url: string): ReturnType<FetchFile> {
  const chunks = read(new URL(url).pathname.slice(1))
  let first: IteratorResult<Uint8Array, void>
  try {
    first = await chunks.next()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'definitions.unknown') return undefined
    throw error
  }
  return (async function* () {
    if (first.done !== true) yield first.value
    yield* chunks
  })()
}
