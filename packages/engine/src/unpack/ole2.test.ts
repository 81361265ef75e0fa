import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { defaultLimits } from '../limits.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, randomBytes } from './archives.fixture.ts'
import { type MadeOle2, type MadeStream, makeOle2 } from './ole2.fixture.ts'
import { unpackOle2 } from './ole2.ts'

/** What comes out, each part as `name: bytes` or `name! reason`. */
async function partsOf(file: Uint8Array): Promise<Map<string, Buffer | string>> {
  const parts = new Map<string, Buffer | string>()
  for await (const part of unpackOle2(
    bytesSource(file),
    createBudget(defaultLimits, () => false),
  )) {
    if (part.kind === 'content') parts.set(part.label, Buffer.from(part.content.read(0, part.content.size)))
    if (part.kind !== 'empty' && part.shortfall !== undefined)
      parts.set(`${part.label ?? ''}!`, part.shortfall.reason)
  }
  return parts
}

const streams: readonly MadeStream[] = [
  { name: 'Small', data: Buffer.from('small stream') },
  { name: '\x01CompObj', data: randomBytes(1, 4095) },
  { name: 'Large', data: randomBytes(2, 4096) },
  { name: 'Larger', data: randomBytes(3, 100_001) },
  { name: 'Exact', data: randomBytes(4, 64) },
  { name: 'Empty', data: Buffer.alloc(0) },
]

const shapes: readonly MadeOle2[] = [
  {},
  { scattered: true },
  { sectorShift: 12 },
  { sectorShift: 12, scattered: true },
]

test('every stream comes out as it went in, scattered or not, with either length of sectors', async () => {
  for (const shape of shapes) {
    const parts = await partsOf(makeOle2(streams, shape))
    assert.deepEqual([...parts.keys()], ['Small', '\ufffdCompObj', 'Large', 'Larger', 'Exact'])
    for (const { name, data } of streams) {
      if (data.length > 0)
        assert.deepEqual(parts.get(name.replace('\x01', '\ufffd')), Buffer.from(data), name)
    }
  }
})

test('a chain that comes to the cut last sector and leads on breaks off there', async () => {
  // Found by fuzzing: what is missing was taken for the end of the stream, and the bytes between for what was read before.
  const data = randomBytes(6, 4608)
  const file = makeOle2([{ name: 'Large', data }])
  const sectors = file.length / 512 - 1
  // The table is the last sector; its copy behind it becomes the stream's second one, of which half is there.
  const table = Buffer.from(file.subarray(file.length - 512))
  table.writeUInt32LE(sectors, 0)
  table.writeUInt32LE(1, 4 * sectors)
  const cut = Buffer.concat([file.subarray(0, file.length - 512), table, Buffer.alloc(256, 'x')])
  const parts = await partsOf(cut)
  assert.deepEqual(parts.get('Large'), Buffer.concat([data.subarray(0, 512), Buffer.alloc(256, 'x')]))
  assert.equal(parts.get('Large!'), 'damaged')
})

test('a table with more sectors than the header lists goes on in a list of its own', async () => {
  const large = { name: 'Large', data: randomBytes(5, 7_200_000) }
  const file = makeOle2([large])
  const parts = await partsOf(file)
  assert.equal(Buffer.compare(parts.get('Large') as Buffer, large.data), 0)
})

test('streams are read in any order and from any place', async () => {
  const data = randomBytes(6, 20_000)
  const file = makeOle2([{ name: 'S', data }], { scattered: true })
  const random = seededRandom(1)
  for await (const part of unpackOle2(
    bytesSource(file),
    createBudget(defaultLimits, () => false),
  )) {
    assert.equal(part.kind, 'content')
    for (let round = 0; round < 500; round += 1) {
      const [offset, length] = [random.whole(21_000), random.whole(3000)]
      assert.deepEqual(
        part.kind === 'content' ? Buffer.from(part.content.read(offset, length)) : undefined,
        Buffer.from(data.subarray(offset, offset + length)),
      )
    }
  }
})

test('EICAR is found in a stream and signatures for documents in the file, and an encrypted package is said', async () => {
  const file = makeOle2([{ name: 'Doc', data: eicar() }])
  assert.equal(
    inWords(await scanHere({ bytes: file })),
    'infected Eicar-Test-Signature, infected Eicar-Test-Signature@Doc',
  )
  const { bytes: set } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [
      {
        name: 'set.ndb',
        text: ['Doc:2:*:', 'Text:7:*:']
          .map((head) => head + Buffer.from('words in it').toString('hex'))
          .join('\n'),
      },
    ],
  })
  const words = makeOle2([{ name: 'Doc', data: Buffer.from('words in it') }])
  assert.equal(
    inWords(await scanHere({ bytes: words }, {}, undefined, set)),
    'infected Doc, infected Text@Doc',
  )
  assert.equal(
    inWords(await scanHere({ bytes: Buffer.from('words in it') }, {}, undefined, set)),
    'infected Text',
  )
  const locked = makeOle2([{ name: 'EncryptedPackage', data: randomBytes(1, 5000) }])
  assert.equal(inWords(await scanHere({ bytes: locked })), 'unscanned encrypted@EncryptedPackage')
})

test('what breaks off is scanned as far as it goes, and said', async () => {
  const file = makeOle2([{ name: 'S', data: randomBytes(1, 50_000) }])
  const cut = await partsOf(
    makeOle2([{ name: 'S', data: randomBytes(1, 50_000) }], {
      spoil: (made) => made.writeUInt32LE(0xfffffffe, file.length - 512 + 40),
    }),
  )
  assert.deepEqual([...cut.keys()], ['S', 'S!'])
  assert.equal((cut.get('S') as Buffer).length, 11 * 512)
  assert.deepEqual([...(await partsOf(file.subarray(0, 300)))], [['!', 'damaged']])
  assert.deepEqual([...(await partsOf(Buffer.alloc(512)))], [['!', 'damaged']])
})

test('chains that run in circles, and streams that share their sectors, end', async () => {
  const endless = makeOle2([{ name: 'S', data: randomBytes(1, 50_000) }], {
    spoil: (file) => file.fill(0, file.length - 512),
  })
  assert.ok((await partsOf(endless)).size < 200)
  const many = Array.from({ length: 1000 }, (_, index) => ({ name: `S${index}`, data: randomBytes(1, 4096) }))
  const shared = makeOle2(many, {
    spoil: (file) => {
      for (let at = file.indexOf('R\0o\0o\0t\0', 0, 'latin1'); at + 128 <= file.length; at += 128) {
        if (file[at + 66] === 2) file.writeUInt32LE(0, at + 116)
        if (file[at + 66] === 2) file.writeUInt32LE(4_000_000, at + 120)
      }
    },
  })
  assert.deepEqual([...(await partsOf(shared)).values()].at(-1), 'damaged')
})

test('no spoiled file does more than break', async () => {
  const whole = makeOle2(streams, { scattered: true })
  const random = seededRandom(3)
  for (let round = 0; round < 300; round += 1) {
    const file = Buffer.from(
      whole.subarray(0, random.chance(0.2) ? random.whole(whole.length) : whole.length),
    )
    for (let count = 1 + random.whole(5); count > 0 && file.length > 600; count -= 1) {
      const places = [
        30,
        32,
        44,
        48,
        56,
        60,
        64,
        68,
        72,
        76,
        whole.length - 512 + 4 * random.whole(128),
        random.whole(file.length),
      ]
      const place = Math.min(file.length - 4, random.pick(places))
      file.writeUInt32LE(
        random.pick([0, 1, 2, 9, 0xff, 0xffff, 0x7fffffff, 0xfffffffe, 0xffffffff, random.whole(1000)]),
        place,
      )
    }
    await partsOf(file)
  }
})
