/** Tests of which answers a live message makes out of date. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, LiveMessage } from '@coreward/contracts'
import { touchedBy } from './touched-queries.ts'

const id = '00000000-0000-4000-8000-000000000000'

test('every kind of message but progress touches something, and only what the console reads', () => {
  const paths = new Set<string>(Object.values(endpoints).map(({ path }) => path))
  for (const { shape } of LiveMessage.options) {
    const kind = shape.kind.value
    if (kind === 'scan-progress') continue
    const message = LiveMessage.parse({ kind, agentId: id, scanId: id, detectionId: id })
    const touched = touchedBy(message)
    assert.ok(touched.length > 0, kind)
    for (const [path] of touched) assert.ok(paths.has(path) && path.startsWith('/api/v1/'), path)
  }
})

test('a detection touches the numbers of the first page and the host it was found on', () => {
  const touched = touchedBy({ kind: 'detection', detectionId: id, agentId: id })
  assert.ok(touched.some(([path]) => path === endpoints.readOverview.path))
  assert.ok(touched.some(([path]) => path === endpoints.readAgent.path))
})
