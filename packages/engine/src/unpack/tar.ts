/**
 * Tar (POSIX ustar and pax, GNU, and the older kinds) through tar-stream, which reads the headers. The entries lie in the
 * archive as they are, so their content is a window onto the source and not a copy, whatever its size.
 */
import { extract, type Header } from 'tar-stream'
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import type { EntryFacts } from '../entry-match.ts'
import { entryLabel } from '../inner-path.ts'
import { damage, type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { sliceSource } from './slice-source.ts'

const FEED_BYTES = 64 * 1024

/** Version 7 archives have no magic; their checksum has been seen by the type identification. */
const readerOptions = { highWaterMark: FEED_BYTES, allowUnknownFormat: true }

interface TarEntry {
  readonly label: string
  readonly offset: number
  readonly size: number
  readonly facts: EntryFacts
}

/** The files; directories, links and devices have no content and count only towards the entry limit. */
export async function* unpackTar(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const { entries, shortfall } = await listEntries(source, budget)
  for (const { label, offset, size, facts: entry } of entries) {
    budget.check()
    if (size === 0) {
      yield { kind: 'empty', label, entry }
      continue
    }
    const present = Math.min(size, source.size - offset)
    const content = sliceSource(source, offset, present)
    const shortfall: Shortfall = { reason: 'damaged', detail: 'the archive breaks off' }
    yield present === size
      ? { kind: 'content', label, content, entry }
      : { kind: 'content', label, content, shortfall, entry }
  }
  if (shortfall !== undefined) yield { kind: 'unscanned', shortfall }
}

/** Old archives have no magic (POSIX.1-1988, ustar). */
export function tarType(source: ByteSource): EntryFacts['container'] {
  const magic = Buffer.from(source.read(257, 5)).toString('latin1')
  return magic === 'ustar' ? 'CL_TYPE_POSIX_TAR' : 'CL_TYPE_OLD_TAR'
}

/** Where the entries lie, read up to the archive's end, its first damage, or the entry limit. */
async function listEntries(
  source: ByteSource,
  budget: Budget,
): Promise<{ entries: readonly TarEntry[]; shortfall?: Shortfall }> {
  const entries: TarEntry[] = []
  const container = tarType(source)
  let shortfall: Shortfall | undefined
  let wake = () => {}
  const reader = extract(readerOptions)
  reader.on('entry', (header, stream, next) => {
    if (!budget.takeEntry()) {
      shortfall = tooManyEntries(budget)
      reader.destroy()
      return
    }
    const { size, type, name, byteOffset } = header as Header & { byteOffset: number }
    if (!Number.isSafeInteger(size)) {
      // Numbers in base 256 begin with one of two bytes; with any other there is none, and the reader would wait for ever.
      shortfall = { reason: 'damaged', detail: 'an entry states no size' }
      reader.destroy()
      return
    }
    if (type === 'directory') {
      // Without content whatever size it states; its stream would never end.
      next()
      return
    }
    // Whatever has content is looked at; of what has none, only files count as entries.
    if (size > 0 || type === 'file') {
      const facts = {
        container,
        containerSize: source.size,
        name: Buffer.from(name).toString('latin1'),
        sizeInContainer: size,
        realSize: size,
        encrypted: false,
        position: entries.length + 1,
      }
      entries.push({ label: entryLabel(name), offset: byteOffset, size, facts })
    }
    stream.on('error', () => {})
    stream.on('end', next)
    stream.resume()
  })
  reader.on('error', (error: Error) => {
    shortfall ??= damage(error)
  })
  const closed = new Promise<void>((resolve) => {
    reader.on('close', resolve)
  })
  reader.on('drain', () => wake())
  try {
    for (let offset = 0; offset < source.size && shortfall === undefined; ) {
      budget.check()
      // The reader keeps unconsumed bytes across writes, and the source may reuse its memory: hence the copy.
      const chunk = Buffer.from(source.read(offset, Math.min(FEED_BYTES, source.size - offset)))
      offset += chunk.length
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (!reader.write(chunk)) await Promise.race([woken, closed])
    }
    if (shortfall === undefined) {
      reader.end(undefined)
      await closed
    }
  } finally {
    reader.destroy()
  }
  return shortfall === undefined ? { entries } : { entries, shortfall }
}
