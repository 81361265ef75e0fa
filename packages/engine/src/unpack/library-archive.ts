/**
 * Archives that are opened by a library in a decoder thread (ADR 31). It is told which format to read: the first bytes have said so. Encrypted ones
 * are tried with the passwords of the scan.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { ArchiveListing, type ListedEntry } from '../decoders/archive-listing.ts'
import type { DecoderEnd } from '../decoders/decoder-thread.ts'
import { usablePasswords } from '../decoders/passwords.ts'
import { errorOfArchive, errorOfEnd } from '../decoders/program-errors.ts'
import type { EntryFacts } from '../entry-match.ts'
import type { Shortfall, Unpack, UnpackedPart, UnpackMeans } from './container.ts'
import { type FactsOfPath, partsOfLibrary } from './library-entries.ts'

export interface LibraryFormat {
  /** As the library's option `-t` names it, and the version at hand where it has several names. */
  readonly name: string | ((source: ByteSource) => string)
  /** ClamAV's name of it, where signatures for entries may ask for it. */
  readonly container?: (source: ByteSource) => EntryFacts['container']
  /** What ClamAV says differently of its entries. */
  readonly adjust?: (facts: EntryFacts) => EntryFacts
  /** Whether even the names of its entries are encrypted. */
  readonly isLocked?: (source: ByteSource) => boolean
}

/**
 * Parts of so many bytes are taken before the first is given away, so that the decoder is free again if that is all: it may be needed for
 * what lies in them.
 */
const GATHERED_BYTES = 16 * 1024 * 1024
/** So many entries are gathered, and so many lines of what the program says are kept. */
const GATHERED_PARTS = 4096
const KEPT_LINES = 32

/** Opens a format. */
export function libraryArchive(format: LibraryFormat): Unpack {
  return gathered((source, budget, means) => unpackLibrary(format, source, budget, means))
}

/** Opens a format of one content without a name, which nothing encrypts: it need not be listed first. */
export function libraryStream(name: string): Unpack {
  return gathered(function* (source, budget, means) {
    const options = ['x', '-y', '-o/o', ...commonOptions({ name }, '-', source)]
    const run = () => means.decoders.run(options, source, budget.check)
    const parts = partsOfLibrary({
      events: run(),
      runAgain: run,
      factsOf: () => undefined,
      archiveBytes: source.size,
      budget,
      isOnly: true,
    })
    for (const part of parts) yield part.label === undefined ? part : { ...part, label: 'content' }
  })
}

function gathered(
  unpack: (source: ByteSource, budget: Budget, means: UnpackMeans) => Generator<UnpackedPart>,
): Unpack {
  return async function* (source, budget, means): AsyncGenerator<UnpackedPart> {
    const parts = unpack(source, budget, means)
    try {
      const gathered: UnpackedPart[] = []
      let bytes = 0
      let isEnd = false
      while (!isEnd && bytes < GATHERED_BYTES && gathered.length < GATHERED_PARTS) {
        const next = parts.next()
        isEnd = next.done === true
        if (next.done === true) break
        gathered.push(next.value)
        if (next.value.kind !== 'content') continue
        const { size } = next.value.content
        bytes += size
        // A content that is not held is to be read before the next part is asked for.
        if (size > budget.heldBytes) break
      }
      yield* gathered.values()
      gathered.length = 0
      if (!isEnd) yield* parts
    } finally {
      parts.return(undefined)
    }
  }
}

function* unpackLibrary(
  format: LibraryFormat,
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): Generator<UnpackedPart> {
  const opened = openArchive(format, source, budget, means)
  if ('reason' in opened) {
    yield { kind: 'unscanned', shortfall: opened }
    return
  }
  const { entries, password } = opened
  const unlocked = unlockEntries(entries, password, format, source, budget, means)
  const options = ['x', '-y', '-o/o', ...commonOptions(format, unlocked, source)]
  yield* partsOfLibrary({
    events: means.decoders.run(options, source, budget.check),
    runAgain: (path) => means.decoders.run([...options, `-i!${path}`], source, budget.check),
    factsOf: factsOf(entries, format, source),
    archiveBytes: source.size,
    budget,
  })
}

/** No progress, no wildcards, UTF-8. A password is always given: without one the program would ask. */
function commonOptions({ name }: LibraryFormat, password: string, source: ByteSource): string[] {
  const type = typeof name === 'string' ? name : name(source)
  return ['-bd', '-spd', '-scsUTF-8', '-sccUTF-8', `-t${type}`, `-p${password}`, '/a']
}

interface OpenedArchive {
  readonly entries: readonly ListedEntry[]
  readonly password: string
}

function openArchive(
  format: LibraryFormat,
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): OpenedArchive | Shortfall {
  const isLocked = format.isLocked?.(source) === true
  const passwords = usablePasswords(means.passwords)
  let first: Shortfall | undefined
  for (const password of isLocked ? passwords : ['-', ...passwords]) {
    const { entries, shortfall } = listEntries(format, password, source, budget, means)
    if (shortfall === undefined || entries.length > 0) return { entries, password }
    first ??= shortfall
    // At a header that a wrong password makes noise of, the program may give up.
    if (shortfall.reason !== 'encrypted' && !(isLocked && shortfall.reason === 'damaged')) return shortfall
  }
  const locked: Shortfall = { reason: 'encrypted', detail: 'the archive needs a password' }
  return isLocked ? locked : (first ?? locked)
}

function listEntries(
  format: LibraryFormat,
  password: string,
  source: ByteSource,
  budget: Budget,
  { decoders }: UnpackMeans,
): { readonly entries: readonly ListedEntry[]; readonly shortfall: Shortfall | undefined } {
  const listing = new ArchiveListing(budget.limits.maxEntries)
  const options = ['l', '-slt', '-ba', ...commonOptions(format, password, source)]
  const events = decoders.run(options, source, budget.check)
  const lines: string[] = []
  try {
    for (;;) {
      const next = events.next()
      if (next.done === true) return { entries: listing.entries, shortfall: failureOf(next.value, lines) }
      if (next.value.kind === 'line' && lines.length < KEPT_LINES) lines.push(next.value.text)
      if (!listing.add(next.value)) return { entries: listing.entries, shortfall: undefined }
    }
  } finally {
    events.return({ kind: 'ended', code: 0 })
  }
}

function failureOf(
  end: DecoderEnd | { readonly kind: 'too-many' },
  lines: readonly string[],
): Shortfall | undefined {
  return errorOfEnd(end) ?? (end.kind === 'ended' && end.code > 1 ? errorOfArchive(lines) : undefined)
}

/** The password with which the smallest encrypted entry can be read; any, if there is none. */
function unlockEntries(
  entries: readonly ListedEntry[],
  password: string,
  format: LibraryFormat,
  source: ByteSource,
  budget: Budget,
  { decoders, passwords }: UnpackMeans,
): string {
  const smallest = entries
    .filter(({ isEncrypted, isFolder, size }) => isEncrypted && !isFolder && size > 0)
    .reduce<ListedEntry | undefined>(
      (least, entry) => (least === undefined || entry.size < least.size ? entry : least),
      undefined,
    )
  if (smallest === undefined) return password
  for (const tried of new Set([password, ...usablePasswords(passwords)])) {
    if (tried === '-') continue
    const options = ['t', ...commonOptions(format, tried, source), `-i!${smallest.path}`]
    let isTested = false
    const events = decoders.run(options, source, budget.check)
    let next = events.next()
    for (; next.done !== true; next = events.next())
      isTested ||= next.value.kind === 'line' && next.value.text.startsWith('Everything is Ok')
    if (isTested && next.value.kind === 'ended' && next.value.code === 0) return tried
    if (next.value.kind === 'overstayed') break
  }
  return password
}

/** Facts of listed entries by path. */
function factsOf(
  entries: readonly ListedEntry[],
  { container, adjust = (facts) => facts }: LibraryFormat,
  source: ByteSource,
): FactsOfPath {
  if (container === undefined) return () => undefined
  const type = container(source)
  const byPath = new Map<string, number[]>()
  for (const [index, { path }] of entries.entries()) {
    const places = byPath.get(path)
    if (places === undefined) byPath.set(path, [index])
    else places.push(index)
  }
  return (path) => {
    const index = byPath.get(path)?.shift()
    const entry = index === undefined ? undefined : entries[index]
    if (entry === undefined || index === undefined) return undefined
    return adjust({
      container: type,
      containerSize: source.size,
      name: Buffer.from(entry.path).toString('latin1'),
      sizeInContainer: entry.packedSize,
      realSize: entry.size,
      encrypted: entry.isEncrypted,
      position: index + 1,
      ...(entry.crc === undefined ? {} : { crc: entry.crc }),
    })
  }
}

/** Of formats whose entries are packed together ClamAV does not know what each takes, and counts them from 0. */
export function countedFromZero(facts: EntryFacts): EntryFacts {
  return { ...facts, sizeInContainer: 0, position: facts.position - 1 }
}
