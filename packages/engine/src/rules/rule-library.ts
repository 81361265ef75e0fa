/**
 * The library that judges YARA rules (ADR 21), held ready without being loaded: its script as text, its program as an open
 * file. They are taken while the process may still read its own code, and cost nothing to speak of until a rule is to be judged.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** May be posted to other threads, which read from the descriptor too. */
export interface RuleLibrary {
  /** An ECMAScript module without imports. */
  readonly script: string
  readonly fd: number
}

/** Throws what reading throws when the package is not installed. */
export function openRuleLibrary(): RuleLibrary {
  const script = fileURLToPath(import.meta.resolve('@virustotal/yara-x'))
  return { script: readFileSync(script, 'utf8'), fd: openSync(script.replace(/\.js$/, '_bg.wasm'), 'r') }
}

export function closeRuleLibrary({ fd }: RuleLibrary): void {
  closeSync(fd)
}
