import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { eicarSet } from '../agent.fixture.ts'
import { TestFleet } from './fleet.fixture.ts'
import { tufDownload } from './tuf-download.ts'

const set = eicarSet('set-1')
const target = `definitions/${set.sha256.slice(0, 32)}.bin`
let folder = ''
let fleet: TestFleet

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coreward-tuf-'))
  fleet = await TestFleet.start(folder)
  await fleet.publish(set)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a target arrives whole, with what its publisher said of it', async () => {
  const download = tufDownload(join(folder, 'agent'), fleet, fleet.read)
  const { custom } = await download(target, join(folder, 'arrived'))
  assert.deepEqual(readFileSync(join(folder, 'arrived')), Buffer.from(set.bytes))
  assert.match(JSON.stringify(custom), /refusedCount/)
})

test('a target that nobody published is told by its name, and nothing is left of it', async () => {
  const download = tufDownload(join(folder, 'agent'), fleet, fleet.read)
  const none = 'definitions/none.bin'
  await assert.rejects(download(none, join(folder, 'arrived')), { code: 'not-found', message: /none\.bin/ })
  assert.equal(existsSync(join(folder, 'arrived')), false)
})

test('a server that is away is told as the network’s failure, and the next attempt succeeds', async () => {
  const download = tufDownload(join(folder, 'agent'), fleet, fleet.read)
  fleet.onTheWay = () => {
    throw new Error('https://server.test cannot be reached.')
  }
  await assert.rejects(download(target, join(folder, 'arrived')), { code: 'network' })
  fleet.onTheWay = (_path, content) => content
  await download(target, join(folder, 'arrived'))
  assert.ok(existsSync(join(folder, 'arrived')))
})

test('a root of trust that is none is refused each time, before anything is fetched', async () => {
  const download = tufDownload(join(folder, 'agent'), { updatesRoot: 'e30=' }, fleet.read)
  for (let tries = 0; tries < 2; tries += 1) {
    await assert.rejects(download(target, join(folder, 'arrived')), { code: 'malformed', message: /enrol/ })
  }
  assert.deepEqual(fleet.asked, [])
})
