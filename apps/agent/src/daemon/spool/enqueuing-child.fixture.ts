/**
 * A process for the spool's tests: enqueues events for ever and prints the number of each one that `enqueue` returned.
 * It is killed from outside, or ends when the spool refuses.
 */
import { writeSync } from 'node:fs'
import { Spool } from './spool.ts'
import { SpoolError } from './spool-error.ts'

const [path = '', count = 'Infinity', padding = '0'] = process.argv.slice(2)
const spool = new Spool(path)
try {
  for (let done = 0; done < Number(count); done += 1) {
    const event = spool.enqueue({
      type: 'policy.failed',
      data: { version: null, failure: 'x'.repeat(Number(padding)) },
    })
    writeSync(1, `${event.sequence}\n`)
  }
} catch (error) {
  writeSync(1, `refused ${error instanceof SpoolError ? error.code : error}\n`)
}
