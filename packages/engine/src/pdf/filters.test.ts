import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, deflateSync } from 'node:zlib'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { type Decoded, decodeStream, type Filter } from './filters.ts'
import { encodeLzw, encoders, latin1 } from './pdf.fixture.ts'
import { isPossible, type Prediction, unpredicted } from './predictor.ts'

const named = (name: string, more: Partial<Filter> = {}): Filter => ({
  name,
  early: 1,
  prediction: undefined,
  ...more,
})

function decode(
  data: Uint8Array,
  filters: readonly Filter[],
  limits: Partial<Limits> = {},
): Promise<Decoded> {
  return decodeStream(
    bytesSource(data),
    filters,
    createBudget(resolveLimits(limits), () => false),
  )
}

function bytesIn({ content }: Decoded): Buffer {
  return Buffer.from(content.read(0, content.size))
}

/** Random bytes with repetitions in them. */
function samples(): Buffer[] {
  const random = seededRandom(7)
  return [0, 1, 2, 5, 300, 5000, 70_000].map((length) => {
    const kinds = 1 + random.whole(255)
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length; at += 1)
      bytes[at] = random.whole(4) === 0 ? (bytes[at - 1] ?? 0) : random.whole(kinds)
    return bytes
  })
}

test('what a filter wrote comes back, alone and in chains of three', async () => {
  const names = Object.keys(encoders)
  for (const data of samples().slice(1)) {
    for (const first of names) {
      assert.deepEqual(bytesIn(await decode(encoders[first]?.(data) ?? data, [named(first)])), data, first)
      for (const second of names) {
        const chain = ['RunLengthDecode', first, second]
        const written = chain.reduceRight((bytes, name) => encoders[name]?.(bytes) ?? bytes, data)
        const decoded = await decode(
          written,
          chain.map((name) => named(name)),
        )
        assert.equal(decoded.shortfall, undefined)
        assert.deepEqual(bytesIn(decoded), data, chain.join(' '))
      }
    }
  }
})

test('codes of LZW grow late where the stream says so', async () => {
  for (const data of samples().slice(1))
    assert.deepEqual(bytesIn(await decode(encodeLzw(data, 0), [named('LZWDecode', { early: 0 })])), data)
})

test('text filters pass over what is no digit and do not need their end', async () => {
  const data = latin1('some words to be found again')
  const spaced = (text: string) => latin1(text.replace(/(.{3})/g, '$1 \n'))
  const inHex = data.toString('hex')
  assert.deepEqual(bytesIn(await decode(spaced(inHex), [named('ASCIIHexDecode')])), data)
  const written = encoders.ASCII85Decode?.(data).toString('latin1') ?? ''
  assert.deepEqual(bytesIn(await decode(spaced(`<~${written}`), [named('ASCII85Decode')])), data)
  assert.deepEqual(bytesIn(await decode(latin1(written.slice(0, -2)), [named('ASCII85Decode')])), data)
})

test('a deflated stream counts as far as it goes, whatever stands around it', async () => {
  const data = Buffer.concat(samples())
  const whole = deflateSync(data)
  const flate = [named('FlateDecode')]
  const asReadersDo = [
    Buffer.concat([whole.subarray(0, -4), latin1('oops')]),
    Buffer.concat([whole, latin1('behind it')]),
    Buffer.concat([latin1('\r\n'), whole]),
    whole.subarray(2),
  ]
  for (const bytes of asReadersDo) {
    const decoded = await decode(bytes, flate)
    assert.equal(decoded.shortfall, undefined)
    assert.deepEqual(bytesIn(decoded), data)
  }
  const cut = await decode(whole.subarray(0, whole.length >> 1), flate)
  assert.equal(cut.shortfall, undefined)
  assert.ok(cut.content.size > 1000)
  assert.deepEqual(bytesIn(cut), data.subarray(0, cut.content.size))
})

test('of a damaged stream everything before the damage is there, and the damage is told', async () => {
  const words = latin1(
    Array.from({ length: 40_000 }, (_, index) => `word ${(index * 7919) % 1000}`).join(' '),
  )
  const begun = deflateSync(words, { finishFlush: constants.Z_SYNC_FLUSH })
  // A block of the type 3, which is none (RFC 1951, section 3.2.3).
  const decoded = await decode(Buffer.concat([begun, Buffer.alloc(50, 0x07)]), [named('FlateDecode')])
  assert.equal(decoded.shortfall?.reason, 'damaged')
  assert.deepEqual(bytesIn(decoded), words)
})

test('what is not written as its filter says is given as it is', async () => {
  const data = latin1('no zlib here, by any means')
  const decoded = await decode(data, [named('FlateDecode')])
  assert.equal(decoded.shortfall?.reason, 'damaged')
  assert.deepEqual(bytesIn(decoded), data)
})

test('filters of images are left on, and one that is not known is passed over and told', async () => {
  const data = latin1('an image, so to say')
  const jpeg = await decode(deflateSync(data), [
    named('FlateDecode'),
    named('DCTDecode'),
    named('FlateDecode'),
  ])
  assert.equal(jpeg.shortfall, undefined)
  assert.deepEqual(bytesIn(jpeg), data)
  const unknown = await decode(deflateSync(data), [named('Unheard'), named('FlateDecode')])
  assert.equal(unknown.shortfall?.reason, 'unsupported')
  assert.deepEqual(bytesIn(unknown), data)
})

test('limits hold in each step of a chain', async () => {
  const zeros = Buffer.alloc(40_000)
  for (const [name, encode] of Object.entries(encoders)) {
    const decoded = await decode(encode(zeros), [named(name)], { maxContentBytes: 10_000 })
    assert.equal(decoded.shortfall?.reason, 'too-large', name)
    assert.equal(decoded.content.size <= 10_000, true)
    const inTotal = await decode(encode(zeros), [named(name)], { maxTotalContentBytes: 10_000 })
    assert.equal(inTotal.shortfall?.reason, 'budget-exceeded', name)
  }
  const many = await decode(
    latin1('00'),
    Array.from({ length: 100 }, () => named('ASCIIHexDecode')),
  )
  assert.equal(many.shortfall?.reason, 'too-deep')
})

/** What each predictor was made from, computed sample by sample as the specifications say it. */
function predict(data: Buffer, filter: number, rowBytes: number, pixelBytes: number): Buffer {
  const out: number[] = []
  for (let row = 0; row * rowBytes < data.length; row += 1) {
    out.push(filter)
    for (let at = 0; at < rowBytes; at += 1) {
      const byte = (rows: number, columns: number) =>
        row < rows || at < columns ? 0 : (data[(row - rows) * rowBytes + at - columns] ?? 0)
      const [a, b, c] = [byte(0, pixelBytes), byte(1, 0), byte(1, pixelBytes)]
      const near = [a, b, c].sort((one, other) => Math.abs(a + b - c - one) - Math.abs(a + b - c - other))
      const guess = [0, a, b, Math.floor((a + b) / 2), near[0] ?? 0][filter] ?? 0
      out.push((byte(0, 0) - guess) & 255)
    }
  }
  return Buffer.from(out)
}

test('what was predicted comes back, for each filter of PNG and for TIFF', () => {
  const random = seededRandom(3)
  for (const [colours, bits, columns] of [
    [1, 8, 10],
    [3, 8, 7],
    [4, 16, 5],
    [1, 1, 40],
  ] as const) {
    const prediction: Prediction = { predictor: 12, colours, bits, columns }
    const rowBytes = Math.ceil((colours * bits * columns) / 8)
    const data = Buffer.from(Array.from({ length: rowBytes * 9 }, () => random.whole(256)))
    for (let filter = 0; filter < 5; filter += 1) {
      const written = predict(data, filter, rowBytes, Math.max(1, (colours * bits) >> 3))
      assert.deepEqual(Buffer.from(unpredicted(written, prediction, () => {})), data, `filter ${filter}`)
    }
  }
  const differences = Buffer.from([10, 20, 30, 1, 2, 3, 255, 255, 255, 5, 5, 5, 1, 1, 1, 0, 0, 0])
  const tiff = { predictor: 2, colours: 3, bits: 8, columns: 3 }
  assert.deepEqual(
    [...unpredicted(differences, tiff, () => {})],
    [10, 20, 30, 11, 22, 33, 10, 21, 32, 5, 5, 5, 6, 6, 6, 6, 6, 6],
  )
  const nibbles = { predictor: 2, colours: 1, bits: 4, columns: 4 }
  assert.deepEqual([...unpredicted(Buffer.from([0x11, 0x1f]), nibbles, () => {})], [0x12, 0x32])
})

test('a predictor that describes no rows is refused', () => {
  for (const columns of [0, 2 ** 40]) assert.ok(!isPossible({ predictor: 12, colours: 1, bits: 8, columns }))
  assert.ok(!isPossible({ predictor: 12, colours: 1, bits: 3, columns: 8 }))
})
