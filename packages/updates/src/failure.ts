/**
 * From what the TUF library throws to an error with a code and a remedy. The library wraps a failed snapshot or targets
 * file into text alone, so text is what is looked at, here and nowhere else; a test holds each line to the library.
 */
import { UpdateError, type UpdateErrorCode } from './update-error.ts'

interface Meaning {
  readonly pattern: RegExp
  readonly code: UpdateErrorCode
  readonly text: string
}

const meanings: readonly Meaning[] = [
  {
    pattern: /\bexpired\b/,
    code: 'expired',
    text: 'has expired; check this host’s clock, and that the server renews its timestamp.',
  },
  {
    pattern: /was signed by \d+\/\d+ keys/,
    code: 'unknown-signer',
    text: 'is not signed by the keys this host trusts; enrol this host again if the server was set up anew.',
  },
  {
    pattern:
      /less than current version|Expected version \d+, got|does not match snapshot version|doesn't match timestamp|in new snapshot/,
    code: 'rolled-back',
    text: 'is older than what this host has already seen; check that the server was not restored from an old backup.',
  },
]

/** The error to throw for `cause`, where `file` was the last one fetched and `failure` is why that failed, if it did. */
export function explain(
  cause: unknown,
  { file, failure }: { readonly file: string; readonly failure: UpdateError | undefined },
): UpdateError {
  if (failure !== undefined) return failure
  if (cause instanceof UpdateError) return cause
  const subject = file === '' ? 'The stored metadata' : file
  const error = cause instanceof Error ? cause : new Error(String(cause))
  if ('syscall' in error || error.message.startsWith('Failed to persist')) {
    return new UpdateError(
      'storage',
      `${subject} could not be stored; free some space or check permissions.`,
      { cause },
    )
  }
  const { code, text } = meanings.find(({ pattern }) => pattern.test(error.message)) ?? {
    code: 'tampered' as const,
    text: 'is not what was signed; it was changed or cut short on the way, or on the server: fetch it again.',
  }
  return new UpdateError(code, `${subject} ${text}`, { cause })
}
