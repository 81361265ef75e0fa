/**
 * One part of a pattern against the bytes of a window: from a given start, all places where the part can end. The tables
 * were checked when the definitions were opened, so nothing is checked again here; the window holds what a part may reach.
 */
import {
  edges,
  element,
  elementCount,
  elementKind,
  elementKinds,
  elementLength,
  fringe,
  NONE,
  type PatternTables,
  POOL_MASK,
  part,
} from '@coreward/definitions'
import { isAlphanumeric, lowerCase, WORD_END, WORD_START, wordSides } from './character-classes.ts'
import type { ContentWindow } from './content-window.ts'

export class PartMatcher {
  /** Where the part that was matched last can end: places in the window, `endCount` of them, each once. */
  ends = new Int32Array(64)
  endCount = 0
  /** Steps taken so far, and how many may be: past that nothing matches any more. The caller's to set and to judge. */
  work = 0
  workLimit = 0
  readonly #tables: PatternTables
  readonly #window: ContentWindow
  #previous = new Int32Array(64)

  constructor(tables: PatternTables, window: ContentWindow) {
    this.#tables = tables
    this.#window = window
  }

  /** Matches part `index` from `start`, a place in the window. True when it can end somewhere. */
  match(index: number, start: number): boolean {
    const { parts, elements, fringes } = this.#tables
    const at = index * part.words
    this.work += 1
    this.ends[0] = start
    this.endCount = 1
    const first = parts[at + part.firstElement] as number
    // Behind the last part all elements are its own.
    const last = parts[at + part.words + part.firstElement] ?? elements.length / element.words
    for (let step = first; step < last && this.endCount > 0; step += 1) this.#advance(step * element.words)
    if (this.endCount === 0 || this.work > this.workLimit) return false
    const around = parts[at + part.fringe] as number
    return around === NONE || this.#fitsFringe(fringes, around * fringe.words, start)
  }

  /** What stands around the part that was matched from `start`: keeps the ends that it permits. */
  #fitsFringe(fringes: Uint32Array, at: number, start: number): boolean {
    const edgeBits = fringes[at + fringe.edges] as number
    if (edgeBits !== 0 && !this.#startsAtEdge(start, edgeBits)) return false
    const nearStart = fringes[at + fringe.nearStart] as number
    if (nearStart !== NONE && !this.#isNear(nearStart, start - 1, -1)) return false
    const nearEnd = fringes[at + fringe.nearEnd] as number
    if (edgeBits !== 0 || nearEnd !== NONE) {
      this.#keepEnds(
        (end) => this.#endsAtEdge(end, edgeBits) && (nearEnd === NONE || this.#isNear(nearEnd, end, 1)),
      )
    }
    return this.endCount > 0
  }

  /** Takes the element at `at` from every place reached so far. */
  #advance(at: number): void {
    const { elements } = this.#tables
    const data = elements[at + element.data] as number
    const packed = elements[at + element.packed] as number
    const kind = elementKind(packed)
    const length = elementLength(packed)
    const count = elementCount(packed)
    this.work += this.endCount
    switch (kind) {
      case elementKinds.literal:
        this.#move(length, (place) => this.#equals(data, place, length))
        break
      case elementKinds.folded:
        this.#move(length, (place) => this.#equalsFolded(data, place, length))
        break
      case elementKinds.masked:
        this.#move(length, (place) => this.#fits(data, data + length, place, length))
        break
      case elementKinds.oneOf:
        this.#move(length, (place) => this.#equalsAny(data, count, place, length))
        break
      case elementKinds.noneOf:
        this.#move(length, (place) => !this.#equalsAny(data, count, place, length))
        break
      case elementKinds.branch:
        this.#branch(data, count)
        break
      case elementKinds.line:
        this.#line()
        break
      case elementKinds.notLine:
        this.#move(1, (place) => this.#lineLength(place) === 0)
        break
      case elementKinds.word:
        this.#move(1, (place) => wordSides[this.#window.bytes[place] as number] !== 0)
        break
      case elementKinds.notWord:
        this.#move(1, (place) => wordSides[this.#window.bytes[place] as number] === 0)
        break
      case elementKinds.nonAlnum:
        this.#move(1, (place) => !isAlphanumeric(this.#window.bytes[place] as number))
        break
      default:
        this.#move(1, (place) => isAlphanumeric(this.#window.bytes[place] as number))
    }
  }

  /** Each place moves on by `length` bytes, if there are so many and they fit. */
  #move(length: number, fits: (place: number) => boolean): void {
    const limit = this.#window.length - length
    this.#keepEnds((place) => place <= limit && fits(place))
    for (let index = 0; index < this.endCount; index += 1)
      this.ends[index] = (this.ends[index] as number) + length
  }

  #keepEnds(keeps: (place: number) => boolean): void {
    let kept = 0
    for (let index = 0; index < this.endCount; index += 1) {
      const place = this.ends[index] as number
      if (keeps(place)) this.ends[kept++] = place
    }
    this.endCount = kept
  }

  #equals(data: number, place: number, length: number): boolean {
    const pool = this.#tables.bytes
    const { bytes } = this.#window
    for (let index = 0; index < length; index += 1) {
      if (((pool[data + index] as number) ^ POOL_MASK) !== bytes[place + index]) {
        this.work += index >> 3
        return false
      }
    }
    this.work += length >> 3
    return true
  }

  /** The pool holds lower case. */
  #equalsFolded(data: number, place: number, length: number): boolean {
    const pool = this.#tables.bytes
    const { bytes } = this.#window
    for (let index = 0; index < length; index += 1) {
      if (((pool[data + index] as number) ^ POOL_MASK) !== lowerCase[bytes[place + index] as number]) {
        this.work += index >> 3
        return false
      }
    }
    this.work += length >> 3
    return true
  }

  #fits(values: number, masks: number, place: number, length: number): boolean {
    const pool = this.#tables.bytes
    const { bytes } = this.#window
    for (let index = 0; index < length; index += 1) {
      const differing = (pool[values + index] as number) ^ POOL_MASK ^ (bytes[place + index] as number)
      if ((differing & ((pool[masks + index] as number) ^ POOL_MASK)) !== 0) return false
    }
    this.work += length >> 3
    return true
  }

  #equalsAny(data: number, count: number, place: number, length: number): boolean {
    for (let index = 0; index < count; index += 1) {
      this.work += 1
      if (this.#equals(data + index * length, place, length)) return true
    }
    return false
  }

  #branch(data: number, count: number): void {
    const pool = this.#tables.bytes
    this.#spread((place) => {
      let at = data
      for (let index = 0; index < count; index += 1) {
        const length = ((pool[at] as number) ^ POOL_MASK) | (((pool[at + 1] as number) ^ POOL_MASK) << 8)
        this.work += 1
        if (place + length <= this.#window.length && this.#fits(at + 2, at + 2 + length, place, length)) {
          this.#reach(place + length)
        }
        at += 2 + 2 * length
      }
    })
  }

  #line(): void {
    this.#spread((place) => {
      const length = this.#lineLength(place)
      if (length > 0) this.#reach(place + length)
    })
  }

  /** Bytes of the line's end that begins at `place`: 1 for LF, 2 for CRLF, 0 for none. */
  #lineLength(place: number): number {
    const { bytes, length } = this.#window
    if (place >= length) return 0
    if (bytes[place] === 0x0a) return 1
    return bytes[place] === 0x0d && place + 1 < length && bytes[place + 1] === 0x0a ? 2 : 0
  }

  #spread(from: (place: number) => void): void {
    const places = this.ends
    const count = this.endCount
    this.ends = this.#previous
    this.#previous = places
    this.endCount = 0
    for (let index = 0; index < count && this.work <= this.workLimit; index += 1)
      from(places[index] as number)
  }

  #reach(place: number): void {
    for (let index = 0; index < this.endCount; index += 1) if (this.ends[index] === place) return
    this.work += this.endCount
    if (this.endCount === this.ends.length) {
      const larger = new Int32Array(this.ends.length * 2)
      larger.set(this.ends)
      this.ends = larger
    }
    this.ends[this.endCount++] = place
  }

  #startsAtEdge(start: number, bits: number): boolean {
    const { bytes, base } = this.#window
    const first = base + start === 0
    const before = first ? 0 : (bytes[start - 1] as number)
    return (
      holds(
        bits,
        edges.startWord,
        edges.startWordNot,
        () => first || ((wordSides[before] as number) & WORD_START) !== 0,
      ) &&
      holds(bits, edges.startLine, edges.startLineNot, () => first || before === 0x0a) &&
      holds(bits, edges.startNonAlnum, edges.startNonAlnumNot, () => first || !isAlphanumeric(before)) &&
      ((bits & edges.startWideNonAlnum) === 0 || !this.#isWideAlphanumeric(start - 2))
    )
  }

  #endsAtEdge(end: number, bits: number): boolean {
    const { bytes, base, size } = this.#window
    const last = base + end === size
    const after = last ? 0 : (bytes[end] as number)
    return (
      holds(
        bits,
        edges.endWord,
        edges.endWordNot,
        () => last || ((wordSides[after] as number) & WORD_END) !== 0,
      ) &&
      holds(bits, edges.endLine, edges.endLineNot, () => last || this.#lineLength(end) > 0) &&
      holds(bits, edges.endNonAlnum, edges.endNonAlnumNot, () => last || !isAlphanumeric(after)) &&
      ((bits & edges.endWideNonAlnum) === 0 || !this.#isWideAlphanumeric(end))
    )
  }

  /** Whether a letter or digit and a zero stand at `place`; neither outside the content. */
  #isWideAlphanumeric(place: number): boolean {
    const { bytes, length } = this.#window
    return (
      place >= 0 && place + 2 <= length && bytes[place + 1] === 0 && isAlphanumeric(bytes[place] as number)
    )
  }

  /** A byte at one of the distances from `nearest` on, in the direction given. */
  #isNear(word: number, nearest: number, direction: 1 | -1): boolean {
    const { bytes, length } = this.#window
    const value = word & 0xff
    const mask = (word >>> 8) & 0xff
    for (let distance = (word >>> 16) & 0xff; distance <= word >>> 24; distance += 1) {
      const place = nearest + direction * distance
      if (place < 0 || place >= length) return false
      if ((((bytes[place] as number) ^ value) & mask) === 0) return true
    }
    return false
  }
}

function holds(bits: number, plain: number, negated: number, condition: () => boolean): boolean {
  if ((bits & (plain | negated)) === 0) return true
  return condition() === ((bits & plain) !== 0)
}
