/**
 * An administrator's own signatures: the files of one folder, texts and ClamAV's sets (.cvd, .cld), listed when the server starts. Which
 * lines are signatures is the compiler's to say; a file in a format that it does not know is told as refused, with its name.
 */
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ServerError } from '../server-error.ts'

/** All files of the folder together, in bytes: many times ClamAV's official signatures, which are some 700 MB of text. */
const mostBytes = 8 * 1024 * 1024 * 1024

export interface FolderFile {
  readonly name: string
  readonly path: string
  readonly bytes: number
}

/** The folder's files in the order of their names, without hidden ones and without folders. Throws `file-unreadable`. */
export function listSignatureFolder(folder: string): FolderFile[] {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
    const paths = names.sort().map((name) => ({ name, path: join(folder, name) }))
    const files = paths
      .filter(({ path }) => statSync(path).isFile())
      .map((file) => ({ ...file, bytes: statSync(file.path).size }))
    for (const { path } of files) accessSync(path, constants.R_OK)
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (bytes > mostBytes)
      throw new ServerError(
        'file-unreadable',
        `The signatures in ${folder} are ${bytes} bytes, more than the ${mostBytes} that are taken; leave some out.`,
      )
    return files
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    throw new ServerError(
      'file-unreadable',
      `The signatures in ${folder} cannot be read: ${(cause as Error).message}. Name another folder with --signatures, or leave it out.`,
      { cause },
    )
  }
}
