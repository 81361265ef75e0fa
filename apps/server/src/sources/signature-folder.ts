/**
 * An administrator's own signatures: the files of one folder, texts and ClamAV's sets (.cvd, .cld), read when the server starts. Which
 * lines are signatures is the compiler's to say; a file in a format that it does not know is told as refused, with its name.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ServerError } from '../server-error.ts'

/** All files of the folder together, in bytes: they are held in memory. ClamAV's official sets are some 250 MB. */
const mostBytes = 1024 * 1024 * 1024

/** A file and its content. */
export interface FolderFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The folder's files in the order of their names, without hidden ones and without folders. Throws `file-unreadable`. */
export function readSignatureFolder(folder: string): FolderFile[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
    const paths = names.sort().map((name) => ({ name, path: join(folder, name) }))
    const files = paths.filter(({ path }) => statSync(path).isFile())
    const bytes = files.reduce((sum, { path }) => sum + statSync(path).size, 0)
    if (bytes > mostBytes)
      throw new ServerError(
        'file-unreadable',
        `The signatures in ${folder} are ${bytes} bytes, more than the ${mostBytes} that are taken; leave some out.`,
      )
    return files.map(({ name, path }) => ({ name, bytes: readFileSync(path) }))
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    throw new ServerError(
      'file-unreadable',
      `The signatures in ${folder} cannot be read: ${(cause as Error).message}. Name another folder with --signatures, or leave it out.`,
      { cause },
    )
  }
}
