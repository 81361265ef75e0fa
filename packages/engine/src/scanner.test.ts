import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { inWords, MARKER, temporaryFolder, testDefinitions } from './scanner.fixture.ts'
import { Scanner } from './scanner.ts'
import { eicar, randomBytes } from './unpack/archives.fixture.ts'

const EICAR = 'infected Eicar-Test-Signature'

test('a file is scanned through its descriptor, and the result says what was done', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const content = Buffer.concat([Buffer.from('#!/bin/sh\n'), eicar()])
  const result = await scanner.scan({ fd: folder.file(content).fd })
  assert.equal(inWords(result), EICAR)
  assert.equal(result.bytes, content.length)
  assert.equal(result.bytesRead, content.length)
  assert.equal(result.fileType, 'script')
  assert.equal(result.sha256, createHash('sha256').update(content).digest('hex'))
  assert.equal(result.definitionsVersion, 'test-1')
  const clean = await scanner.scan({ fd: folder.file(Buffer.from('clean')).fd })
  assert.equal(inWords(clean), 'clean')
  assert.equal(clean.sha256, undefined)
})

test('the hash of a clean file is there when asked for', async () => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const result = await scanner.scan({ bytes: Buffer.from('clean') }, { sha256: true })
  assert.equal(result.sha256, createHash('sha256').update('clean').digest('hex'))
})

test('a file without bytes is clean', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  assert.equal(inWords(await scanner.scan({ fd: folder.file(Buffer.alloc(0)).fd })), 'clean')
})

test('what crosses the borders of the reading windows is found', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: testDefinitions() })
  const scans: Promise<[number, string]>[] = []
  for (const border of [16, 64, 128, 256, 512, 1024, 2048, 4096].map((kilobytes) => kilobytes * 1024)) {
    for (const before of [0, 1, 34, 67, 68, 69]) {
      const content = Buffer.concat([
        randomBytes(border, border - before),
        eicar(),
        randomBytes(7, before % 2),
      ])
      const scan = scanner.scan({ fd: folder.file(content).fd })
      scans.push(scan.then((result) => [border - before, inWords(result)]))
    }
  }
  for (const [offset, words] of await Promise.all(scans)) assert.equal(words, EICAR, `at ${offset}`)
})

test('a descriptor that cannot be read is unreadable, and a folder is as well', async () => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const folder = mkdtempSync(`${tmpdir()}/coreward-engine-`)
  const fd = openSync(folder, 'r')
  assert.equal(inWords(await scanner.scan({ fd })), 'unscanned unreadable')
  closeSync(fd)
  rmSync(folder, { recursive: true })
  assert.equal(inWords(await scanner.scan({ fd: 1_000_000 })), 'unscanned unreadable')
  await assert.rejects(scanner.scan({ bytes: eicar() }, { limits: { maxDepth: -1 } }), {
    code: 'limit-out-of-bounds',
  })
})

test('a device, and a pseudo-file that states no size but has content, are not clean', async (context) => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const device = openSync('/dev/null', 'r')
  assert.equal(inWords(await scanner.scan({ fd: device })), 'unscanned unreadable')
  closeSync(device)
  if (!existsSync('/proc/self/status')) return context.skip('this system has no /proc')
  const pseudo = openSync('/proc/self/status', 'r')
  assert.equal(inWords(await scanner.scan({ fd: pseudo })), 'unscanned unreadable')
  closeSync(pseudo)
})

test('a file longer than its limit is not read and not clean', async () => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const result = await scanner.scan({ bytes: eicar() }, { limits: { maxFileBytes: 10 } })
  assert.equal(inWords(result), 'unscanned too-large')
  assert.equal(result.bytesRead, 0)
})

test('a scan ends at its time limit and says how far it came', async () => {
  using folder = temporaryFolder()
  await using scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const { fd, path } = folder.file(Buffer.alloc(0))
  truncateSync(path, 4_000_000_000)
  const result = await scanner.scan({ fd }, { limits: { timeLimitMilliseconds: 30 } })
  assert.equal(inWords(result), 'unscanned timed-out')
  assert.ok(result.bytesRead < result.bytes)
})

test('an aborted scan ends as cancelled while its worker lives on', async () => {
  using folder = temporaryFolder()
  const lost: string[] = []
  await using scanner = await Scanner.start({
    definitions: testDefinitions(),
    workers: 1,
    onWorkerLost: (cause) => lost.push(cause),
  })
  const { fd, path } = folder.file(Buffer.alloc(0))
  truncateSync(path, 4_000_000_000)
  const controller = new AbortController()
  const scan = scanner.scan({ fd }, { signal: controller.signal })
  setTimeout(() => controller.abort(), 30)
  assert.equal(inWords(await scan), 'unscanned cancelled')
  assert.equal(inWords(await scanner.scan({ bytes: eicar() })), EICAR)
  assert.deepEqual(lost, [])
})

test('definitions are swapped between scans: those in flight keep theirs, later ones use the new', async () => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(1) })
  const bytes = Buffer.concat([randomBytes(3, 20_000), Buffer.from(MARKER)])
  const early = Array.from({ length: 200 }, () => scanner.scan({ bytes }))
  const info = await scanner.swap(testDefinitions(2))
  assert.equal(info.version, 'test-2')
  assert.equal(scanner.definitions.version, 'test-2')
  for (const result of await Promise.all(early)) {
    const expected = result.definitionsVersion === 'test-1' ? 'clean' : 'infected Test.Marker'
    assert.equal(inWords(result), expected)
  }
  const late = await scanner.scan({ bytes })
  assert.equal(late.definitionsVersion, 'test-2')
  assert.equal(inWords(late), 'infected Test.Marker')
})

test('definitions that are damaged or flag harmless content are refused, and the old set stays', async () => {
  await using scanner = await Scanner.start({ definitions: testDefinitions(1), workers: 1 })
  const damaged = testDefinitions(2).slice()
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
  const refused = { code: 'definitions-refused' }
  await assert.rejects(scanner.swap(damaged), refused)
  await assert.rejects(scanner.swap(damaged.subarray(0, 20)), refused)
  await assert.rejects(scanner.swap(new Uint8Array(0)), refused)
  await assert.rejects(Scanner.start({ definitions: damaged }), refused)
  assert.equal(scanner.definitions.version, 'test-1')
  assert.equal(inWords(await scanner.scan({ bytes: eicar() })), EICAR)
})

test('a closed scanner refuses scans, and closing cancels those that run', async () => {
  const scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
  const scans = Array.from({ length: 5 }, () => scanner.scan({ bytes: randomBytes(1, 1_000_000) }))
  await scanner[Symbol.asyncDispose]()
  const ended = (await Promise.all(scans)).map(inWords)
  for (const words of ended) assert.match(words, /^(clean|unscanned cancelled)$/)
  assert.equal(ended.at(-1), 'unscanned cancelled')
  await assert.rejects(scanner.scan({ bytes: eicar() }), { code: 'scanner-closed' })
})

test('definitions in a file are used from there, and one that was damaged gives no verdict of clean', async () => {
  using folder = temporaryFolder()
  const open = (bytes: Uint8Array) => ({ fd: openSync(folder.file(bytes).path, 'r') })
  await using scanner = await Scanner.start({ definitions: open(testDefinitions(1)), workers: 1 })
  assert.equal(inWords(await scanner.scan({ bytes: eicar() })), EICAR)
  const damaged = testDefinitions(2).slice()
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
  const input = open(damaged)
  await scanner.swap(input)
  const { verdict } = await scanner.scan({ bytes: eicar() })
  assert.equal(verdict.outcome, 'unscanned')
  assert.match(JSON.stringify(verdict), /not those that were compiled/)
  const cut = open(damaged.subarray(0, 700))
  await assert.rejects(scanner.swap(cut), { code: 'definitions-refused' })
  assert.throws(() => fstatSync(cut.fd), { code: 'EBADF' })
})
