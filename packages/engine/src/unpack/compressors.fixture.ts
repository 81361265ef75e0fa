/**
 * Compressed contents for tests, made by the usual programs. Never imported by production code.
 */
import { spawnSync } from 'node:child_process'

/** What is skipped without them. */
const programs = ['xz', 'bzip2', 'zstd', 'lz4', 'compress']

/** Why tests that need all of them are skipped, or false. */
export const compressorsMissing =
  programs
    .filter((program) => spawnSync(program, ['--version']).error !== undefined)
    .map((program) => `needs the program ${program}`)
    .at(0) ?? false

/** Runs a program as a filter; it must succeed. */
export function compressBy(command: string, content: Uint8Array): Buffer {
  const [program = '', ...parameters] = command.split(' ')
  const { status, stdout, stderr } = spawnSync(program, parameters, { input: content, maxBuffer: 2 ** 30 })
  // compress ends with 2 when the result is the longer one.
  if (status !== 0 && !(program === 'compress' && status === 2)) throw new Error(`${command}: ${stderr}`)
  return stdout
}
