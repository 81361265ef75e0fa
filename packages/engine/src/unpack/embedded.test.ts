/** Archives and programs inside other bytes; ClamAV's test files behind all kinds of contents, beside stock clamscan. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { makeElf } from '../structure/elf.fixture.ts'
import { makePe } from '../structure/pe.fixture.ts'
import { eicar, makeGzip, makeTar, makeZip, randomBytes } from './archives.fixture.ts'
import { compressBy, compressorsMissing } from './compressors.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'
import { makeRar5 } from './stored-archives.fixture.ts'

const EICAR = 'infected Eicar-Test-Signature'
const words = async (bytes: Uint8Array) => inWords(await scanHere({ bytes }))

const section = {
  virtualSize: 0x1000,
  rva: 0x1000,
  rawSize: 0x200,
  rawPointer: 0x400,
  data: Buffer.alloc(0x200),
}
const exe = makePe({ sections: [section] })
const elf = makeElf({ segments: [], sections: [] })
const script = Buffer.from(`#!/bin/sh\n${'tail -n +9 "$0" | tar x\n'.repeat(300)}exit 0\n`)

const carriers: Readonly<Record<string, Buffer>> = {
  data: Buffer.concat([Buffer.from([1, 2]), randomBytes(1, 300_001)]),
  program: exe,
  'program and zeros': Buffer.concat([exe, Buffer.alloc(1999)]),
  elf,
  text: Buffer.from('some text here\n'.repeat(500)),
  script,
  gif: Buffer.concat([Buffer.from('GIF89a'), randomBytes(2, 5000)]),
  jpeg: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), randomBytes(3, 5000)]),
  png: Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(4, 5000)]),
  pdf: Buffer.concat([Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nstream\n'), randomBytes(5, 5000)]),
  rtf: Buffer.from(`{\\rtf1 hello ${'x'.repeat(3000)}}`),
}

test('7z and RAR archives are found wherever they lie', async () => {
  const packed = makeGzip(eicar())
  const sevenZip = await packWithLibrary('a.7z', { 'bad.gz': packed })
  for (const [name, carrier] of Object.entries(carriers)) {
    for (const archive of [sevenZip, makeRar5('bad.gz', packed)]) {
      const bytes = Buffer.concat([carrier, archive])
      assert.match(await words(bytes), /Eicar-Test-Signature@bad\.gz\/content/, name)
    }
  }
})

test('an archive is found at every place of a window', async () => {
  const sevenZip = await packWithLibrary('a.7z', { bad: eicar() })
  for (let before = 262_144 - 40; before < 262_144 + 8; before += 1) {
    const bytes = Buffer.concat([randomBytes(9, before), sevenZip, randomBytes(8, 300_000)])
    bytes[0] = 1
    assert.match(await words(bytes), /Eicar-Test-Signature@bad/, `${before}`)
  }
})

test('what a script carries behind its text is opened', { skip: compressorsMissing }, async () => {
  const tar = await makeTar([{ name: 'e', data: makeZip([{ name: 'z', data: eicar() }]) }])
  for (const packed of [
    makeGzip(tar),
    compressBy('xz', tar),
    compressBy('bzip2', tar),
    compressBy('zstd', tar),
  ])
    assert.equal(await words(Buffer.concat([script, packed])), `${EICAR}@content/e/z`)
})

test('a program in a program is a content of its own, once however many there are', async () => {
  const inner = makePe({ sections: [{ ...section, data: Buffer.concat([eicar(), Buffer.alloc(400)]) }] })
  const found = await words(Buffer.concat([exe, inner]))
  assert.equal(found, `${EICAR}, ${EICAR}@program at ${exe.length}`)
  const many = Buffer.concat(Array.from({ length: 30 }, () => inner))
  assert.equal((await words(many)).split(', ').length, 9)
})

test('the first bytes of archives as strings make no archive of a program', async () => {
  const strings = [
    '7z\xbc\xaf\x27\x1c\0\x04',
    'Rar!\x1a\x07\0',
    'Rar!\x1a\x07\x01\0',
    'MSCF\0\0\0\0',
    '\x60\xea\x20\0',
    'MZ',
  ]
  const text = Buffer.from(strings.join('behind'.repeat(9)), 'latin1')
  for (const [name, carrier] of Object.entries(carriers))
    assert.equal(await words(Buffer.concat([carrier, text, randomBytes(6, 500)])), 'clean', name)
})

test('a content full of such strings is no lasting work', async () => {
  const mark = Buffer.from(`${'MZ'.padEnd(60, '\0')}@\0\0\0`, 'latin1')
  const found = await words(Buffer.concat([exe, ...Array.from({ length: 50_000 }, () => mark)]))
  assert.equal(found, 'unscanned budget-exceeded')
})

const folder = '/usr/share/clamav-testfiles'
const skip = clamscanMissing || (existsSync(folder) ? false : 'clamav-testfiles is not installed')

test('stock clamscan finds no archive behind other bytes that is not found', { skip }, async (context) => {
  const temporary = mkdtempSync(join(tmpdir(), 'coreward-embedded-'))
  context.after(() => rmSync(temporary, { recursive: true }))
  const line = 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n'
  writeFileSync(join(temporary, 'set.hdb'), line)
  const set = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'set.hdb', text: line }],
  }).bytes
  const ours: string[] = []
  const paths: string[] = []
  for (const archive of ['clam.zip', 'clam.7z', 'clam.cab', 'clam.arj', 'clam-nsis.exe', 'clam.exe']) {
    for (const [carrier, before] of Object.entries(carriers)) {
      const bytes = Buffer.concat([before, readFileSync(join(folder, archive))])
      const name = `${archive} behind ${carrier}`
      paths.push(join(temporary, name))
      writeFileSync(join(temporary, name), bytes)
      if (/infected/.test(inWords(await scanHere({ bytes }, {}, undefined, set)))) ours.push(name)
    }
  }
  const options = ['--no-summary', '--infected', `--database=${join(temporary, 'set.hdb')}`]
  const { stdout } = spawnSync('clamscan', [...options, ...paths], { encoding: 'utf8' })
  const theirs = [...stdout.matchAll(/\/([^/\n]+): ClamAV-Test-File\.UNOFFICIAL FOUND$/gm)].map(
    ([, name]) => name as string,
  )
  assert.ok(theirs.length > 40, `${theirs.length}`)
  assert.deepEqual(
    theirs.filter((name) => !ours.includes(name)),
    [],
  )
})
