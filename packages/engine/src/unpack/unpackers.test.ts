import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { inWords, scanHere } from '../scanner.fixture.ts'
import {
  eicar,
  makeGzip,
  makeTar,
  makeZip,
  randomBytes,
  randomText,
  tarHeader,
  withChecksum,
} from './archives.fixture.ts'

const EICAR = 'infected Eicar-Test-Signature'
const zeros = (length: number) => Buffer.alloc(length)
const words = async (...parameters: [bytes: Uint8Array, limits?: Parameters<typeof scanHere>[1]]) =>
  inWords(await scanHere({ bytes: parameters[0] }, parameters[1]))

test('EICAR is found in a zip in a tar in a gzip, under its path', async () => {
  const zip = makeZip([{ name: 'dir/c.com', data: eicar() }])
  const tar = await makeTar([
    { name: 'a.txt', data: Buffer.from('a') },
    { name: 'b.zip', data: zip },
  ])
  assert.equal(await words(makeGzip(tar)), `${EICAR}@content/b.zip/dir/c.com`)
})

test('deflated entries are found under their name', async () => {
  const big = Buffer.concat([randomText(1, 500_000), eicar()])
  const archive = makeZip([
    { name: 'clean', data: Buffer.from('clean') },
    { name: 'empty', data: zeros(0) },
    { name: 'small', data: eicar() },
    { name: 'big', data: big },
  ])
  assert.equal(await words(archive), `${EICAR}@small, ${EICAR}@big`)
})

test('a stored entry is found both in the archive itself and under its name', async () => {
  const archive = makeZip([{ name: 'e', data: eicar(), stored: true }])
  assert.equal(await words(archive), `${EICAR}, ${EICAR}@e`)
})

test('a zip with a prefix, a comment, zip64 records or bytes behind it is opened', async () => {
  const items = [{ name: 'e', data: eicar() }]
  const prefix = Buffer.from('#!/bin/sh\nexec unzip "$0"\n')
  for (const options of [
    { prefix },
    { comment: 'c'.repeat(5000) },
    { zip64: true },
    { prefix, zip64: true },
  ]) {
    assert.equal(await words(makeZip(items, options)), `${EICAR}@e`, JSON.stringify(options))
  }
  assert.equal(await words(Buffer.concat([makeZip(items), Buffer.from('behind')])), `${EICAR}@e`)
  assert.equal(
    await words(makeZip(items, { prefix: makeGzip(prefix) })),
    `${EICAR}@e, unscanned damaged@content`,
  )
})

test('a program that holds the end record as a string is no archive', async () => {
  const string = Buffer.from('PK\x05\x06', 'latin1')
  assert.equal(await words(Buffer.concat([Buffer.from('\x7fELF'), string, zeros(100)])), 'clean')
  assert.equal(await words(Buffer.concat([Buffer.from('\x7fELF'), string, randomBytes(4, 100)])), 'clean')
  assert.equal(await words(makeZip([])), 'clean')
})

test('an encrypted entry and an unknown method are unscanned, and their neighbours are scanned', async () => {
  const archive = makeZip([
    { name: 'secret', data: Buffer.from('secret'), encrypted: true },
    { name: 'new', data: Buffer.from('new'), method: 77 },
    { name: 'e', data: eicar() },
  ])
  assert.equal(await words(archive), `${EICAR}@e, unscanned encrypted@secret, unscanned unsupported@new`)
})

test('entries beyond the stated count are not passed over', async () => {
  const archive = makeZip([
    { name: 'a', data: Buffer.from('a') },
    { name: 'e', data: eicar() },
  ])
  for (const stated of [0, 1]) {
    archive.writeUInt16LE(stated, archive.length - 12)
    assert.equal(await words(archive), 'unscanned damaged', `${stated}`)
  }
})

test('a broken entry keeps what came before the break and does not hide its neighbours', async () => {
  const content = Buffer.concat([eicar(), randomText(9, 300_000)])
  const compressed = deflateRawSync(content)
  const archive = makeZip([
    { name: 'cut', data: content, compressed: compressed.subarray(0, compressed.length - 1000) },
    { name: 'e', data: eicar() },
  ])
  assert.equal(await words(archive), `${EICAR}@cut, ${EICAR}@e, unscanned damaged@cut`)
})

test('a gzip of several members is one content, wherever their borders fall', async () => {
  const half = 34
  for (const before of [0, 1, 65_000, 65_518, 65_519, 65_520, 65_535, 65_536]) {
    const first = makeGzip(Buffer.concat([randomBytes(before + 1, before), eicar().subarray(0, half)]))
    const members = Buffer.concat([first, makeGzip(eicar().subarray(half)), makeGzip(zeros(0))])
    assert.equal(await words(members), `${EICAR}@content`, `${before}`)
  }
})

test('a gzip names its content as its header does', async () => {
  const plain = makeGzip(eicar())
  const header = Buffer.from(plain.subarray(0, 10))
  header[3] = 8
  const named = Buffer.concat([header, Buffer.from('e\n.com\0', 'latin1'), plain.subarray(10)])
  assert.equal(await words(named), `${EICAR}@e\ufffd.com`)
})

test('truncated archives are damaged, and what remains of them is scanned', async () => {
  const filler = randomText(5, 100_000)
  const cut = (whole: Buffer) => whole.subarray(0, whole.length - 20_000)
  const tar = await makeTar([
    { name: 'e', data: eicar() },
    { name: 'filler', data: filler },
  ])
  const damagedTar = 'unscanned damaged@filler, unscanned damaged'
  assert.equal(await words(cut(tar)), `${EICAR}, ${EICAR}@e, ${damagedTar}`)
  const gzip = makeGzip(Buffer.concat([eicar(), filler]))
  assert.equal(await words(cut(gzip)), `${EICAR}@content, unscanned damaged@content`)
  const tarGzip = makeGzip(tar)
  assert.equal(await words(cut(tarGzip)), `${EICAR}@content, ${EICAR}@content/e, unscanned damaged@content`)
  const zip = makeZip([
    { name: 'e', data: eicar() },
    { name: 'filler', data: filler },
  ])
  assert.equal(await words(cut(zip)), 'unscanned damaged')
})

test('a bomb of highly compressed bytes is told, in bounded memory, and the bytes before the limit are scanned', async () => {
  // 2 GB of zeros in some 2 MB, as many gzip members; and the same as one zip entry of 1 GB.
  const member = makeGzip(zeros(64_000_000))
  const bomb = Buffer.concat([makeGzip(eicar()), ...Array.from({ length: 32 }, () => member)])
  const before = process.memoryUsage().arrayBuffers
  assert.equal(await words(bomb), `${EICAR}@content, unscanned compression-ratio@content`)
  assert.equal(await words(bomb, { maxRatio: 100_000 }), `${EICAR}@content, unscanned too-large@content`)
  assert.ok(process.memoryUsage().arrayBuffers - before < 600_000_000)
})

test('bytes decompressed from many entries count together', async () => {
  const items = Array.from({ length: 20 }, (_, index) => ({
    name: `${index}`,
    data: randomBytes(index + 1, 60_000),
  }))
  const total = await words(makeZip([{ name: 'e', data: eicar() }, ...items]), {
    maxTotalContentBytes: 1_000_000,
  })
  assert.match(total, new RegExp(`^${EICAR}@e, unscanned budget-exceeded`))
})

test('entries that share their bytes are a bomb', async () => {
  const compressed = deflateRawSync(zeros(5_000_000))
  const items = Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, data: zeros(0), compressed }))
  assert.equal(await words(makeZip(items, { overlapping: true })), 'unscanned damaged')
})

test('containers are opened to the limit of depth and no deeper', async () => {
  let nested = eicar()
  for (let depth = 0; depth < 5; depth += 1) nested = makeZip([{ name: `${depth}`, data: nested }])
  assert.equal(await words(nested, { maxDepth: 5 }), `${EICAR}@4/3/2/1/0`)
  assert.equal(await words(nested, { maxDepth: 4 }), 'unscanned too-deep@4/3/2/1')
  assert.equal(await words(nested, { maxDepth: 0 }), 'unscanned too-deep')
})

test('a tar directory that states a size, as only hostile ones do, does not stop the scan', async () => {
  const tar = await makeTar([{ name: 'e', data: eicar() }])
  const directory = tarHeader({ typeflag: '5', size: 512 })
  assert.equal(await words(Buffer.concat([directory, tar])), `${EICAR}, ${EICAR}@e`)
})

test('a tar header with an impossible size is damage', async () => {
  for (const size of [Number.MAX_SAFE_INTEGER, 2 ** 33]) {
    assert.equal(await words(tarHeader({ typeflag: '0', size })), 'unscanned damaged@x, unscanned damaged')
  }
  const negative = tarHeader({ typeflag: '0', size: 0 })
  negative.fill(0xff, 124, 135)
  assert.equal(await words(withChecksum(negative)), 'unscanned damaged')
})

test('a tar header whose size is no number of any kind is damage, and does not stop the scan', async () => {
  // The first byte says that a number in base 256 follows, and is neither of the two that may (found by fuzzing).
  const header = tarHeader({ typeflag: '0', size: 0 })
  header[124] = 0xca
  assert.equal(await words(Buffer.concat([withChecksum(header), zeros(1024)])), 'unscanned damaged')
})

test('an archive with more entries than the limit is not scanned to its end', async () => {
  const header = tarHeader({ typeflag: '0', size: 0 })
  const tar = Buffer.concat([...Array.from({ length: 100_001 }, () => header), zeros(1024)])
  assert.equal(await words(tar), 'unscanned too-many-entries')
  const zip = makeZip(Array.from({ length: 50 }, (_, index) => ({ name: `${index}`, data: eicar() })))
  assert.match(await words(zip, { maxEntries: 10 }), /@9, unscanned too-many-entries$/)
})

test('mutated archives give a verdict, whatever was changed in them', async () => {
  const tar = await makeTar([
    { name: 'a', data: randomBytes(1, 700) },
    { name: 'long/'.repeat(40), data: eicar() },
  ])
  const items = [
    { name: 'a', data: randomBytes(2, 900) },
    { name: 'b', data: eicar() },
    { name: 'c', data: tar },
  ]
  const whole = [
    tar,
    makeGzip(tar),
    makeZip(items),
    makeZip(items, { zip64: true }),
    makeGzip(makeZip(items)),
  ]
  const limits = {
    maxContentBytes: 1_000_000,
    maxTotalContentBytes: 2_000_000,
    timeLimitMilliseconds: 20_000,
  }
  let seed = 1
  for (let round = 0; round < 600; round += 1) {
    for (const [kind, archive] of whole.entries()) {
      const changed = Buffer.from(archive)
      seed += 7919
      const random = randomBytes(seed, 64)
      for (let change = 0; change < 1 + (round % 8); change += 1) {
        const at = random.readUInt32LE(change * 8) % changed.length
        changed[at] = random[change * 8 + 4] ?? 0
      }
      const cutAt = round % 3 === 0 ? random.readUInt32LE(60) % changed.length : changed.length
      const verdict = await words(changed.subarray(0, cutAt), limits)
      assert.doesNotMatch(verdict, /crashed|timed-out/, `kind ${kind}, round ${round}, seed ${seed}`)
    }
  }
})
