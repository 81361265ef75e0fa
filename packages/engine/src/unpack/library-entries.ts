/**
 * What the archive library's program writes becomes parts: an entry's bytes are gathered, within the limits, and what the program says of them
 * afterwards is put beside them.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import type { DecoderEnd, DecoderEvent } from '../decoders/decoder-thread.ts'
import { errorOfArchive, errorOfEnd, errorOfLine } from '../decoders/program-errors.ts'
import type { EntryFacts } from '../entry-match.ts'
import { entryLabel } from '../inner-path.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { type Decoding, type LongSource, MeasuredContent } from './long-content.ts'
import { passedLimit, tooLarge } from './stream-limits.ts'

/** What the container says of an entry, by its path; each of several of one name in turn. */
export type FactsOfPath = (path: string) => EntryFacts | undefined

/** What comes out of one run of the program. */
type Run = Generator<DecoderEvent, DecoderEnd | { readonly kind: 'too-many' }>

export interface LibraryEntries {
  readonly events: Run
  /** Runs the program again for the entries of this path alone, as they come out. */
  readonly runAgain: (path: string) => Run
  readonly factsOf: FactsOfPath
  /** Of the archive, in bytes: what it may expand to is told from it. */
  readonly archiveBytes: number
  readonly budget: Budget
  /** There is one entry alone: nothing comes behind it. */
  readonly isOnly?: boolean
}

/** What the program says beside its entries; more lines are of no interest. */
const KEPT_LINES = 32

interface OpenEntry {
  readonly path: string
  readonly content: MeasuredContent
  /** How many of the same path came before. */
  readonly turn: number
  shortfall?: Shortfall
}

/**
 * The parts, in the order in which the program writes them. Contents are copies and stay as they are, but for one that is longer than what is held: that may be
 * read until the next part is asked for.
 */
export function* partsOfLibrary({
  events,
  runAgain,
  factsOf,
  archiveBytes,
  budget,
  isOnly = false,
}: LibraryEntries): Generator<UnpackedPart> {
  const { maxContentBytes } = budget.limits
  const lines: string[] = []
  const turns = new Map<string, number>()
  let long: LongSource | undefined
  let open: OpenEntry | undefined
  let decoded = 0
  let isTold = false
  const part = (entry: OpenEntry): UnpackedPart => {
    const { content, path, turn } = entry
    const isNoise = entry.shortfall?.reason === 'encrypted'
    if (content.isLong && !isNoise)
      long = content.source(() => decodingOf(runAgain(path), path, turn), budget)
    return partOf(entry, long ?? bytesSource(content.bytes()), factsOf)
  }
  const close = () => {
    long?.[Symbol.dispose]()
    long = undefined
  }
  try {
    for (;;) {
      const next = events.next()
      if (next.done === true) {
        const shortfall = errorOfEnd(next.value)
        if (open !== undefined) yield part(shortfall === undefined ? open : { ...open, shortfall })
        close()
        const hasFailed = next.value.kind === 'ended' && next.value.code > 1 && !isTold
        if (shortfall !== undefined) yield { kind: 'unscanned', shortfall }
        else if (hasFailed) yield { kind: 'unscanned', shortfall: errorOfArchive(lines) }
        return
      }
      const event = next.value
      if (event.kind === 'line') {
        const error = errorOfLine(event.text)
        if (error !== undefined) isTold = true
        if (error === 'harmless') continue
        if (error === undefined && lines.length < KEPT_LINES) lines.push(event.text)
        else if (error?.path !== undefined && error.path !== open?.path)
          yield lost(error.path, error.shortfall, factsOf)
        else if (error !== undefined && open !== undefined) open.shortfall ??= error.shortfall
        else if (error !== undefined) yield { kind: 'unscanned', shortfall: error.shortfall }
      } else if (event.kind === 'entry') {
        if (open !== undefined) yield part(open)
        close()
        open = undefined
        if (!budget.takeEntry()) {
          yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
          return
        }
        open = { path: event.path, content: new MeasuredContent(budget), turn: turns.get(event.path) ?? 0 }
        turns.set(event.path, open.turn + 1)
      } else if (event.kind === 'data' && open !== undefined) {
        const { bytes } = event
        decoded += bytes.length
        if (!open.content.append(bytes)) open.shortfall ??= tooLarge(maxContentBytes)
        const end = passedLimit(bytes.length, decoded, archiveBytes, budget)
        const isLast = isOnly && open.shortfall !== undefined
        if (end === undefined && !isLast) continue
        yield part({ ...open, shortfall: open.shortfall ?? (end as Shortfall) })
        close()
        if (end !== undefined && !isOnly) yield { kind: 'unscanned', shortfall: end }
        return
      }
    }
  } finally {
    close()
    events.return({ kind: 'ended', code: 0 })
  }
}

/** The bytes of an entry, of those of its path the one that is asked for. */
function* decodingOf(run: Run, path: string, turn: number): Decoding {
  let passed = -1
  try {
    for (;;) {
      const next = run.next()
      if (next.done === true) return errorOfEnd(next.value)
      const event = next.value
      if (event.kind === 'entry' && event.path === path) passed += 1
      else if (event.kind === 'data' && passed === turn) yield event.bytes
      else if (event.kind === 'closed' && passed === turn) return undefined
    }
  } finally {
    run.return({ kind: 'ended', code: 0 })
  }
}

function partOf({ path, shortfall }: OpenEntry, content: ByteSource, factsOf: FactsOfPath): UnpackedPart {
  const facts = factsOf(path)
  const label = entryLabel(path)
  const entry = facts === undefined ? {} : { entry: facts }
  // What a wrong password gives is noise.
  if (shortfall !== undefined && (content.size === 0 || shortfall.reason === 'encrypted'))
    return { kind: 'unscanned', label, shortfall, ...entry }
  if (content.size === 0 && facts !== undefined) return { kind: 'empty', label, entry: facts }
  const part = { kind: 'content', label, content, ...entry } as const
  return shortfall === undefined ? part : { ...part, shortfall }
}

/** An entry of which nothing came out. */
function lost(path: string, shortfall: Shortfall, factsOf: FactsOfPath): UnpackedPart {
  const facts = factsOf(path)
  const part = { kind: 'unscanned', label: entryLabel(path), shortfall } as const
  return facts === undefined ? part : { ...part, entry: facts }
}
