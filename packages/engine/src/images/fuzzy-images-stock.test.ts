/**
 * Fuzzy hashes of images beside stock clamscan: what a signature with our hash finds there, and random logical signatures over such hashes.
 * JPEG is decoded otherwise there (zune-jpeg), so that a frequency near the median may fall on its other side: few may differ.
 * COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanHits, clamscanMissing } from '../match/clamscan.fixture.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { scanHere } from '../scanner.fixture.ts'
import {
  bmpFile,
  gifFile,
  jpegFile,
  type Picture,
  pngFile,
  randomPicture,
  tiffFile,
} from './image-files.fixture.ts'
import { createImageHasher } from './image-hasher.ts'
import { openImageLibrary } from './image-library.ts'
import type { ImageKind } from './image-size.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 4)
const hasher = createImageHasher(openImageLibrary())

type Form = readonly [name: string, kind: ImageKind, make: (picture: Picture, random: Random) => Uint8Array]

const pngForms = ([0, 2, 4, 6] as const).flatMap((colourType) =>
  [8, 16].flatMap((depth) => [false, true].map((interlaced) => ({ colourType, depth, interlaced }))),
)
const forms: readonly Form[] = [
  ...[
    ...pngForms,
    { colourType: 3 as const, depth: 8 },
    ...[1, 2, 4].map((depth) => ({ colourType: 0 as const, depth })),
  ].map((form): Form => [`png ${JSON.stringify(form)}`, 'png', (picture) => pngFile(picture, form)]),
  ['jpeg', 'jpeg', (picture, random) => jpegFile(picture, 30 + random.whole(70))],
  ['gif', 'gif', (picture) => gifFile([picture])],
  ['gif with a transparent colour', 'gif', (picture, random) => gifFile([picture], random.whole(256))],
  [
    'animated gif',
    'gif',
    (picture, random) => gifFile([picture, randomPicture(random, picture.width, picture.height)]),
  ],
  ['bmp', 'bmp', bmpFile],
  ['tiff', 'tiff', tiffFile],
]
/** Of an image of two or three rows most frequencies are equal but for their rounding. */
const lengths = [5, 7, 16, 31, 32, 33, 48, 100, 150]

function hashOf(kind: ImageKind, content: Uint8Array): string {
  const found = hasher.hash(kind, bytesSource(content), () => {})
  assert.equal(found.kind, 'hash')
  return found.kind === 'hash' ? found.hash : ''
}

test('an image has the fuzzy hash that stock clamscan computes', { skip: clamscanMissing }, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-stock-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const different: string[] = []
  let compared = 0
  let jpegs = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const images = forms.flatMap((form) =>
      [1, 2, 3].map(() => {
        const picture = randomPicture(
          random,
          random.pick(lengths),
          random.pick(lengths),
          random.pick([2, 8, 256]),
        )
        return { form, picture, content: form[2](picture, random) }
      }),
    )
    const lines = images.map(
      ({ form, content }, index) =>
        `S${index};Engine:150-255,Target:5;0;fuzzy_img#${hashOf(form[1], content)}#0`,
    )
    const theirs = clamscanHits(
      lines,
      images.map(({ content }) => content),
      join(folder, `${seed}`),
      'ldb',
    )
    images.forEach(({ form, picture }, index) => {
      compared += 1
      if (form[1] === 'jpeg') jpegs += 1
      if (theirs[index]?.includes(`S${index}`)) return
      different.push(`seed ${seed}: ${form[0]} of ${picture.width} by ${picture.height}`)
    })
  }
  context.diagnostic(`${compared} compared, ${different.length} different: ${different.join('; ')}`)
  const ofJpegs = different.filter((image) => image.includes('jpeg')).length
  assert.ok(different.length - ofJpegs <= compared / 100, different.join('\n'))
  assert.ok(ofJpegs <= jpegs / 5, different.join('\n'))
})

test('logical signatures over fuzzy hashes are found as stock clamscan finds them', {
  skip: clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-stock-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let compared = 0
  let both = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(1000 + seed)
    const contents = Array.from({ length: 8 }, (_, index) => {
      const content =
        index < 2
          ? Buffer.alloc(300, 'no image')
          : pngFile(randomPicture(random, 40, 30), { colourType: 2, depth: 8 })
      // The decoder gives up where an image ends early; what hangs behind one it does not see.
      return index === 7
        ? content.subarray(0, content.length >> 1)
        : Buffer.concat([content, Buffer.from(`tail ${index}`)])
    })
    const hashes = contents.slice(2, 7).map((content) => hashOf('png', content))
    const lines = Array.from({ length: 40 }, (_, index) => `S${index};${randomLine(random, hashes)}`)
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-24T00:00:00Z',
      files: [{ name: 'random.ldb', text: lines.join('\n') }],
    })
    assert.deepEqual(summary.refused, [])
    const theirs = clamscanHits(lines, contents, join(folder, `${seed}`), 'ldb')
    for (const [index, content] of contents.entries()) {
      const { verdict } = await scanHere({ bytes: content }, {}, () => {}, bytes)
      const ours = verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : []
      compared += lines.length
      both += ours.length
      assert.deepEqual([...ours].sort(), [...(theirs[index] ?? [])].sort(), `seed ${seed}, content ${index}`)
    }
  }
  context.diagnostic(`${compared} compared, ${both} found by both`)
  assert.ok(both > 20 * seeds, 'so little was found that this is no test')
})

/** A line without its name, of two to four sub-signatures, the first of which is a hash. */
function randomLine(random: Random, hashes: readonly string[]): string {
  const hash = () => `fuzzy_img#${random.chance(0.8) ? random.pick(hashes) : '0123456789abcdef'}#0`
  const text = () => Buffer.from(random.pick(['tail 2', 'tail', 'IHDR', 'no im', 'none'])).toString('hex')
  const regex = (count: number) =>
    `${random.whole(count)}/${random.pick(['tail [2-5]', 'IHDR', 'image', 'none'])}/`
  const subs = [hash()]
  for (let rest = 1 + random.whole(3); rest > 0; rest -= 1) {
    subs.push(random.pick([hash, text, text, () => regex(subs.length)])())
  }
  const operands = subs.map(
    (_, index) => `${index}${random.pick(['', '', '', '', '=0', '=1', '>1', '<1', '=2'])}`,
  )
  const group = `(${operands.join(random.pick(['&', '|']))})${random.pick(['', '', '>1', '>1,2', '=2', '=0'])}`
  return `Engine:150-255,Target:${random.pick([0, 5])};${group};${subs.join(';')}`
}
