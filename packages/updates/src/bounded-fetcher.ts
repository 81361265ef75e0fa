/**
 * How the TUF client gets a file: through the caller's fetch function, counted against a limit, into a scratch folder of
 * ours (the library's own fetcher uses the system's temporary folder). It remembers the last failure, because the
 * library turns some of them into text. It verifies nothing and never retries: the caller's schedule does.
 */
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Fetcher } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import { UpdateError } from './update-error.ts'

/**
 * Gets one file. Gives undefined when the server says that there is none (404), and throws when it cannot be reached;
 * it sets its own time limits. `maxBytes` is a hint: more are refused here in any case.
 */
export type FetchFile = (url: string, maxBytes: number) => Promise<AsyncIterable<Uint8Array> | undefined>

/** A fetcher for one operation at a time. */
export interface BoundedFetcher extends Fetcher {
  /** The file that was asked for last, and why it could not be had, if so. */
  readonly last: () => { readonly file: string; readonly failure: UpdateError | undefined }
}

/** Makes a fetcher that keeps its temporary files in `folder`. */
export function createBoundedFetcher(folder: string, fetch: FetchFile): BoundedFetcher {
  let file = ''
  let failure: UpdateError | undefined
  let count = 0

  async function receive(url: string, maxBytes: number, path: string): Promise<void> {
    file = decodeURIComponent(new URL(url).pathname.split('/').slice(-2).join('/'))
    failure = undefined
    const stream = await fetch(url, maxBytes).catch((cause: unknown) => {
      throw networkFailure(cause)
    })
    if (stream === undefined) {
      failure = new UpdateError('not-found', `${file} is not on the server; publish the definitions again.`)
      // This very class ends the library's search for a newer root, and is an error anywhere else.
      throw new DownloadHTTPError(failure.message, 404)
    }
    await pipeline(Readable.from(bounded(stream, maxBytes)), createWriteStream(path, { mode: 0o600 })).catch(
      (cause) => {
        throw cause instanceof UpdateError ? cause : storageFailure(cause)
      },
    )
  }

  async function* bounded(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
    let received = 0
    const chunks = stream[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await chunks.next().catch((cause: unknown) => {
          throw networkFailure(cause)
        })
        if (done === true) return
        received += value.length
        if (received > maxBytes) {
          failure = new UpdateError(
            'too-large',
            `${file} is longer than the ${maxBytes} bytes allowed; check what serves it.`,
          )
          throw failure
        }
        yield value
      }
    } finally {
      // Lets go of the connection when the rest is not wanted; that this fails too would change nothing.
      await chunks.return?.().catch(() => undefined)
    }
  }

  function networkFailure(cause: unknown): UpdateError {
    failure =
      cause instanceof UpdateError
        ? cause
        : new UpdateError('network', `${file} could not be fetched; check that the server can be reached.`, {
            cause,
          })
    return failure
  }

  function storageFailure(cause: unknown): UpdateError {
    failure = new UpdateError('storage', `${file} could not be stored in ${folder}; see the cause.`, {
      cause,
    })
    return failure
  }

  async function downloadFile<T>(
    url: string,
    maxBytes: number,
    use: (path: string) => Promise<T>,
  ): Promise<T> {
    count += 1
    const path = join(folder, `fetched-${count}`)
    try {
      await receive(url, maxBytes, path)
      return await use(path)
    } finally {
      await rm(path, { force: true })
    }
  }

  return {
    downloadFile,
    downloadBytes: (url, maxBytes) => downloadFile(url, maxBytes, (path) => readFile(path)),
    last: () => ({ file, failure }),
  }
}
