import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { compileDefinitions, type SignatureFile, surfaceBits, targetBit } from '@coreward/definitions'
import { inWords, scanHere } from './scanner.fixture.ts'
import { makeZip } from './unpack/archives.fixture.ts'

const setOf = (...files: SignatureFile[]) =>
  compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files }).bytes
const patterns = { name: 'a.ndb', text: 'Test.Any:0:*:616263646566676869\n' }
const surfaceOf = async (content: Uint8Array, ...files: SignatureFile[]) => {
  const result = await scanHere({ bytes: content }, {}, undefined, setOf(patterns, ...files))
  assert.equal(inWords(result), 'clean')
  return result.surface
}
const bitsOf = (...targets: number[]) => targets.reduce((bits, target) => bits | targetBit(target), 0)

test('a text has the bits of its bytes and of its normalised form', async () => {
  assert.deepEqual(await surfaceOf(Buffer.from('some words\n')), { bits: bitsOf(0, 7) })
})

test('a page has the bits of its forms, and no hashes, since they are hashed too', async () => {
  const page = Buffer.from('<html><body><script>var a = 1</script></body></html>')
  const any = { name: 'a.hsb', text: `${'0'.repeat(64)}:*:Test.Sha256:73\n` }
  const surface = await surfaceOf(page, any)
  assert.deepEqual(surface, { bits: bitsOf(0, 3, 7) | surfaceBits.severalHashed })
})

test('an archive has the bits of what is in it, and tells of entries', async () => {
  const elf = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(60)])
  const surface = await surfaceOf(gzipSync(makeZip([{ name: 'program', data: elf }])))
  assert.deepEqual(surface, { bits: bitsOf(0, 6) | surfaceBits.entries | surfaceBits.severalHashed })
})

test('hashes that were computed anyway are told, and no others', async () => {
  const content = Buffer.alloc(1000, 7)
  const sizes = `${'0'.repeat(32)}:1000:Test.Md5\n`
  const surface = await surfaceOf(content, { name: 'a.hdb', text: sizes })
  const md5 = createHash('md5').update(content).digest('hex').slice(0, 16)
  assert.deepEqual(surface, { bits: targetBit(0), md5 })
})

test('without anything for normalised forms they may be there', async () => {
  const elf = { name: 'a.ndb', text: 'Test.Elf:6:*:616263646566676869\n' }
  const result = await scanHere({ bytes: Buffer.from('some words\n') }, {}, undefined, setOf(elf))
  assert.deepEqual(result.surface, { bits: bitsOf(0, 3, 7) | surfaceBits.severalHashed })
})

test('a content that a signature has scanned as another type is marked', async () => {
  const line =
    'Test.Handled;Engine:81-255,Target:0,Container:CL_TYPE_ANY,HandlerType:CL_TYPE_ELF;0;aabbccddee\n'
  const surface = await surfaceOf(Buffer.from('00aabbccddee00', 'hex'), { name: 'a.ldb', text: line })
  assert.deepEqual(surface, { bits: bitsOf(0, 6) | surfaceBits.handled | surfaceBits.severalHashed })
})

test('an empty file has nothing to touch, and one that is not clean tells nothing', async () => {
  assert.deepEqual(await surfaceOf(Buffer.alloc(0)), { bits: 0 })
  const found = await scanHere({ bytes: Buffer.from('xx abcdefghi') }, {}, undefined, setOf(patterns))
  assert.equal(found.surface, undefined)
})
