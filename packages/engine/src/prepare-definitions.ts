/**
 * Definitions on their way into use: read once into memory that all workers share, checked, and tried on harmless
 * content. Whatever fails here is refused before any worker has seen it.
 */
import type { Definitions } from '@coreward/definitions'
import { bytesSource } from './byte-source.ts'
import { EngineError } from './engine-error.ts'
import { createMatcher } from './match/matcher.ts'
import {
  closeDefinitions,
  type DefinitionsInput,
  openShared,
  type SharedDefinitions,
  shareDefinitions,
} from './shared-definitions.ts'
import { identifyByRules } from './type-rules.ts'

/** What a set says about itself. */
export interface DefinitionsInfo {
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  readonly signatureCount: number
}

export interface PreparedDefinitions {
  readonly shared: SharedDefinitions
  readonly info: DefinitionsInfo
}

/** Contents that no sane set flags: a signature that does would empty a server. */
const harmless: readonly Uint8Array[] = [
  new Uint8Array(64 * 1024),
  new Uint8Array(64 * 1024).fill(0xff),
  Uint8Array.from({ length: 64 * 1024 }, (_, index) => index & 0xff),
  Buffer.from('The quick brown fox jumps over the lazy dog.\n'.repeat(1000)),
  Buffer.from('#!/bin/sh\nset -eu\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexec "$@"\n'),
  Buffer.from('<!DOCTYPE html>\n<html><head><title>It works</title></head><body></body></html>\n'),
]

/**
 * Checks a set, and its additions if there are any, as `prepareDefinitions` does; when either is refused, neither is kept open.
 */
export function prepareWithAdditions(
  input: DefinitionsInput,
  additions: DefinitionsInput | undefined,
  tryIt: boolean,
): PreparedDefinitions {
  let prepared: PreparedDefinitions
  try {
    prepared = prepareDefinitions(input, tryIt)
  } catch (error) {
    if (additions !== undefined && 'fd' in additions) closeDefinitions({ fd: additions.fd })
    throw error
  }
  if (additions === undefined) return prepared
  try {
    const { shared } = prepareDefinitions(additions, tryIt)
    return { ...prepared, shared: { ...prepared.shared, additions: shared } }
  } catch (error) {
    closeDefinitions(prepared.shared)
    throw error
  }
}

/**
 * Checks a set, and if `tryIt`, tries it on harmless content. Throws EngineError
 * `definitions-refused`, with the reason as its cause.
 */
function prepareDefinitions(input: DefinitionsInput, tryIt: boolean): PreparedDefinitions {
  try {
    const shared = shareDefinitions(input)
    const definitions = openShared(shared)
    // Who hands over a file has compared its digest when it came; each piece is checked again when it is read.
    if (shared.fd === undefined) definitions.checkStored()
    if (tryIt) selfTest(definitions, shared)
    const { version, createdAt, signatureCount } = definitions
    return { shared, info: { version, createdAt, signatureCount } }
  } catch (error) {
    if ('fd' in input) closeDefinitions({ fd: input.fd })
    if (error instanceof EngineError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new EngineError('definitions-refused', `The definitions cannot be used: ${reason}`, error)
  }
}

function selfTest(definitions: Definitions, { memory, length }: SharedDefinitions): void {
  // No worker has the set yet, so the first worker's slot is free.
  const matcher = createMatcher(definitions, { shared: { memory, length, slot: 0 } })
  for (const content of harmless) {
    const { hits } = matcher.match(bytesSource(content), {
      target: identifyByRules(content, definitions.typeRules).target,
    })
    const [hit] = hits
    if (hit !== undefined) {
      throw new EngineError(
        'definitions-refused',
        `The definitions ${definitions.version} flag harmless content (${hit.name}); correct that signature.`,
      )
    }
  }
}
