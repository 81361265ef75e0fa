/**
 * What the archive library's program writes becomes parts: an entry's bytes are gathered, within the limits, and what the program says of them
 * afterwards is put beside them.
 */
import type { Budget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import type { DecoderEnd, DecoderEvent } from '../decoders/decoder-thread.ts'
import { errorOfArchive, errorOfEnd, errorOfLine } from '../decoders/program-errors.ts'
import type { EntryFacts } from '../entry-match.ts'
import { entryLabel } from '../inner-path.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { passedLimit, tooLarge } from './stream-limits.ts'

/** What the container says of an entry, by its path; each of several of one name in turn. */
export type FactsOfPath = (path: string) => EntryFacts | undefined

export interface LibraryEntries {
  readonly events: Generator<DecoderEvent, DecoderEnd | { readonly kind: 'too-many' }>
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
  readonly content: ContentBuffer
  shortfall?: Shortfall
}

/** The parts, in the order in which the program writes them. Contents are copies and stay as they are. */
export function* partsOfLibrary({
  events,
  factsOf,
  archiveBytes,
  budget,
  isOnly = false,
}: LibraryEntries): Generator<UnpackedPart> {
  const { maxContentBytes } = budget.limits
  const lines: string[] = []
  let open: OpenEntry | undefined
  let decoded = 0
  let isTold = false
  try {
    for (;;) {
      const next = events.next()
      if (next.done === true) {
        const shortfall = errorOfEnd(next.value)
        if (open !== undefined) yield partOf(shortfall === undefined ? open : { ...open, shortfall }, factsOf)
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
        if (open !== undefined) yield partOf(open, factsOf)
        open = undefined
        if (!budget.takeEntry()) {
          yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
          return
        }
        open = { path: event.path, content: createContentBuffer(maxContentBytes, 0) }
      } else if (event.kind === 'data' && open !== undefined) {
        const { bytes } = event
        decoded += bytes.length
        if (!open.content.append(bytes)) open.shortfall ??= tooLarge(budget)
        const end = passedLimit(bytes.length, decoded, archiveBytes, budget)
        const isLast = isOnly && open.shortfall !== undefined
        if (end === undefined && !isLast) continue
        yield partOf({ ...open, shortfall: open.shortfall ?? (end as Shortfall) }, factsOf)
        if (end !== undefined && !isOnly) yield { kind: 'unscanned', shortfall: end }
        return
      }
    }
  } finally {
    events.return({ kind: 'ended', code: 0 })
  }
}

function partOf({ path, content, shortfall }: OpenEntry, factsOf: FactsOfPath): UnpackedPart {
  const facts = factsOf(path)
  const label = entryLabel(path)
  const entry = facts === undefined ? {} : { entry: facts }
  // What a wrong password gives is noise.
  if (shortfall !== undefined && (content.length === 0 || shortfall.reason === 'encrypted'))
    return { kind: 'unscanned', label, shortfall, ...entry }
  if (content.length === 0 && facts !== undefined) return { kind: 'empty', label, entry: facts }
  const part = { kind: 'content', label, content: bytesSource(content.bytes()), ...entry } as const
  return shortfall === undefined ? part : { ...part, shortfall }
}

/** An entry of which nothing came out. */
function lost(path: string, shortfall: Shortfall, factsOf: FactsOfPath): UnpackedPart {
  const facts = factsOf(path)
  const part = { kind: 'unscanned', label: entryLabel(path), shortfall } as const
  return facts === undefined ? part : { ...part, entry: facts }
}
