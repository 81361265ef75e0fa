/**
 * Which parts of our parsers an input reaches: modules of the engine and of the definitions get counters as they are loaded, and an
 * input is worth keeping when a counter came to a value of a kind that it had not had. WebAssembly is not seen into.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { instrument } from './instrument.ts'

/** Functions of the decoders' program are sent to another thread as their text, where there are no counters. */
const ELSEWHERE = /\/decoders\/(?:decoder-program|archive-system)\.ts$/
const MODULES = /\/packages\/(?:engine|definitions)\/src\/.*(?<!\.test|\.fixture)\.ts$/

/** All of our modules together use some thousands. */
const COUNTERS_MAX = 65_536

export interface Coverage {
  /** Texts and numbers that stand in the modules loaded so far. */
  readonly words: ReadonlySet<string | number>
  /** How many counters have been other than zero. */
  reached(): number
  /** Forgets what the last input reached. */
  clear(): void
  /** Whether the last input reached something new; it is new no longer after that. */
  takeNews(): boolean
}

/** Counts in modules that are loaded from now on. Once in a process. */
export function startCoverage(): Coverage {
  const hits = new Uint32Array(COUNTERS_MAX)
  const seen = new Uint8Array(COUNTERS_MAX)
  const words = new Set<string | number>()
  let used = 0
  Object.assign(globalThis, { __hits: hits })
  registerHooks({
    load(url, context, nextLoad) {
      if (!MODULES.test(url) || ELSEWHERE.test(url)) return nextLoad(url, context)
      const { source, counters, words: found } = instrument(readFileSync(fileURLToPath(url), 'utf8'), used)
      used += counters
      if (used > COUNTERS_MAX) throw new Error(`more than ${COUNTERS_MAX} counters; raise COUNTERS_MAX`)
      for (const word of found) words.add(word)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
  return {
    words,
    reached: () => seen.subarray(0, used).reduce((sum, kinds) => sum + (kinds === 0 ? 0 : 1), 0),
    clear: () => {
      hits.fill(0, 0, used)
    },
    takeNews() {
      let isNew = false
      for (let index = 0; index < used; index += 1) {
        const count = hits[index] as number
        if (count === 0) continue
        const kind = kindOf(count)
        if (((seen[index] as number) & kind) !== 0) continue
        seen[index] = (seen[index] as number) | kind
        isNew = true
      }
      return isNew
    },
  }
}

/** One, two, three, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more: as AFL, whose authors measured that finer is no better. */
function kindOf(count: number): number {
  if (count < 4) return 1 << (count - 1)
  if (count < 8) return 8
  if (count < 16) return 16
  if (count < 32) return 32
  return count < 128 ? 64 : 128
}
