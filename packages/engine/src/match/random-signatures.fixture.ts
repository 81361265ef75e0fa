/**
 * Random body signatures and contents that come near to them, for tests beside an oracle: the same seed gives the same.
 * A content is made of pieces that would match, some of them spoiled, so that hits and near misses are both common.
 */

/** A small generator of numbers (mulberry32): the tests need the same sequence everywhere, not a good one. */
export interface Random {
  /** A whole number from 0 up to `below`. */
  whole(below: number): number
  pick<T>(items: readonly T[]): T
  chance(probability: number): boolean
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    whole: (below) => Math.floor(next() * below),
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    chance: (probability) => next() < probability,
  }
}

export interface RandomOptions {
  /** Bytes in use; few of them, so that things coincide. */
  readonly alphabet: string
  /** Fewest bytes of the fixed run that each part has near its beginning. */
  readonly leadBytes: number
  /**
   * Whether a part may also begin with what stock ClamAV gets wrong (docs of the test beside it): something else before
   * its fixed bytes, or a negated class, before which stock reads outside the content.
   */
  readonly oddStarts: boolean
  /** Highest number in a gap, offset or shift. */
  readonly farthest: number
}

/** Where a pattern has to begin, as numbers. */
interface Place {
  readonly kind: 'any' | 'start' | 'end'
  readonly distance: number
  readonly shift: number
}

/** A signature's offset and pattern, and one content that it was made to match, apart from the offset. */
export interface RandomSignature {
  readonly place: Place
  readonly offset: string
  readonly hex: string
  readonly example: Uint8Array
}

interface Piece {
  readonly hex: string
  readonly example: readonly number[]
}

function bytesOf(random: Random, alphabet: string, count: number): number[] {
  return Array.from({ length: count }, () => alphabet.charCodeAt(random.whole(alphabet.length)))
}

function hexOf(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString('hex')
}

/** One element within a part. */
function randomElement(random: Random, alphabet: string): Piece {
  const some = (count: number) => bytesOf(random, alphabet, count)
  const one = some(1)
  switch (random.whole(11)) {
    case 0:
      return { hex: '??', example: one }
    case 1:
      return { hex: `${hexOf(one)[0]}?`, example: one }
    case 2:
      return { hex: `?${hexOf(one)[1]}`, example: one }
    case 3: {
      const count = 1 + random.whole(5)
      return { hex: `{${count}}`, example: some(count) }
    }
    case 4: {
      const length = 1 + random.whole(3)
      const options = Array.from({ length: 1 + random.whole(3) }, () => some(length))
      return { hex: `(${options.map(hexOf).join('|')})`, example: random.pick(options) }
    }
    case 5: {
      const length = 1 + random.whole(2)
      const options = Array.from({ length: 1 + random.whole(3) }, () => some(length))
      return { hex: `!(${options.map(hexOf).join('|')})`, example: some(length) }
    }
    case 6: {
      const options = [some(1), some(2), some(3)]
      return { hex: `(${options.map(hexOf).join('|')})`, example: random.pick(options) }
    }
    case 7: {
      const [head = 0, middle = 0, tail = 0, other = 0] = some(4)
      const inner = `(${hexOf([middle])}|${hexOf([other, tail])})`
      const example = random.pick([[head, middle, tail], [head, other, tail, tail], [other]])
      return { hex: `(${hexOf([head])}${inner}${hexOf([tail])}|${hexOf([other])})`, example }
    }
    case 8: {
      const wild = [`${hexOf(one)}??`, `${hexOf(one)[0]}?`]
      return { hex: `(${wild.join('|')})`, example: random.pick([[...one, ...some(1)], one]) }
    }
    case 9: {
      const negated = random.chance(0.3) ? '!' : ''
      return { hex: `${negated}(${random.pick(['B', 'W'])})`, example: negated === '' ? [0x20] : one }
    }
    default: {
      const negated = random.chance(0.2) ? '!' : ''
      return { hex: `${negated}(L)`, example: negated === '' ? random.pick([[0x0a], [0x0d, 0x0a]]) : one }
    }
  }
}

/** What may stand outside a part and is looked at without being consumed: a class of bytes, or a byte at a distance. */
function randomEdge(
  random: Random,
  { alphabet, oddStarts }: RandomOptions,
  side: 'start' | 'end',
): Piece | undefined {
  if (random.chance(0.8)) return undefined
  if (random.chance(0.5)) {
    const negated = (side === 'end' || oddStarts) && random.chance(0.3) ? '!' : ''
    return { hex: `${negated}(${random.pick(['B', 'L', 'W'])})`, example: [] }
  }
  const byte = bytesOf(random, alphabet, 1)
  const low = random.whole(4)
  const between = bytesOf(random, alphabet, low)
  const range = random.chance(0.3) ? `[${low}]` : `[${low}-${low + random.whole(4)}]`
  return side === 'start'
    ? { hex: `${hexOf(byte)}${range}`, example: [...byte, ...between] }
    : { hex: `${range}${hexOf(byte)}`, example: [...between, ...byte] }
}

function randomPart(random: Random, options: RandomOptions): Piece {
  const { alphabet, leadBytes, oddStarts } = options
  const pieces: (Piece | undefined)[] = [randomEdge(random, options, 'start')]
  const literal = (count: number) => {
    const bytes = bytesOf(random, alphabet, count)
    pieces.push({ hex: hexOf(bytes), example: bytes })
  }
  for (let count = oddStarts && random.chance(0.3) ? 1 + random.whole(2) : 0; count > 0; count -= 1) {
    pieces.push(randomElement(random, alphabet))
  }
  literal(leadBytes + random.whole(10))
  for (let count = random.whole(4); count > 0; count -= 1) {
    pieces.push(randomElement(random, alphabet))
    if (random.chance(0.8)) literal(1 + random.whole(5))
  }
  pieces.push(randomEdge(random, options, 'end'))
  const known = pieces.filter((piece) => piece !== undefined)
  return { hex: known.map(({ hex }) => hex).join(''), example: known.flatMap(({ example }) => example) }
}

function randomGap(random: Random, { alphabet, farthest }: RandomOptions): Piece {
  const low = random.whole(farthest)
  const high = Math.max(1, low + random.whole(farthest))
  const filled = (count: number) => bytesOf(random, alphabet, count)
  switch (random.whole(5)) {
    case 0:
      return {
        hex: random.pick(['*', '*', '{0-0}', '{-0}', '{0}']),
        example: filled(random.whole(2 * farthest)),
      }
    case 1:
      return { hex: `{${low}-}`, example: filled(high) }
    case 2:
      return { hex: `{-${high}}`, example: filled(random.whole(high + 1)) }
    case 3:
      return { hex: `{${128 + low}}`, example: filled(128 + low) }
    default:
      return { hex: `{${low}-${high}}`, example: filled(low + random.whole(high - low + 1)) }
  }
}

function randomPlace(random: Random, farthest: number): Place {
  if (random.chance(0.6)) return { kind: 'any', distance: 0, shift: 0 }
  const kind = random.pick(['start', 'end'] as const)
  const shift = random.chance(0.6) ? random.whole(2 * farthest) : 0
  return { kind, distance: random.whole(4 * farthest), shift }
}

function offsetText({ kind, distance, shift }: Place): string {
  if (kind === 'any') return '*'
  return `${kind === 'end' ? 'EOF-' : ''}${distance}${shift === 0 ? '' : `,${shift}`}`
}

export function randomSignature(random: Random, options: RandomOptions): RandomSignature {
  const pieces = [randomPart(random, options)]
  while (random.chance(0.4) && pieces.length < 8)
    pieces.push(randomGap(random, options), randomPart(random, options))
  const place = randomPlace(random, options.farthest)
  return {
    place,
    offset: offsetText(place),
    hex: pieces.map(({ hex }) => hex).join(''),
    example: Uint8Array.from(pieces.flatMap(({ example }) => example)),
  }
}

/**
 * A content of about `length` bytes that holds examples of the signatures, some of them spoiled by one byte. Its first
 * example stands where its signature wants it from the start, its last where its signature wants it from the end.
 */
export function randomContent(
  random: Random,
  signatures: readonly RandomSignature[],
  length: number,
  { alphabet }: RandomOptions,
): Uint8Array {
  const filled = (count: number) => bytesOf(random, alphabet, Math.max(0, count))
  const exampleOf = ({ example }: RandomSignature): number[] => {
    const bytes = [...example]
    if (random.chance(0.3))
      bytes[random.whole(bytes.length)] = alphabet.charCodeAt(random.whole(alphabet.length))
    return bytes
  }
  const opening = random.pick(signatures)
  const closing = random.pick(signatures)
  const content =
    opening.place.kind === 'start' ? [...filled(placed(random, opening.place)), ...exampleOf(opening)] : []
  while (content.length < length && random.chance(0.8)) {
    content.push(...filled(random.whole(12)), ...exampleOf(random.pick(signatures)))
  }
  if (closing.place.kind === 'end') {
    const last = exampleOf(closing)
    const shift = random.whole(closing.place.shift + 1)
    content.push(...last, ...filled(closing.place.distance - shift - last.length))
  }
  return Uint8Array.from(content)
}

function placed(random: Random, { distance, shift }: Place): number {
  return distance + random.whole(shift + 1)
}
