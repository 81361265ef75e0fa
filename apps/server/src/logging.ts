/**
 * The server's log: JSON lines on standard error. Nothing secret is ever handed to it; what would be one by its name is cut out
 * all the same.
 */
import { destination, type Logger, pino } from 'pino'

const secretNames = ['token', 'secret', 'password', 'cookie', 'authorization', 'privateKeyPem', 'setupUrl']

/** The logger for this process. `level` is one of pino's. */
export function createLogger(level: string): Logger {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  return pino(
    { level, base: { name: 'coreward-server' }, redact: { paths, censor: '(secret)' } },
    destination({ fd: 2, sync: true }),
  )
}
