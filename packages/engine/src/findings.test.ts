import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFindings } from './findings.ts'

const detection = { signature: 'A', severity: 'high', category: 'test' } as const

test('nothing found and nothing left out is clean', () => {
  assert.deepEqual(createFindings().verdict(), { outcome: 'clean' })
})

test('a file with a detection and an unscanned part is infected and tells both', () => {
  const findings = createFindings()
  findings.addDetection(detection)
  findings.addDetection(detection)
  findings.addUnscanned('encrypted', 'a.zip', 'no password')
  assert.deepEqual(findings.verdict(), {
    outcome: 'infected',
    detections: [detection],
    unscanned: [{ reason: 'encrypted', innerPath: 'a.zip', detail: 'no password' }],
  })
})

test('unscanned parts beyond what can be listed are counted by reason', () => {
  const findings = createFindings()
  for (let index = 0; index < 100_000; index += 1) findings.addUnscanned('encrypted', `${index}`)
  findings.addUnscanned('damaged', 'last')
  const verdict = findings.verdict()
  assert.equal(verdict.outcome, 'unscanned')
  const parts = verdict.outcome === 'unscanned' ? verdict.unscanned : []
  assert.equal(parts.length, 258)
  assert.deepEqual(parts.slice(256), [
    { reason: 'encrypted', detail: '99744 more parts' },
    { reason: 'damaged', detail: '1 more parts' },
  ])
})

test('a signature found in every entry of an archive hides no other', () => {
  const findings = createFindings()
  for (let index = 0; index < 10_000; index += 1)
    findings.addDetection({ ...detection, innerPath: `${index}` })
  findings.addDetection({ ...detection, signature: 'B', innerPath: 'last' })
  const verdict = findings.verdict()
  const detections = verdict.outcome === 'infected' ? verdict.detections : []
  assert.deepEqual([...new Set(detections.map(({ signature }) => signature))], ['A', 'B'])
  assert.ok(detections.length < 100)
})
