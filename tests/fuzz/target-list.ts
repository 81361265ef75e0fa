/** Finds the targets: the files of targets/, loaded when they are asked for. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FuzzTarget } from './fuzz-target.ts'

const folder = join(import.meta.dirname, 'targets')

/** The names of all targets, those of one file together. Loads them all. */
export async function targetNames(): Promise<string[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const lists: string[][] = []
  for (const file of files.sort()) lists.push((await targetsIn(file)).map(({ name }) => name))
  return lists.flat()
}

/** Loads a target and no other file than its own. Throws when there is none of that name. */
export async function findTarget(name: string): Promise<FuzzTarget> {
  const file = `${name.split(':')[0]}.ts`
  const targets = readdirSync(folder).includes(file) ? await targetsIn(file) : []
  const target = targets.find((candidate) => candidate.name === name)
  if (target === undefined) throw new Error(`there is no target ${name}; --list names them`)
  return target
}

async function targetsIn(file: string): Promise<readonly FuzzTarget[]> {
  const { targets } = (await import(join(folder, file))) as { targets: readonly FuzzTarget[] }
  return targets
}
