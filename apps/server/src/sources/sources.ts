/**
 * Where definitions come from: the texts that come with Coreward and an administrator's own, compiled into one set and tested with
 * the very scanner that agents run before anybody gets it. That happens in a process of its own, which must be started while this
 * one may still read the checkout and the folder.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { builtinSources, LAYOUT_VERSION } from '@coreward/definitions'
import type { DefinitionsSource } from '../definitions/definitions.ts'
import { ServerError } from '../server-error.ts'
import type { FormerSetsFile } from './additions.ts'
import { compileInProcess } from './compile-process.ts'
import { listSignatureFolder } from './signature-folder.ts'

export interface SourceOptions {
  /** An administrator's own signatures, if there are any. */
  readonly folder: string | undefined
  /** Where a compiled set is written. */
  readonly output: string
  readonly formerSets: FormerSetsFile
  /** Told now and then how many lines are read. */
  readonly onProgress?: (lines: number) => void
}

/** The set that Coreward brings along, and with it the signatures in the folder. Rejects with `file-unreadable`. */
export async function definitionsSource(options: SourceOptions): Promise<DefinitionsSource> {
  const { folder, output, formerSets, onProgress = () => {} } = options
  return {
    name: folder === undefined ? 'built in' : `built in, and ${folder}`,
    sha256: await digestOf(folder),
    compile: (version, createdAt) =>
      compileInProcess(
        { version, createdAt, output, formerSets, ...(folder === undefined ? {} : { folder }) },
        onProgress,
      ),
  }
}

/** Changes with every byte of a source and with the layout. */
async function digestOf(folder: string | undefined): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([LAYOUT_VERSION, builtinSources()]))
  for (const { name, path, bytes } of folder === undefined ? [] : listSignatureFolder(folder)) {
    hash.update(JSON.stringify([name, bytes]))
    try {
      for await (const piece of createReadStream(path)) hash.update(piece)
    } catch (cause) {
      throw new ServerError('file-unreadable', `${path} cannot be read: ${(cause as Error).message}.`, {
        cause,
      })
    }
  }
  return hash.digest('hex')
}
