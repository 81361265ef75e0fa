/**
 * Where objects begin and streams end, found by their keywords and not by the tables that lead to them (ISO 32000-2, clauses 7.3.10 and
 * 7.5.4): whatever a table or another reader can lead to begins with the word `obj`. Nothing is read in between.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { classOf, WHITE } from './characters.ts'

/** Where an object's value begins. */
export interface ObjectPlace {
  readonly number: number
  readonly generation: number
  /** Of its number. */
  readonly start: number
  /** Behind the word `obj`. */
  readonly body: number
}

export interface Keywords {
  /** In the order of the file. */
  readonly objects: readonly ObjectPlace[]
  /** Places of `stream`, `endstream` and `endobj`, ascending. */
  readonly streams: readonly number[]
  readonly streamEnds: readonly number[]
  readonly objectEnds: readonly number[]
  /** Places behind `trailer`. */
  readonly trailers: readonly number[]
  /** Whether there were more than are kept. */
  readonly isCut: boolean
}

/** Some 100 bytes of memory each; the largest real documents have half as many. */
const MOST_PLACES = 1_000_000

const BLOCK_BYTES = 256 * 1024
/** What may stand between an object's number and `obj`, comments too. */
const REACH_BYTES = 256

const keywords = ['obj', 'stream', 'trailer'] as const

/** Looks through the whole content. Throws the budget's errors and what its source throws. */
export function scanKeywords(source: ByteSource, budget: Budget): Keywords {
  const objects: ObjectPlace[] = []
  const streams: number[] = []
  const streamEnds: number[] = []
  const objectEnds: number[] = []
  const trailers: number[] = []
  let isCut = false
  for (let from = 0; from < source.size && !isCut; from += BLOCK_BYTES) {
    budget.check()
    const begin = Math.max(0, from - REACH_BYTES)
    // A word that reaches over the border ends in the next block, where it is seen whole.
    const end = Math.min(source.size, from + BLOCK_BYTES)
    const block = Buffer.from(source.read(begin, end - begin))
    for (const keyword of keywords) {
      let at = block.indexOf(keyword, Math.max(0, from - begin - keyword.length + 1))
      for (; at !== -1; at = block.indexOf(keyword, at + keyword.length)) {
        const isEnd = block.toString('latin1', Math.max(0, at - 3), at) === 'end'
        if (keyword === 'trailer') trailers.push(begin + at + keyword.length)
        else if (keyword === 'stream' && isEnd) streamEnds.push(begin + at - 3)
        else if (keyword === 'stream') streams.push(begin + at)
        else if (isEnd) objectEnds.push(begin + at - 3)
        else {
          const place = numbersBefore(block, at, begin)
          if (place !== undefined) objects.push(place)
        }
      }
    }
    isCut = [objects, streams, streamEnds, objectEnds, trailers].some(({ length }) => length > MOST_PLACES)
  }
  return { objects, streams, streamEnds, objectEnds, trailers, isCut }
}

/** The object whose `obj` stands at `at`, if it has a number and a generation. */
function numbersBefore(block: Buffer, at: number, begin: number): ObjectPlace | undefined {
  const from = Math.max(0, at - REACH_BYTES)
  const head = block.subarray(from, at)
  const numbers = lastNumbers(head) ?? lastNumbers(withoutComments(head))
  if (numbers === undefined) return undefined
  const { number, generation, start } = numbers
  return { number, generation, start: begin + from + start, body: begin + at + 'obj'.length }
}

/** The two numbers that bytes end with. */
function lastNumbers(
  head: Buffer,
): { readonly number: number; readonly generation: number; readonly start: number } | undefined {
  const generationEnd = back(head, head.length, isWhite)
  const generationStart = back(head, generationEnd, isDigit)
  const end = back(head, generationStart, isWhite)
  const start = back(head, end, isDigit)
  if (generationStart === generationEnd || end === generationStart || start === end) return undefined
  const number = Number(head.toString('latin1', start, end))
  const generation = Number(head.toString('latin1', generationStart, generationEnd))
  return { number, generation, start }
}

/** Where what fits begins that ends at `end`. */
function back(head: Buffer, end: number, fits: (code: number) => boolean): number {
  let start = end
  while (start > 0 && fits(head[start - 1] ?? 0)) start -= 1
  return start
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isWhite(code: number): boolean {
  return classOf(code) === WHITE
}

/** Comments become as many blanks, so that places stay. */
function withoutComments(head: Buffer): Buffer {
  if (!head.includes('%')) return head
  const text = head.toString('latin1').replace(/%[^\r\n]*[\r\n]/g, (comment) => ' '.repeat(comment.length))
  return Buffer.from(text, 'latin1')
}

/** The first of ascending places at or behind `from`. */
export function nextPlace(places: readonly number[], from: number): number | undefined {
  return places[countBefore(places, from)]
}

/** The last of ascending places before `to`. */
export function lastPlace(places: readonly number[], to: number): number | undefined {
  return places[countBefore(places, to) - 1]
}

function countBefore(places: readonly number[], to: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] ?? 0) < to) low = middle + 1
    else high = middle
  }
  return low
}
