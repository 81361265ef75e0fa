/**
 * Why a set of definitions was not taken.
 */

/**
 * - `foreign`: the assignment is for another agent or fleet, or there is nobody to take one from.
 * - `malformed`: the assignment, or what this agent noted itself, is not in its form.
 * - `replayed`: the assignment is older than one that was taken before.
 * - `mismatch`: what was downloaded is not what was assigned.
 * - `definitions.none`: there is no set, and none was assigned.
 */
export class DefinitionsKeeperError extends Error {
  override readonly name = 'DefinitionsKeeperError'
  readonly code: 'foreign' | 'malformed' | 'replayed' | 'mismatch' | 'definitions.none'

  constructor(code: DefinitionsKeeperError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
