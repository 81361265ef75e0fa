import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { identifyDisk } from '../disk-type.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeGzip, randomBytes } from './archives.fixture.ts'
import { makeAppleDisk, makeGptDisk, makeMbrDisk } from './disks.fixture.ts'

const found = 'infected Eicar-Test-Signature'
const packed = makeGzip(eicar())
const words = async (bytes: Uint8Array, limits = {}) => inWords(await scanHere({ bytes }, limits))

test('partitions of every kind of table are opened, logical ones too', async () => {
  const mbr = makeMbrDisk(randomBytes(1, 2000), packed)
  assert.equal(await words(mbr), `${found}@partition 2/content`)
  assert.equal(await words(makeGptDisk([randomBytes(1, 2000), packed])), `${found}@partition 2/content`)
  assert.equal(await words(makeAppleDisk(packed)), `${found}@partition 1/content`)
})

test('a chain of tables that leads back to itself ends', async () => {
  const loop = Buffer.alloc(512)
  for (const [place, value] of [
    [446 + 4, 5],
    [446 + 8, 1],
    [446 + 12, 9],
  ] as const)
    loop[place] = value
  const mbr = makeMbrDisk(packed, loop)
  // The chain's second table is the logical partition's first sector, which names itself as the next.
  const extended = (1 + Math.ceil(packed.length / 512)) * 512
  loop.copy(mbr, extended + 446 + 16, 446, 446 + 16)
  assert.match(await words(mbr), /Eicar-Test-Signature@partition 1\/content/)
})

test('a partition that the image does not hold is damaged, and what is there of it is scanned', async () => {
  const gpt = makeGptDisk([packed, randomBytes(1, 60_000)])
  assert.equal(
    await words(gpt.subarray(0, -40_000)),
    `${found}@partition 1/content, unscanned damaged@partition 2`,
  )
  const beyond = makeGptDisk([packed])
  beyond.fill(1, 1024 + 128, 1024 + 144)
  beyond.writeBigUInt64LE(1n << 40n, 1024 + 128 + 32)
  beyond.writeBigUInt64LE((1n << 40n) + 5n, 1024 + 128 + 40)
  assert.equal(await words(beyond), `${found}@partition 1/content, unscanned damaged@partition 2`)
  assert.equal(
    await words(makeGptDisk([packed, packed]), { maxEntries: 1 }),
    'unscanned too-many-entries@partition 1, unscanned too-many-entries',
  )
})

test('a boot sector by itself is the image of nothing', () => {
  const boot = makeMbrDisk(randomBytes(1, 600), randomBytes(2, 600)).subarray(0, 512)
  assert.equal(identifyDisk(bytesSource(boot)), undefined)
  const ntfs = Buffer.concat([Buffer.from('\xeb\x52\x90NTFS    \0', 'latin1'), Buffer.alloc(8180)])
  assert.equal(identifyDisk(bytesSource(ntfs)), undefined)
  assert.equal(identifyDisk(bytesSource(Buffer.concat([ntfs, Buffer.alloc(65536)]))), 'ntfs')
})
