/** Stock clamscan as an oracle: which lines it takes, and what it finds with them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a test says that is skipped; false where clamscan can be run. */
export const clamscanMissing: string | false =
  spawnSync('clamscan', ['--version']).status === 0 ? false : 'clamscan is not installed'

/** Those of the lines that clamscan takes; `database` is a file's path, whose ending tells the format. */
export function linesTaken(lines: readonly string[], database: string): readonly string[] {
  const accepts = (some: readonly string[]) => {
    writeFileSync(database, `${some.join('\n')}\n`)
    return spawnSync('clamscan', [`--database=${database}`, '--no-summary', database]).status !== 2
  }
  return accepts(lines) ? lines : lines.filter((line) => accepts([line]))
}

/** The names of the signatures that clamscan finds in each content. Names are `S` and a number. `folder` is to be new. */
export function clamscanHits(
  lines: readonly string[],
  contents: readonly Uint8Array[],
  folder: string,
  format: 'ndb' | 'ldb',
  normalise = false,
): string[][] {
  mkdirSync(join(folder, 'contents'), { recursive: true })
  const database = join(folder, `set.${format}`)
  writeFileSync(database, `${lines.join('\n')}\n`)
  contents.forEach((content, index) => {
    writeFileSync(join(folder, 'contents', `${index}`), content)
  })
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [
      `--database=${database}`,
      '--allmatch',
      '--no-summary',
      `--normalize=${normalise ? 'yes' : 'no'}`,
      join(folder, 'contents'),
    ],
    { encoding: 'utf8' },
  )
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
  return contents.map((_, index) => {
    const names = [...stdout.matchAll(/\/(\d+): (S\d+)\.UNOFFICIAL FOUND$/gm)]
    return [...new Set(names.filter(([, file]) => Number(file) === index).map(([, , name = '']) => name))]
  })
}
