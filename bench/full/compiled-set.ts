/**
 * The definitions that a set compiles to, made in a process of their own and kept beside the set. Another compiler makes
 * them anew: the note carries a digest of its modules.
 */
import { fork } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../digest.ts'
import type { Compiled } from './compile-process.ts'

export interface CompiledSet extends Compiled {
  /** The file of definitions. */
  readonly path: string
  /** False when they were made in an earlier run: then the cost is that run's. */
  readonly isNew: boolean
}

/** Compiles `files` unless that was done before by the same compiler; `anew` compiles in any case. `before` is the set before, if there was one. */
export async function compiledSet(
  folder: string,
  version: string,
  files: readonly string[],
  { anew = false, before }: { readonly anew?: boolean; readonly before?: CompiledSet } = {},
): Promise<CompiledSet> {
  const path = join(folder, `${version}.definitions`)
  const note = `${path}.json`
  const compiler = digestOf([join(import.meta.dirname, '../../packages/definitions')])
  if (!anew && existsSync(note) && existsSync(path)) {
    const former = JSON.parse(readFileSync(note, 'utf8')) as Compiled & { compiler: string }
    if (former.compiler === compiler) return { ...former, path, isNew: false }
  }
  const compiled = await compile(
    `${path}.part`,
    version,
    before === undefined ? '' : formerOf(before.path),
    files,
  )
  renameSync(`${path}.part.former`, formerOf(path))
  renameSync(`${path}.part`, path)
  writeFileSync(note, JSON.stringify({ ...compiled, compiler }))
  return { ...compiled, path, isNew: true }
}

/** What the compiler remembers of a set. */
function formerOf(path: string): string {
  return `${path}.former`
}

function compile(
  output: string,
  version: string,
  before: string,
  files: readonly string[],
): Promise<Compiled> {
  return new Promise((resolve, reject) => {
    // As apps/server starts its own (sources/compile-process.ts).
    const options = { execArgv: ['--max-semi-space-size=16'] }
    const child = fork(
      join(import.meta.dirname, 'compile-process.ts'),
      [output, version, before, ...files],
      options,
    )
    child.once('message', (message) => resolve(message as Compiled))
    child.once('exit', (code) => reject(new Error(`the compiling process ended with ${code}`)))
  })
}
