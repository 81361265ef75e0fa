/**
 * What is new in a set since the ones before, beside the set itself: compiled with it, opened once as agents will, and put in files of
 * its own. What was in the last sets is kept in a file between two starts; whatever is wrong with it costs agents time, and nothing else.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import {
  type Additions,
  type CompileInput,
  type CompileSummary,
  compileWithAdditions,
  decodeFormerSets,
  encodeFormerSets,
  openDefinitions,
} from '@coreward/definitions'
import type { CompiledAdditions } from '../definitions/definitions.ts'

/** Where it is kept what was in the sets before, and the name of the program that compiles. */
export interface FormerSetsFile {
  readonly file: string
  readonly program: string
}

export interface CompiledBeside {
  readonly bytes: Uint8Array
  readonly summary: CompileSummary
  readonly additions: readonly Additions[]
  /** Keeps what was in this set for the next time. */
  readonly keep: () => void
}

/** Compiles. Throws as compileDefinitions does, and what writing throws. */
export function compileBeside(input: CompileInput, { file, program }: FormerSetsFile): CompiledBeside {
  const former = existsSync(file) ? decodeFormerSets(readFileSync(file)) : undefined
  const compiled = compileWithAdditions(input, { former, program })
  const keep = () => {
    writeFileSync(`${file}.part`, encodeFormerSets(compiled.former), { mode: 0o600 })
    renameSync(`${file}.part`, file)
  }
  return { ...compiled, keep }
}

/** Opens additions as whoever gets them will, and writes them to files whose names begin with `output`. Throws DefinitionsError. */
export function writeAdditions(additions: readonly Additions[], output: string): CompiledAdditions[] {
  return additions.map(({ version, bytes, since }, index) => {
    openDefinitions(bytes).checkStored()
    const file = `${output}.additions-${index}`
    writeFileSync(file, bytes, { mode: 0o600 })
    return { version, since, content: { file } }
  })
}
