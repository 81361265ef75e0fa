/**
 * Rules that only the rule engine can judge, tried with it when a set is compiled: what it does not take, what costs too much
 * and what harmless contents meet is refused here, one rule at a time. The library is loaded at the first such rule (ADR 21).
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Rules } from '@virustotal/yara-x'
import { Refusal } from './parse/pattern.ts'

type Library = typeof import('@virustotal/yara-x')

/** Contents that no sane rule flags; short, since a loop over them may be in a loop over them. */
const harmless: readonly Uint8Array[] = [
  new Uint8Array(16),
  Buffer.from('#!/bin/sh\nexec "$@"\n'),
  Buffer.from('The quick brown fox jumps over the lazy dog.\n'),
]

/** Loops beyond this, each perhaps within the one before, are too many to try. */
const LOOPS_MAX = 3

let loaded: Library | undefined
let isBroken = false

/** The library, loaded once; it holds some twenty megabytes from then on. */
function library(): Library {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  const known = require('@virustotal/yara-x') as Library
  const program = require.resolve('@virustotal/yara-x').replace(/\.js$/, '_bg.wasm')
  known.initSync({ module: readFileSync(program) })
  loaded = known
  return known
}

/**
 * Compiles a rule with what it needs, and tries it on harmless contents when the rule engine is to be asked about every content.
 * Throws Refusal.
 */
export function checkRule(name: string, source: string, always: boolean): void {
  if (isBroken) throw new Refusal('the rule library failed at a rule before it')
  const { Compiler } = library()
  const compiler = new Compiler()
  try {
    compiler.addSource(source)
    const costly = compiler.warnings.find((warning) => warning.includes('[too_many_iterations]'))
    if (costly !== undefined) throw new Refusal(`it costs too much: ${firstLine(costly)}`)
    const rules = compiler.build()
    try {
      if (always && (source.match(/\bfor\b/g) ?? []).length <= LOOPS_MAX) refuseTooGeneral(name, rules)
    } finally {
      rules.free()
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(firstLine(error instanceof Error ? error.message : String(error)))
  } finally {
    release(compiler)
  }
}

/** A library that was thrown out of its own code is not to be trusted with the next rule. */
function release(compiler: { free(): void }): void {
  try {
    compiler.free()
  } catch {
    isBroken = true
  }
}

function refuseTooGeneral(name: string, rules: Rules): void {
  for (const content of harmless) {
    const { matches } = rules.scan(content) as { matches: readonly { identifier: string }[] }
    if (matches.some(({ identifier }) => identifier === name)) {
      throw new Refusal('harmless contents would match it')
    }
  }
}

/** What the library says first, with the word in question: the rest is a drawing. */
function firstLine(message: string): string {
  const [head = '', , , , , mark = ''] = message.split('\n')
  const detail = /\^+\s*(\S.*)$/.exec(mark)?.[1]
  return `${head.replace(/^(?:error|warning)(?:\[\w+\])?: /, '')}${detail === undefined ? '' : ` (${detail})`}`.slice(
    0,
    300,
  )
}
