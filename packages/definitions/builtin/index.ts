/**
 * The built-in set's texts, read once when this module is loaded and never later: who uses it may have lost the right to
 * read the files by then. The .ndb, .hdb and .hsb files are ours, from what is generally known of such programs; why each
 * signature exists stands in descriptions.json. Nothing here holds a pattern in clear, so the files do not match themselves.
 */
import { readFileSync } from 'node:fs'
import type { Descriptions } from '../src/description.ts'
import descriptions from './descriptions.json' with { type: 'json' }

/** The texts and what is known of the signatures beside them, as `compileDefinitions` takes them. */
export interface BuiltinSources {
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly descriptions: Descriptions
}

const names = [
  'eicar.hdb',
  'eicar.hsb',
  'eicar.ndb',
  'web-shells.ndb',
  'reverse-shells.ndb',
  'coin-miners.ndb',
  'persistence.ndb',
]

const sources: BuiltinSources = Object.freeze({
  files: names.map((name) => ({ name, text: readFileSync(new URL(name, import.meta.url), 'utf8') })),
  descriptions: descriptions as Descriptions,
})

/**
 * The built-in set.
 *
 * @example compileDefinitions({ version, createdAt, ...builtinSources() })
 */
export function builtinSources(): BuiltinSources {
  return sources
}
