/** The one error of this package. Its codes are an interface: callers switch on them, never on the text. */

/**
 * - `malformed`: not the kind of data it should be (a PEM, a JWS, a certificate request that cannot be read).
 * - `too-large`: longer than the caller allowed.
 * - `unknown-key`: signed by a key that is not among the trusted ones.
 * - `wrong-type`: a genuine document, but of another type than the caller asked for.
 * - `bad-algorithm`: an algorithm or a kind of key that is not accepted.
 * - `bad-signature`: the signature does not fit the content.
 * - `bad-name`: a name that must not stand in a certificate.
 */
export type TrustErrorCode =
  | 'malformed'
  | 'too-large'
  | 'unknown-key'
  | 'wrong-type'
  | 'bad-algorithm'
  | 'bad-signature'
  | 'bad-name'

/** What every failure of this package is. `message` names its subject and the remedy. */
export class TrustError extends Error {
  override readonly name = 'TrustError'
  readonly code: TrustErrorCode

  constructor(code: TrustErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
