/**
 * The one failure of this package.
 */

export type HostErrorCode =
  /** This system, or this kernel, does not have what was asked for. */
  | 'unsupported'
  /** A unix socket's path is longer than the system takes. */
  | 'path-too-long'
  | 'missing'
  | 'permission'
  | 'exists'
  | 'disk-full'
  /** The other end of a socket is gone, or nobody listens. */
  | 'disconnected'
  /** The peer is not a user that may connect. */
  | 'peer-refused'
  /** A message is longer than a socket takes. */
  | 'message-too-long'
  /** Privileges could not be given up, or could be had back. */
  | 'privileges'
  /** Any other error of the system; the message names it. */
  | 'system'

/** Thrown by everything here; programs switch on `code`. The message names the subject and, where there is one, the remedy. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: HostErrorCode

  constructor(code: HostErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

const codes: Readonly<Record<string, HostErrorCode>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
  EEXIST: 'exists',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EPIPE: 'disconnected',
  ECONNRESET: 'disconnected',
  ECONNREFUSED: 'disconnected',
  ENOTCONN: 'disconnected',
  EMSGSIZE: 'message-too-long',
  ENOSYS: 'unsupported',
  EOPNOTSUPP: 'unsupported',
}

const remedies: Partial<Record<HostErrorCode, string>> = {
  'disk-full': 'free some space or raise the quota, then try again',
  permission: 'run as a user who may, or change its owner or mode',
}

/** The name of the system error (`ENOENT`) in an error of Node or of a system call of ours; undefined for any other. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined
}

/** Turns an error of the system into a HostError that says what was being done (`doing`: "write /a/b"). */
export function hostError(doing: string, error: unknown): HostError {
  if (error instanceof HostError) return error
  const name = systemCode(error)
  const code = (name !== undefined ? codes[name] : undefined) ?? 'system'
  const remedy = remedies[code]
  const reason = error instanceof Error ? error.message : String(error)
  return new HostError(code, `Could not ${doing}: ${reason}${remedy ? `; ${remedy}` : ''}.`, error)
}
