/**
 * Signatures → a compiled set in a file, tested. The flow: the built-in texts and the folder's files → signature sets opened →
 * compiled, and what is new beside it → written → tested → told what came of it. Runs in a process of its own, since a full set takes seconds and a gigabyte.
 */
import { writeFileSync } from 'node:fs'
import { builtinSources, expandSets, fileText } from '@coreward/definitions'
import type { CompiledSet } from '../definitions/definitions.ts'
import { accountOf } from './account.ts'
import { compileBeside, type FormerSetsFile, writeAdditions } from './additions.ts'
import { listSignatureFolder } from './signature-folder.ts'
import { testSet } from './test-set.ts'

/** What is to be compiled, and where to. */
export interface CompileOrder {
  readonly version: string
  readonly createdAt: string
  /** The administrator's own signatures, if there are any. */
  readonly folder?: string
  /** The file that the set is written to. */
  readonly output: string
  readonly formerSets: FormerSetsFile
}

/**
 * Compiles, calling `onProgress` now and then with the number of lines read. Throws ServerError `file-unreadable` or
 * `definitions-refused`.
 */
export async function compileSet(
  { version, createdAt, folder, output, formerSets }: CompileOrder,
  onProgress: (lines: number) => void,
): Promise<CompiledSet> {
  const builtin = builtinSources()
  const own = folder === undefined ? [] : listSignatureFolder(folder)
  const { files, sets } = await expandSets([
    ...builtin.files,
    ...own.map(({ name, path }) => ({ name, text: fileText(path) })),
  ])
  const { descriptions } = builtin
  const input = { version, createdAt, files, sets, descriptions, onProgress }
  const { bytes, summary, additions, keep } = compileBeside(input, formerSets)
  writeFileSync(output, bytes, { mode: 0o600 })
  await testSet(output)
  const written = writeAdditions(additions, output)
  keep()
  return {
    version,
    createdAt,
    content: { file: output },
    additions: written,
    account: accountOf(summary),
  }
}
