/** Scans after signatures were added, with the real compiler and scanner: which files are read, against what, and what is found. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { defaultPolicy, type ScanFinding } from '@coreward/contracts'
import { compileWithAdditions, type FormerSets, type SignatureFile } from '@coreward/definitions'
import { pino } from 'pino'
import type { FileVerbs } from '../verbs/file-verbs.ts'
import { startTestHost, type TestHost } from './agent.fixture.ts'
import { chooseAdditions, openAdditions } from './definitions/additions.ts'
import { FatalFiles } from './scan/fatal-files.ts'
import { type KnownAdditions, KnownClean } from './scan/known-clean.ts'
import { Scans } from './scan/scans.ts'
import { Spool } from './spool/spool.ts'

const log = pino({ level: 'silent' })
const hex = (text: string) => Buffer.from(text).toString('hex')
const md5 = (content: Uint8Array | string) => createHash('md5').update(content).digest('hex')
const elf = (text: string) =>
  Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(60), Buffer.from(text)])
/** Found in no file: it has hashes of contents of these sizes computed, and normalised forms made. */
const base = [
  { name: 'base.hdb', text: `${'0'.repeat(32)}:*:Test.Any:73\n` },
  { name: 'base.ndb', text: `Test.Nothing:0:*:${hex('nothing of the kind')}\n` },
]
const forElf = { name: 'elf.ndb', text: `Test.Elf:6:*:${hex('marker for programs')}\n` }
const forText = { name: 'text.ndb', text: `Test.Text:7:*:${hex('marker for texts')}\n` }

interface UsedSet {
  readonly version: string
  readonly sha256: string
  readonly additions: KnownAdditions | undefined
}

let host: TestHost
let spool: Spool
let former: FormerSets | undefined
let set: UsedSet
let serial = 0
/** Files that were asked for, by what they were read against. */
let read: { all: string[]; additions: string[] }
let findings: ScanFinding[]

before(async () => {
  host = await startTestHost()
})
after(() => host[Symbol.asyncDispose]())
beforeEach(() => {
  former = undefined
  spool = new Spool(host.paths.agent.daemon.spool)
})
afterEach(() => {
  spool[Symbol.dispose]()
  const { knownClean, spool: file } = host.paths.agent.daemon
  for (const path of [knownClean, file, `${file}-wal`, `${file}-shm`]) rmSync(path, { force: true })
  rmSync(host.files, { recursive: true })
  mkdirSync(host.files)
})

test('a file is read against the additions when it is of a kind that they are for, and not at all otherwise', async () => {
  fill()
  write({ text: 'a text\n', program: elf('of some kind'), bad: elf('with a marker for programs') })
  await use(...base)
  assert.deepEqual(await scan(), { all: ['bad', 'program', 'text'], additions: [] })
  await use(...base, forElf)
  assert.deepEqual(await scan(), { all: ['bad'], additions: ['bad', 'program'] })
  assert.deepEqual(found(), ['bad: Test.Elf'])
  assert.deepEqual(await scan(), { all: ['bad'], additions: ['bad'] })
  await use(...base, forElf, forText)
  assert.deepEqual(await scan(), { all: ['bad'], additions: ['text'] })
  assert.deepEqual(found(), ['bad: Test.Elf'])
})

test('a hash that is added is answered from the hashes that are stored, and found', async () => {
  write({ one: 'one content', two: 'two content', packed: gzipSync('three content') })
  await use(...base)
  await scan()
  await use(...base, { name: 'new.hdb', text: `${md5('two content')}:11:Test.Two\n` })
  assert.deepEqual(await scan(), { all: ['two'], additions: ['packed', 'two'] })
  assert.deepEqual(found(), ['two: Test.Two'])
  const inner = { name: 'new.hdb', text: `${md5('three content')}:13:Test.Three\n` }
  await use(...base, inner)
  assert.deepEqual(await scan(), { all: ['packed'], additions: ['packed'] })
  assert.deepEqual(found(), ['packed: Test.Three'])
})

test('hashes of an algorithm that was not computed are not taken for others', async () => {
  write({ one: 'one content', other: 'another size' })
  await use({ name: 'base.ndb', text: base[1]?.text ?? '' })
  await scan()
  const sha256 = createHash('sha256').update('one content').digest('hex')
  await use(base[1] as SignatureFile, { name: 'new.hsb', text: `${sha256}:11:Test.One\n` })
  assert.deepEqual(await scan(), { all: ['one'], additions: ['one'] })
  assert.deepEqual(found(), ['one: Test.One'])
})

test('a file that was changed or put in place of another is read against everything', async () => {
  write({ old: elf('old content'), kept: elf('kept content') })
  await use(...base, forText)
  await scan()
  await use(...base, forText, forElf)
  write({ old: 'a marker for texts, in place of a program', fresh: elf('fresh') })
  assert.deepEqual(await scan(), { all: ['fresh', 'old'], additions: ['kept'] })
  assert.deepEqual(found(), ['old: Test.Text'])
})

test('a file that is replaced between the walk and its scan is not clean by the additions', async () => {
  write({ file: elf('harmless') })
  const marked = { name: 'mark.ndb', text: `Test.Mark:0:*:${hex('known for long')}\n` }
  await use(...base, marked)
  await scan()
  await use(...base, marked, forElf)
  // It is known for what it was; what is opened is what was found before by what is no addition.
  await scan({ beforeScan: () => write({ file: elf('known for long') }) })
  assert.deepEqual(read, { all: ['file'], additions: ['file'] })
  assert.deepEqual(found(), ['file: Test.Mark'])
})

test('where less is allowed than before every file is read again', async () => {
  write({ text: 'a text\n', allowed: 'marker for all, allowed' })
  const all = { name: 'all.ndb', text: `Test.All:0:*:${hex('marker for all')}\n` }
  await use(...base, all, { name: 'own.fp', text: `${md5('marker for all, allowed')}:23:Own\n` })
  await scan()
  assert.deepEqual(found(), [])
  await use(...base, all)
  assert.deepEqual(await scan(), { all: ['allowed', 'text'], additions: [] })
  assert.deepEqual(found(), ['allowed: Test.All'])
})

test('the summary tells what was answered, what was read against the additions, and a fresh scan reads everything', async () => {
  write({ text: 'a text\n', other: 'another text\n', program: elf('of some kind') })
  await use(...base)
  await scan()
  await use(...base, forElf)
  const { summary } = await scanned()
  const counts = [
    summary.filesScanned,
    summary.filesUnchanged,
    summary.filesAnswered,
    summary.filesAgainstAdditions,
  ]
  assert.deepEqual(counts, [3, 2, 2, 1])
  assert.equal(summary.bytesScanned, elf('of some kind').length)
  assert.deepEqual(await scan({ fresh: true }), { all: ['other', 'program', 'text'], additions: [] })
})

test('a scanner that has no additions, or others, gives verdicts of all signatures', async () => {
  fill()
  write({ text: 'a text\n', program: elf('of some kind') })
  await use(...base)
  await scan()
  await use(...base, forElf)
  await host.verbs.loadDefinitions(pathOf(set.sha256))
  assert.deepEqual(await scan(), { all: ['program'], additions: ['program'] })
  await use(...base, forElf, forText)
  assert.deepEqual(
    await scan(),
    { all: [], additions: ['text'] },
    'what was read against all is known on the new basis',
  )
})

function pathOf(name: string): string {
  return join(host.paths.agent.daemon.definitions, name)
}

/** Has the next set used, as the server compiles it and the daemon keeps it. */
async function use(...files: readonly SignatureFile[]): Promise<void> {
  serial += 1
  const input = { version: `test-${serial}`, createdAt: '2026-11-25T00:00:00Z', files }
  const compiled = compileWithAdditions(input, { former, program: 'test' })
  former = compiled.former
  const { sha256 } = compiled.summary
  writeFileSync(pathOf(sha256), compiled.bytes)
  const published = compiled.additions.map(({ version, since }) => ({
    version,
    since,
    target: 'definitions/any',
  }))
  const { cleanUnder } = new KnownClean(host.paths.agent.daemon.knownClean, log)
  const chosen = chooseAdditions({ additions: JSON.stringify(published) }, cleanUnder)
  const additions = compiled.additions.find(({ version }) => version === chosen?.version)
  if (additions === undefined) {
    await host.verbs.loadDefinitions(pathOf(sha256))
    set = { version: input.version, sha256, additions: undefined }
    return
  }
  const path = pathOf(`${sha256}.additions`)
  writeFileSync(path, additions.bytes)
  await host.verbs.loadDefinitions(pathOf(sha256), path)
  const { version, since } = additions
  set = { version: input.version, sha256, additions: { version, since, reach: openAdditions(path, version) } }
}

interface ScanWords {
  readonly fresh?: boolean
  readonly beforeScan?: () => void
}

/** Scans as after a start, from what is stored. */
async function scanned({ fresh = false, beforeScan }: ScanWords = {}) {
  read = { all: [], additions: [] }
  findings = []
  let isFirst = true
  const verbs: FileVerbs = {
    ...host.verbs,
    scan(paths, options, onAnswer) {
      if (isFirst) beforeScan?.()
      isFirst = false
      read[options.against ?? 'all'].push(...paths.map((path) => path.slice(host.files.length + 1)))
      return host.verbs.scan(paths, options, onAnswer)
    },
  }
  await using scans = new Scans({
    verbs,
    spool,
    log,
    paths: host.paths,
    kernelRelease: '6.1.0',
    agentId: () => spool.installationId,
    settings: () => structuredClone(defaultPolicy),
    ensureDefinitions: async () => set.version,
    knownClean: new KnownClean(host.paths.agent.daemon.knownClean, log, 0),
    fatalFiles: new FatalFiles(host.paths.agent.daemon.fatalFiles, log),
    basis: () => ({ definitions: set.sha256, rest: 'test', additions: () => set.additions }),
    extraQuickPaths: [],
    onProgress: () => {},
    onNews: () => {},
  })
  const listener = { onProgress: () => {}, onFinding: (finding: ScanFinding) => void findings.push(finding) }
  const request = { kind: 'custom' as const, paths: [host.files], fresh }
  const { finished } = await scans.start(request, 'command-line', { listener })
  const outcome = await finished
  assert.equal(outcome.state, 'completed')
  assert.deepEqual(outcome.summary.unscanned, {})
  return outcome
}

async function scan(words: ScanWords = {}): Promise<typeof read> {
  await scanned(words)
  const told = (names: readonly string[]) => names.filter((name) => !name.startsWith('filler')).toSorted()
  return { all: told(read.all), additions: told(read.additions) }
}

/** Files of a kind that nothing is for; they make what else is there a few of many. */
function fill(): void {
  for (let number = 0; number < 30; number += 1)
    write({ [`filler-${number}`]: Uint8Array.of(0, 1, 2, 3, number) })
}

function found(): string[] {
  return findings.flatMap((finding) =>
    finding.kind === 'detection'
      ? [`${finding.path.slice(host.files.length + 1)}: ${finding.signature}`]
      : [],
  )
}

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(host.files, name), content)
}
