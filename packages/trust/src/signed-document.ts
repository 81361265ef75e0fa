/**
 * Signed JSON documents: JWS compact serialization (RFC 7515 §3.1) with EdDSA (RFC 8037).
 * A document names its type in `typ` (RFC 8725 §3.11), so that one kind can never pass for another.
 * It never fetches keys, and never trusts a key that a document brings along.
 */
import { CompactSign, type CompactVerifyResult, compactVerify, errors } from 'jose'
import type { SigningKey, VerificationKey } from './key-pair.ts'
import { TrustError } from './trust-error.ts'

const algorithm = 'EdDSA'

/** A policy, a command or an assignment is a few kilobytes; a mebibyte leaves room for long lists of exclusions. */
const defaultMaxBytes = 1024 * 1024

/**
 * Signs `payload` (anything JSON can hold) as a document of `type`, e.g. `coreward.policy+jws`.
 * The header holds `alg`, `typ` and `kid` and nothing else. Freshness (a version, an expiry) is the payload's business.
 */
export async function signDocument(
  payload: unknown,
  options: { readonly key: SigningKey; readonly type: string },
): Promise<string> {
  const json = JSON.stringify(payload)
  if (json === undefined) {
    throw new TrustError('malformed', `A ${options.type} document must be a JSON value.`)
  }
  return new CompactSign(new TextEncoder().encode(json))
    .setProtectedHeader({ alg: algorithm, typ: options.type, kid: options.key.keyId })
    .sign(options.key.privateKey)
}

/**
 * Checks a document and returns its payload, still of unknown shape: parse it with its schema next.
 * `maxBytes` is the greatest length of `token` (default 1 MiB). Throws `too-large`, `malformed`, `bad-algorithm`,
 * `wrong-type`, `unknown-key` or `bad-signature`.
 */
export async function verifyDocument(
  token: string,
  options: {
    readonly publicKeys: readonly VerificationKey[]
    readonly type: string
    readonly maxBytes?: number
  },
): Promise<unknown> {
  const { type, publicKeys, maxBytes = defaultMaxBytes } = options
  if (token.length > maxBytes) {
    throw new TrustError(
      'too-large',
      `The ${type} document is ${token.length} bytes long; at most ${maxBytes} are accepted.`,
    )
  }
  const { payload, protectedHeader } = await open(token, type, publicKeys)
  if (protectedHeader.typ !== type) {
    throw new TrustError(
      'wrong-type',
      `A document of type ${String(protectedHeader.typ)} was given where ${type} is needed.`,
    )
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (cause) {
    throw new TrustError('malformed', `The ${type} document does not hold JSON; have it signed again.`, {
      cause,
    })
  }
}

async function open(
  token: string,
  type: string,
  keys: readonly VerificationKey[],
): Promise<CompactVerifyResult> {
  const find = (header: { kid?: unknown }) => {
    const key = keys.find(({ keyId }) => keyId === header.kid)
    if (key === undefined) {
      throw new TrustError(
        'unknown-key',
        `The ${type} document is signed by key ${String(header.kid)}, which is not trusted here; enrol again if the server was set up anew.`,
      )
    }
    return key.publicKey
  }
  try {
    return await compactVerify(token, find, { algorithms: [algorithm] })
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    if (cause instanceof errors.JOSEAlgNotAllowed) {
      throw new TrustError('bad-algorithm', `The ${type} document is not signed with ${algorithm}.`, {
        cause,
      })
    }
    if (cause instanceof errors.JWSSignatureVerificationFailed) {
      throw new TrustError(
        'bad-signature',
        `The ${type} document was changed after it was signed; fetch it again.`,
        {
          cause,
        },
      )
    }
    throw new TrustError('malformed', `The ${type} document is not a JWS in compact form; fetch it again.`, {
      cause,
    })
  }
}
