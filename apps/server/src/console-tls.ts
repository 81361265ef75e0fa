/**
 * Whether the console speaks TLS, and with what: it must wherever other hosts can reach it. Reads the files before the process
 * gives up its privileges; opens no socket.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { ServeOptions } from './command-line.ts'
import { ServerError } from './server-error.ts'

export interface ConsoleTls {
  readonly cert: Buffer
  readonly key: Buffer
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/

/** What the console's listener needs for TLS; undefined for plain HTTP on loopback. Throws `console-exposed`, `option-wrong` or `file-unreadable`. */
export function consoleTlsOf(options: ServeOptions): ConsoleTls | undefined {
  const { consoleCertificate, consoleKey, consoleHost } = options
  if (consoleCertificate !== undefined && consoleKey !== undefined)
    return readPair(consoleCertificate, consoleKey)
  if (consoleCertificate !== undefined || consoleKey !== undefined)
    throw new ServerError('option-wrong', 'Give --console-certificate and --console-key together.')
  if (!loopback.test(consoleHost))
    throw new ServerError(
      'console-exposed',
      `The console would be open to other hosts at ${consoleHost} without encryption. ` +
        'Give --console-certificate and --console-key, or leave --console-host at 127.0.0.1.',
    )
  return undefined
}

function readPair(certificate: string, key: string): ConsoleTls {
  const pair = { cert: read(certificate, '--console-certificate'), key: read(key, '--console-key') }
  try {
    createSecureContext(pair)
  } catch (cause) {
    throw new ServerError(
      'option-wrong',
      `${certificate} and ${key} are not a certificate and its key in PEM (${(cause as Error).message}). Name two that belong together with --console-certificate and --console-key.`,
      { cause },
    )
  }
  return pair
}

function read(path: string, option: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new ServerError(
      'file-unreadable',
      `${path} cannot be read (${(cause as Error).message}). Name a file that the server may read with ${option}.`,
      { cause },
    )
  }
}
