import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { compileDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { gifFile, jpegFile, pngFile, randomPicture } from './image-files.fixture.ts'
import { createImageHasher } from './image-hasher.ts'
import { openImageLibrary } from './image-library.ts'
import { type ImageKind, imageSize } from './image-size.ts'

const hasher = createImageHasher(openImageLibrary())
const hashOf = (kind: ImageKind, content: Uint8Array) => hasher.hash(kind, bytesSource(content), () => {})
const picture = randomPicture(seededRandom(1), 64, 48)
const png = pngFile(picture, { colourType: 2, depth: 8 })

/** 16 by 16, in steps, with a hash that clamscan 1.4.6 was asked for. */
const progressive = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//wgALCAAQABABAREA/8QAFwAAAwEAAAAAAAAAAAAAAAAAAQIDBf/aAAgBAQAAAAHIMl//xAAXEAEBAQEAAAAAAAAAAAAAAAABABES/9oACAEBAAEFAupltc//xAAVEAEBAAAAAAAAAAAAAAAAAAARIP/aAAgBAQAGPwIj/8QAGRAAAwEBAQAAAAAAAAAAAAAAAAERIUGB/9oACAEBAAE/IUngwrxltkJRVD//2gAIAQEAAAAQ3//EABkQAAMBAQEAAAAAAAAAAAAAAAERIQAxUf/aAAgBAQABPxCUpRZNwpFMRwFs6fM4eZo7/9k=',
  'base64',
)

function fuzzySet(hash: string, expression = '0', more = ''): Uint8Array {
  const text = `Test.Image;Engine:150-255,Target:5;${expression};fuzzy_img#${hash}#0${more}\n`
  const files = [{ name: 'test.ldb', text }]
  return compileDefinitions({ version: '1', createdAt: '2026-11-24T00:00:00Z', files }).bytes
}

/** A PNG whose header says something else. */
function resized(width: number, height: number): Buffer {
  const lying = Buffer.from(png)
  lying.writeUInt32BE(width, 16)
  lying.writeUInt32BE(height, 20)
  return lying
}

test('a progressive JPEG has the hash that stock computes', () => {
  assert.deepEqual(hashOf('jpeg', progressive), { kind: 'hash', hash: 'd48a41e5b7146ebc' })
})

test('what the decoder does not take has no hash, and the next image is decoded all the same', () => {
  const whole = hashOf('png', png)
  assert.equal(whole.kind, 'hash')
  for (const damaged of [
    png.subarray(0, png.length >> 1),
    png.subarray(0, 30),
    Buffer.from(png).fill(0, 41),
  ]) {
    assert.deepEqual(hashOf('png', damaged), { kind: 'none' })
    assert.deepEqual(hashOf('png', png), whole)
  }
})

test('of a damaged JPEG, of which stock shows a part, the hash is not known', async () => {
  const jpeg = jpegFile(picture, 80)
  const cut = jpeg.subarray(0, jpeg.length >> 1)
  assert.deepEqual({ ...hashOf('jpeg', cut), detail: '' }, { kind: 'unknown', reason: 'damaged', detail: '' })
  assert.deepEqual(hashOf('jpeg', jpeg.subarray(0, 20)), { kind: 'none' })
  const set = fuzzySet('0123456789abcdef')
  assert.equal(inWords(await scanHere({ bytes: cut }, {}, () => {}, set)), 'unscanned damaged')
})

test('an image that would take too much memory is not decoded, and what its header is lying about is not believed', () => {
  const before = process.memoryUsage().arrayBuffers
  for (const [width, height] of [
    [30_000, 30_000],
    [0x7fffffff, 0x7fffffff],
    [0xffffffff, 1],
  ] as const) {
    assert.equal(hashOf('png', resized(width, height)).kind, 'unknown')
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024)
  // It fits the bounds, and there is not as much in the file.
  assert.deepEqual(hashOf('png', resized(4000, 4000)), { kind: 'none' })
})

test('a frame of an animation that is larger than its screen counts', () => {
  const gif = gifFile([picture])
  const frame = 13 + 3 * 256
  const at = gif.indexOf(0x2c, frame)
  const lying = Buffer.from(gif)
  lying.writeUInt16LE(65_535, at + 5)
  lying.writeUInt16LE(65_535, at + 7)
  assert.equal(hashOf('gif', lying).kind, 'unknown')
})

test('a JPEG of very many scans is not decoded', () => {
  const jpeg = jpegFile(randomPicture(seededRandom(1), 1024, 1024), 50)
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]))
  const scans = Buffer.concat([jpeg, ...Array.from({ length: 600 }, () => jpeg.subarray(scan))])
  assert.equal(imageSize('jpeg', jpeg)?.passes, 1)
  // What stands behind the end of the image is none.
  assert.equal(imageSize('jpeg', scans)?.passes, 1)
  const ended = jpeg.subarray(0, -2)
  const many = Buffer.concat([ended, ...Array.from({ length: 600 }, () => ended.subarray(scan))])
  assert.equal(imageSize('jpeg', many)?.passes, 601)
  assert.equal(hashOf('jpeg', many).kind, 'unknown')
})

test('no header makes the reader of sizes fail', () => {
  const random = seededRandom(7)
  const files = {
    png,
    jpeg: jpegFile(picture, 80),
    gif: gifFile([picture]),
    bmp: Buffer.from('BM'),
    tiff: Buffer.from('II*\0'),
  }
  for (const [kind, content] of Object.entries(files)) {
    for (let round = 0; round < 500; round += 1) {
      const damaged = Buffer.concat([
        content.subarray(0, random.whole(100)),
        Buffer.alloc(random.whole(40), random.whole(256)),
      ])
      if (damaged.length > 0) damaged[random.whole(damaged.length)] = random.whole(256)
      imageSize(kind as ImageKind, damaged)
    }
  }
})

test('a signature finds an image by its hash, in a container too, and no other image', async () => {
  const hash = hashOf('png', png)
  assert.ok(hash.kind === 'hash')
  const set = fuzzySet(hash.hash)
  assert.equal(inWords(await scanHere({ bytes: png }, {}, () => {}, set)), 'infected Test.Image')
  assert.match(inWords(await scanHere({ bytes: gzipSync(png) }, {}, () => {}, set)), /^infected Test\.Image@/)
  const other = pngFile(randomPicture(seededRandom(2), 64, 48), { colourType: 2, depth: 8 })
  assert.equal(inWords(await scanHere({ bytes: other }, {}, () => {}, set)), 'clean')
})

test('an image that is too large to decode is unscanned only if a signature could come true by its hash', async () => {
  const large = resized(30_000, 30_000)
  const scan = (set: Uint8Array) => scanHere({ bytes: large }, {}, () => {}, set)
  assert.equal(inWords(await scan(fuzzySet('0123456789abcdef'))), 'unscanned too-large')
  assert.equal(
    inWords(await scan(fuzzySet('0123456789abcdef', '0&1', `;${Buffer.from('not there').toString('hex')}`))),
    'clean',
  )
  assert.equal(
    inWords(await scan(fuzzySet('0123456789abcdef', '0|1', `;${Buffer.from('IHDR').toString('hex')}`))),
    'infected Test.Image',
  )
})
