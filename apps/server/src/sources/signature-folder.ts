/**
 * An administrator's own signatures: the text files of one folder, read when the server starts. Which lines are signatures is
 * the compiler's to say; a file in a format that it does not know is told as refused, with its name.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SignatureFile } from '@coreward/definitions'
import { ServerError } from '../server-error.ts'

/** All files of the folder together, in bytes: they are compiled in this process, while nobody is served. */
const mostBytes = 64 * 1024 * 1024

/** The folder's files in the order of their names, without hidden ones and without folders. Throws `file-unreadable`. */
export function readSignatureFolder(folder: string): SignatureFile[] {
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
    return files.map(({ name, path }) => ({ name, text: readFileSync(path, 'utf8') }))
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    throw new ServerError(
      'file-unreadable',
      `The signatures in ${folder} cannot be read: ${(cause as Error).message}. Name another folder with --signatures, or leave it out.`,
      { cause },
    )
  }
}
