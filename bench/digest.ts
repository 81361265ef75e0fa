/**
 * What a kept result rests on, as a short text: the bytes of the modules that made it. Tests are left out.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Over all files of these folders and below, and over `also`. */
export function digestOf(folders: readonly string[], also = ''): string {
  const hash = createHash('sha256').update(also)
  for (const folder of folders) {
    for (const name of globSync('**/*', { cwd: folder, exclude: ['**/*.test.ts', 'dist/**'] }).sort()) {
      const path = join(folder, name)
      if (statSync(path).isFile()) hash.update(`${name}\0`).update(readFileSync(path))
    }
  }
  return hash.digest('hex').slice(0, 12)
}
