/** Every target runs, from its seeds and a few hundred changes to them, and finds nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCoverage } from './coverage.ts'
import { fuzz } from './session.ts'
import { findTarget, targetNames } from './target-list.ts'

const RUNS = 100
/** Of a library's archive, each a message to another thread and back. */
const LIBRARY_RUNS = 2
/** Not a bound on anything: the targets that cost most do fewer runs. */
const SECONDS = 1

const coverage = startCoverage()

for (const name of await targetNames()) {
  test(`the target ${name} runs and finds nothing`, async () => {
    const faults: string[] = []
    const runs = name.startsWith('library:') ? LIBRARY_RUNS : RUNS
    const options = { runs, seconds: SECONDS, seed: 1 }
    const progress = await fuzz(await findTarget(name), coverage, undefined, options, {
      onProgress: () => {},
      onFault: ({ key, detail }, input) =>
        faults.push(`${key}: ${detail}: ${Buffer.from(input).toString('hex').slice(0, 2000)}`),
    })
    assert.deepEqual(faults, [])
    assert.ok(progress.executions > 0 && progress.reached > 0)
  })
}
