/** Changes inputs at random: the same random numbers give the same changes. */
import type { Random } from '../../packages/engine/src/match/random-signatures.fixture.ts'

export interface MutationSources {
  readonly random: Random
  /** What has been kept so far, for splices. */
  readonly corpus: readonly Uint8Array[]
  readonly words: readonly Uint8Array[]
  readonly longest: number
}

/** Where numbers go wrong. */
const numbers = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
]
const digits = [
  '0',
  '1',
  '-1',
  '255',
  '65536',
  '2147483647',
  '4294967295',
  '4294967296',
  '99999999999999999999',
]

type Change = (input: Buffer, sources: MutationSources) => Buffer

/** One to sixteen changes to `input`, fewer more often. */
export function mutate(input: Uint8Array, sources: MutationSources): Buffer {
  const { random, longest } = sources
  let changed: Buffer = Buffer.from(input)
  for (let left = 2 ** random.whole(5); left > 0; left -= 1)
    changed = random.pick(changed.length === 0 ? beginnings : changes)(changed, sources)
  return changed.subarray(0, longest)
}

const setByte: Change = (input, { random }) => {
  input[random.whole(input.length)] = random.whole(256)
  return input
}

const flipBit: Change = (input, { random }) => {
  const at = random.whole(input.length)
  input[at] = (input[at] as number) ^ (1 << random.whole(8))
  return input
}

/** A number of one to four bytes, in either order, is set or moved a little. */
const setNumber: Change = (input, { random }) => {
  const length = random.pick([1, 2, 3, 4])
  if (input.length < length) return input
  const at = random.whole(input.length - length + 1)
  const isLittle = random.chance(0.5)
  const old = isLittle ? input.readUIntLE(at, length) : input.readUIntBE(at, length)
  const near = old + random.whole(33) - 16
  const chosen = random.chance(0.2)
    ? random.pick([input.length, input.length - at, at])
    : random.pick(numbers)
  const mask = 2 ** (8 * length)
  const value = (((random.chance(0.5) ? chosen : near) % mask) + mask) % mask
  if (isLittle) input.writeUIntLE(value, at, length)
  else input.writeUIntBE(value, at, length)
  return input
}

const cut: Change = (input, { random }) => input.subarray(0, random.whole(input.length + 1))

const remove: Change = (input, { random }) => {
  const at = random.whole(input.length)
  return Buffer.concat([input.subarray(0, at), input.subarray(at + lengthOf(random, input.length - at))])
}

const repeat: Change = (input, { random }) => {
  const at = random.whole(input.length)
  const piece = input.subarray(at, at + lengthOf(random, input.length - at))
  return insert(
    input,
    at,
    Buffer.concat(Array.from({ length: random.pick([1, 1, 1, 2, 7, 100]) }, () => piece)),
  )
}

const move: Change = (input, { random }) => {
  const from = random.whole(input.length)
  const piece = Buffer.from(input.subarray(from, from + lengthOf(random, input.length - from)))
  if (random.chance(0.5)) return insert(input, random.whole(input.length + 1), piece)
  piece.copy(input, random.whole(input.length))
  return input
}

const fill: Change = (input, { random }) => {
  const at = random.whole(input.length)
  return input.fill(
    random.pick([0, 0xff, 0x20, 0x41, random.whole(256)]),
    at,
    at + lengthOf(random, input.length - at),
  )
}

const putWord: Change = (input, { random, words }) => {
  if (words.length === 0) return input
  const word = Buffer.from(random.pick(words))
  const at = random.whole(input.length + 1)
  if (random.chance(0.5)) return insert(input, at, word)
  word.copy(input, at)
  return input
}

const putDigits: Change = (input, { random }) => {
  const places = [...input.toString('latin1').matchAll(/\d+/g)]
  if (places.length === 0) return input
  const place = random.pick(places)
  const number = Buffer.from(random.pick(digits))
  return Buffer.concat([
    input.subarray(0, place.index),
    number,
    input.subarray(place.index + place[0].length),
  ])
}

const splice: Change = (input, { random, corpus }) => {
  const other = corpus.length === 0 ? input : random.pick(corpus)
  const from = random.whole(other.length)
  const piece = other.subarray(
    from,
    random.chance(0.3) ? other.length : from + lengthOf(random, other.length - from),
  )
  const at = random.whole(input.length + 1)
  if (random.chance(0.5)) return insert(input, at, piece)
  return Buffer.concat([
    input.subarray(0, at),
    piece,
    random.chance(0.5) ? input.subarray(at + piece.length) : Buffer.alloc(0),
  ])
}

/** Small changes to what is there are the most fruitful. */
const changes: readonly Change[] = [
  setByte,
  setByte,
  flipBit,
  flipBit,
  setNumber,
  setNumber,
  setNumber,
  setNumber,
  putWord,
  putWord,
  putDigits,
  cut,
  remove,
  repeat,
  move,
  fill,
  splice,
  splice,
]

/** What can be done to nothing. */
const beginnings: readonly Change[] = [putWord, splice, (_, { random }) => Buffer.from([random.whole(256)])]

function insert(input: Buffer, at: number, piece: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at)])
}

/** Short pieces more often than long ones. */
function lengthOf(random: Random, most: number): number {
  return 1 + random.whole(Math.min(most, 2 ** random.whole(13)))
}
