/** The one error of this package. Its codes are an interface: callers switch on them, never on the text. */

/**
 * - `truncated`: shorter than its header says.
 * - `not-definitions`: does not begin with our magic.
 * - `foreign-layout`: written for another layout version than this program reads.
 * - `checksum`: the bytes are not those that were compiled.
 * - `malformed`: an offset, a count or a value that no compiler of ours writes.
 * - `bad-input`: what was given to the compiler is not what it takes (a version, a date, a description).
 */
export type DefinitionsErrorCode =
  | 'truncated'
  | 'not-definitions'
  | 'foreign-layout'
  | 'checksum'
  | 'malformed'
  | 'bad-input'

/** What every failure of this package is. `message` names its subject and the remedy. */
export class DefinitionsError extends Error {
  override readonly name = 'DefinitionsError'
  readonly code: DefinitionsErrorCode

  constructor(code: DefinitionsErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
