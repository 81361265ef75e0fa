import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTally, exitCodeOf, formatSummary } from './summary.ts'

test('a detection goes before an error, and a detection that could not be put away before both', () => {
  const code = (some: Partial<ReturnType<typeof emptyTally>>) => exitCodeOf({ ...emptyTally(), ...some })
  assert.equal(code({ files: 3 }), 0)
  assert.equal(code({ errors: 1 }), 2)
  assert.equal(code({ hindered: true }), 2)
  assert.equal(code({ infected: 1, errors: 1, hindered: true }), 1)
  for (const failed of ['notRemoved', 'notMoved', 'notCopied'])
    assert.equal(code({ infected: 1, [failed]: 1 }), 2)
})

test('the summary tells megabytes, minutes and local dates, and leaves out what did not happen', () => {
  const started = new Date(2026, 0, 2, 3, 4, 5)
  const tally = { ...emptyTally(), files: 2, infected: 1, bytesScanned: 3_000_000, bytesRead: 3_000_000 }
  const ended = new Date(started.getTime() + 61_500)
  assert.equal(
    formatSummary(tally, 7, '1.0', started, ended),
    `
----------- SCAN SUMMARY -----------
Known viruses: 7
Engine version: 1.0
Scanned directories: 0
Scanned files: 2
Infected files: 1
Data scanned: 2.86 MB
Data read: 2.86 MB (ratio 1.00:1)
Time: 61.500 sec (1 m 1 s)
Start Date: 2026:01:02 03:04:05
End Date:   2026:01:02 03:05:06`,
  )
  const failed = formatSummary({ ...tally, errors: 2, notMoved: 1 }, 7, '1.0', started, ended)
  assert.match(failed, /^Infected files: 1\nTotal errors: 2\nNot moved: 1\nData scanned/m)
})
