/**
 * Where a line goes: standard output, standard error and the log, under the switches that quieten. The lines' bytes are those
 * of the paths, except that a control character in one is shown as an escape, so that no file's name can forge a line.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { pathToBytes } from '@coreward/host'
import type { Orders } from './command-line.ts'

export interface Report extends Disposable {
  /** What became of one path. */
  result(line: string): void
  /** That a file is OK: not in the log. */
  ok(line: string): void
  /** A detection, or what was done about one: printed also when only those are wanted. */
  finding(line: string): void
  /** What hinders, but ends nothing. */
  warning(text: string): void
  /** What fails: printed whatever was quietened. */
  error(text: string): void
  /** The system's complaint about a path: neither quietened nor logged. */
  complaint(line: string): void
  /** The summary. */
  block(text: string): void
  bell(): void
}

/** Opens the log when there is to be one; throws the system's error when it cannot be written. */
export function openReport(orders: Orders): Report {
  const log = orders.log === undefined ? undefined : openSync(pathToBytes(orders.log), 'a', 0o640)
  const write = (to: 'stdout' | 'stderr', line: string) => {
    process[to].write(pathToBytes(`${line}\n`))
  }
  const note = (line: string) => {
    if (log !== undefined) writeSync(log, pathToBytes(`${line}\n`))
  }
  const complaints = orders.allToStdout ? 'stdout' : 'stderr'
  note(`\n${'-'.repeat(79)}\n`)
  return {
    result(line) {
      if (orders.onlyInfected) return
      if (!orders.quiet) write('stdout', visible(line))
      note(visible(line))
    },
    ok(line) {
      if (!orders.onlyInfected && !orders.withoutOk && !orders.quiet) write('stdout', visible(line))
    },
    finding(line) {
      if (!orders.quiet) write('stdout', visible(line))
      note(visible(line))
    },
    warning(text) {
      if (!orders.quiet) write(complaints, `WARNING: ${visible(text)}`)
      note(`WARNING: ${visible(text)}`)
    },
    error(text) {
      write(complaints, `ERROR: ${visible(text)}`)
      note(`ERROR: ${visible(text)}`)
    },
    complaint: (line) => write('stderr', visible(line)),
    block(text) {
      if (!orders.quiet) write('stdout', text)
      note(text)
    },
    bell: () => process.stderr.write('\u0007'),
    [Symbol.dispose]() {
      if (log !== undefined) closeSync(log)
    },
  }
}

function visible(line: string): string {
  return line.replace(/\p{Cc}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
