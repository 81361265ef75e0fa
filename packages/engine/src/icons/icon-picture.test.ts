/** Icons as they stand in programs: what is read of them, and that lies lead nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { readPe } from '../structure/pe.ts'
import { describeIcon } from './icon-description.ts'
import { readIcon } from './icon-picture.ts'
import { depths, type IconItem, iconProgram, makeIcon, randomIcon } from './icon-programs.fixture.ts'
import { scaleIcon } from './icon-scaling.ts'

const red: IconItem = {
  width: 16,
  height: 16,
  depth: 32,
  palette: [],
  pixel: (x, y) => (x === 3 && y === 2 ? [255, 0, 0, 255] : [0, 0, 255, 128]),
  isMasked: () => false,
}

function pixelAt(icon: Buffer, x: number, y: number): number[] {
  const picture = readIcon(bytesSource(icon), 0)
  const at = ((picture?.width ?? 0) * y + x) * 3
  return [...(picture?.pixels.subarray(at, at + 3) ?? [])]
}

test('pixels are put on white by their opacity, or by the mask where there is none', () => {
  const icon = makeIcon(red)
  assert.deepEqual(pixelAt(icon, 3, 2), [255, 0, 0])
  assert.deepEqual(pixelAt(icon, 2, 3), [127, 127, 255])
  const masked = { ...red, isMasked: (x: number) => x === 3 }
  assert.deepEqual(pixelAt(makeIcon({ ...masked, depth: 24 }), 3, 2), [255, 255, 255])
  assert.deepEqual(pixelAt(makeIcon({ ...masked, depth: 24 }), 2, 3), [0, 0, 255])
  const invisible = { ...masked, pixel: () => [1, 2, 3, 0] as const }
  assert.deepEqual(
    [2, 3].map((x) => pixelAt(makeIcon(invisible), x, 0)),
    [
      [1, 2, 3],
      [255, 255, 255],
    ],
  )
  const withoutMask = makeIcon(invisible).subarray(0, -64)
  assert.deepEqual(pixelAt(withoutMask, 3, 0), [1, 2, 3])
})

test('an icon that is not whole, of an unknown depth, too small, too large or not square is none', () => {
  const icon = (item: Partial<IconItem>) => readIcon(bytesSource(makeIcon({ ...red, ...item })), 0)
  for (const [width, height] of [
    [15, 16],
    [257, 256],
    [16, 23],
    [44, 32],
    [135, 100],
  ] as const)
    assert.equal(icon({ width, height }), undefined)
  for (const [width, height] of [
    [16, 22],
    [43, 32],
    [134, 100],
    [256, 256],
  ] as const)
    assert.notEqual(icon({ width, height }), undefined)
  for (const depth of depths) {
    const whole = makeIcon({ ...red, depth, palette: Array(2 ** Math.min(8, depth)).fill([1, 2, 3]) })
    assert.notEqual(readIcon(bytesSource(whole), 0), undefined)
    const short = whole.subarray(0, depth === 32 ? -65 : -1)
    assert.equal(readIcon(bytesSource(short), 0), undefined)
    whole.writeUInt16LE(depth + 1, 14)
    assert.equal(readIcon(bytesSource(whole), 0), undefined)
  }
  const long = makeIcon(red)
  long.writeUInt32LE(0xfffffff0, 0)
  assert.equal(readIcon(bytesSource(long), 0), undefined)
})

test('icons in damaged programs throw nothing', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 300; round += 1) {
    const program = iconProgram([16, 32].map((side) => makeIcon(randomIcon(random, side, side))))
    for (let lies = 1 + random.whole(6); lies > 0; lies -= 1)
      program[random.chance(0.7) ? 0x80 + random.whole(0x500) : random.whole(program.length)] = random.pick([
        0,
        1,
        255,
        random.whole(256),
      ])
    const source = bytesSource(
      program.subarray(0, random.chance(0.3) ? random.whole(program.length) : program.length),
    )
    for (const place of readPe(source)?.iconPlaces() ?? []) {
      const picture = readIcon(source, place)
      const scaled = picture && scaleIcon(picture)
      if (scaled !== undefined) assert.ok(describeIcon(scaled).coloured <= 100)
    }
  }
})
