import assert from 'node:assert/strict'
import { openSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inWords, MARKER, temporaryFolder, testDefinitions } from './scanner.fixture.ts'
import { Scanner } from './scanner.ts'
import { eicar, randomBytes } from './unpack/archives.fixture.ts'

const EICAR = 'infected Eicar-Test-Signature'
const marked = Buffer.concat([randomBytes(3, 20_000), Buffer.from(MARKER)])
type Folder = ReturnType<typeof temporaryFolder>
const open = (folder: Folder, bytes: Uint8Array) => ({ fd: openSync(folder.file(bytes).path, 'r') })

/** Whether each verdict is the one of the set that it names. */
function assertTrue(results: readonly Awaited<ReturnType<Scanner['scan']>>[]): void {
  for (const result of results) {
    const isFirst = result.definitionsVersion === 'test-1'
    assert.equal(inWords(result), isFirst ? 'clean' : 'infected Test.Marker')
  }
}

test('scans that are asked for while files of definitions change wait for the new one, and none is lost', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: open(folder, testDefinitions(1)), workers: 2 })
  const scans: ReturnType<Scanner['scan']>[] = []
  const ask = () => scans.push(scanner.scan({ bytes: marked }))
  for (let count = 0; count < 150; count += 1) ask()
  const timer = setInterval(ask, 1)
  for (const round of [2, 1, 2] as const) {
    const info = await scanner.swap(open(folder, testDefinitions(round)))
    assert.equal(info.version, `test-${round}`)
    const late = await scanner.scan({ bytes: marked })
    assert.equal(late.definitionsVersion, `test-${round}`)
  }
  clearInterval(timer)
  assertTrue(await Promise.all(scans))
})

test('a long scan does not hold up a change, and ends with the set it began with', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: open(folder, testDefinitions(1)), workers: 2 })
  const { fd } = folder.file(Buffer.concat([randomBytes(9, 60_000_000), Buffer.from(MARKER)]))
  const long = scanner.scan({ fd })
  // It has begun by then.
  await scanner.scan({ bytes: marked })
  await sleep(50)
  const swapped = scanner.swap(open(folder, testDefinitions(2)))
  const meanwhile = scanner.scan({ bytes: marked })
  assert.equal((await long).definitionsVersion, 'test-1')
  assertTrue([await long, await meanwhile])
  await swapped
  assert.equal((await scanner.scan({ bytes: marked })).definitionsVersion, 'test-2')
})

test('where a file of definitions is refused, the one before is read again and goes on', async () => {
  using folder = temporaryFolder()
  const lost: string[] = []
  await using scanner = await Scanner.start({
    definitions: open(folder, testDefinitions(1)),
    workers: 2,
    onWorkerLost: (cause) => lost.push(cause),
  })
  const scans = Array.from({ length: 50 }, () => scanner.scan({ bytes: eicar() }))
  const refused = scanner.swap(open(folder, testDefinitions(2).subarray(0, 700)))
  await assert.rejects(refused, { code: 'definitions-refused' })
  scans.push(scanner.scan({ bytes: eicar() }))
  for (const result of await Promise.all(scans)) assert.equal(inWords(result), EICAR)
  assert.equal(scanner.definitions.version, 'test-1')
  await scanner.swap(open(folder, testDefinitions(2)))
  assert.equal(inWords(await scanner.scan({ bytes: marked })), 'infected Test.Marker')
  assert.deepEqual(lost, [])
})

test('a scanner that is left without any set says so, and calls nothing clean', async () => {
  using folder = temporaryFolder()
  const former = folder.file(testDefinitions(1)).path
  const lost: string[] = []
  await using scanner = await Scanner.start({
    definitions: { fd: openSync(former, 'r') },
    workers: 1,
    onWorkerLost: (cause) => lost.push(cause),
  })
  writeFileSync(former, randomBytes(1, 5000))
  const swapped = scanner.swap(open(folder, testDefinitions(2).subarray(0, 700)))
  await assert.rejects(swapped, { code: 'definitions-refused' })
  assert.match(lost.join(), /cannot be read again/)
  await assert.rejects(scanner.scan({ bytes: marked }), { code: 'scanner-closed' })
})
