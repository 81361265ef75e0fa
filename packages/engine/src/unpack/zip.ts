/**
 * Zip (PKWARE APPNOTE 6.3), plain, zip64, and behind a prefix as self-extracting archives are. yauzl reads the directory
 * and the local headers by random access; contents are a window (stored) or bounded memory (deflated). Each entry that
 * cannot be opened is a part of its own, so that one encrypted or broken entry does not hide its neighbours.
 */
import yauzl from 'yauzl'
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import type { EntryFacts } from '../entry-match.ts'
import { entryLabel } from '../inner-path.ts'
import { damage, tooManyEntries, type UnpackedPart, type UnpackMeans } from './container.ts'
import { inflate } from './inflate.ts'
import { LongContentError } from './long-content.ts'
import { sliceSource } from './slice-source.ts'
import { findZip } from './zip-end.ts'
import { needsPassword, ZipEntryDecoder } from './zip-entry.ts'

/** Compression methods (section 4.4.5) that need no library. */
const STORED = 0
const DEFLATED = 8

/** Bit 13: names and sizes in the directory are masked; bit 6, strong encryption (section 4.4.4), yauzl refuses whole. */
const MASKED = 1 << 13

/** Lets yauzl read from a ByteSource, and keeps the source's own error apart from complaints about the archive. */
class SourceReader extends yauzl.RandomAccessReader {
  readonly #source: ByteSource
  readonly #budget: Budget
  failure: unknown

  constructor(source: ByteSource, budget: Budget) {
    super()
    this.#source = source
    this.#budget = budget
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let problem: Error | null = null
    if (position + length > this.#source.size) {
      problem = new Error(`a header points beyond the archive's end (to ${position})`)
    } else {
      try {
        this.#budget.check()
        buffer.set(this.#source.read(position, length), offset)
      } catch (error) {
        this.failure = error
        problem = error instanceof Error ? error : new Error(String(error))
      }
    }
    process.nextTick(callback, problem)
  }
}

/** The entries of the archive that ends in `source`, in the order of its directory. */
export async function* unpackZip(
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): AsyncGenerator<UnpackedPart> {
  const place = findZip(source)
  if (place === undefined) {
    yield {
      kind: 'unscanned',
      shortfall: { reason: 'damaged', detail: 'no directory at its end: it breaks off' },
    }
    return
  }
  const archive = sliceSource(source, place.start, place.length)
  const reader = new SourceReader(archive, budget)
  const decoder = new ZipEntryDecoder(means, budget)
  try {
    yield* unpackArchive(archive, source.size, reader, {
      budget,
      decoder: new ZipEntryDecoder(means, budget),
    })
  } catch (error) {
    if (reader.failure !== undefined) throw reader.failure
    if (error instanceof LongContentError) throw error
    yield { kind: 'unscanned', shortfall: directoryShortfall(error) }
  } finally {
    decoder.close()
  }
}

async function* unpackArchive(
  archive: ByteSource,
  containerSize: number,
  reader: SourceReader,
  { budget, decoder }: { readonly budget: Budget; readonly decoder: ZipEntryDecoder },
): AsyncGenerator<UnpackedPart> {
  const zip = await yauzl.fromRandomAccessReaderPromise(reader, archive.size, {
    decodeStrings: false,
    validateEntrySizes: false,
    autoClose: false,
  })
  let compressedBytes = 0
  let position = 0
  for await (const entry of zip.eachEntry()) {
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    // Honest entries lie side by side. Bombs let thousands share the same bytes.
    compressedBytes += entry.compressedSize
    if (compressedBytes > archive.size) {
      yield { kind: 'unscanned', shortfall: { reason: 'damaged', detail: 'its entries overlap' } }
      return
    }
    position += 1
    const part = await openEntry(zip, entry, archive, { budget, decoder })
    if (reader.failure !== undefined) throw reader.failure
    yield { ...part, entry: factsOf(entry, position, containerSize) }
    decoder.close()
  }
  if (entryFollows(zip, archive)) {
    yield {
      kind: 'unscanned',
      shortfall: { reason: 'damaged', detail: 'its directory holds more entries than it states' },
    }
  }
}

/** Some unpackers go by the directory's length and not by the stated count, so a low count must not hide entries. */
function entryFollows(zip: yauzl.ZipFile, archive: ByteSource): boolean {
  const end = Number(zip.readEntryCursor)
  return Buffer.from('PK\x01\x02', 'latin1').equals(archive.read(end, 4))
}

/** One entry's part. What is said of it is added by the caller. */
async function openEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  archive: ByteSource,
  { budget, decoder }: { readonly budget: Budget; readonly decoder: ZipEntryDecoder },
): Promise<PartWithout<UnpackedPart>> {
  const name = yauzl.getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileNameRaw,
    entry.extraFields,
    false,
  )
  const label = entryLabel(name)
  if ((entry.generalPurposeBitFlag & MASKED) !== 0)
    return { kind: 'unscanned', label, shortfall: needsPassword }
  if (entry.compressedSize === 0) return { kind: 'empty', label }
  let start: number
  try {
    start = (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart
  } catch (error) {
    return { kind: 'unscanned', label, shortfall: damage(error) }
  }
  const data = sliceSource(archive, start, entry.compressedSize)
  const isPlain = entry.compressionMethod === STORED || entry.compressionMethod === DEFLATED
  if (entry.isEncrypted() || !isPlain) return { ...decoder.open(entry, data), label }
  if (entry.compressionMethod === STORED) return { kind: 'content', label, content: data }
  // What is longer than what is held is decoded as it is read.
  if (entry.uncompressedSize > budget.heldBytes && budget.limits.maxContentBytes > budget.heldBytes)
    return { ...decoder.open(entry, data), label }
  const { bytes, shortfall } = await inflate(data, 'deflate', entry.uncompressedSize, budget)
  const content = bytesSource(bytes)
  return shortfall === undefined
    ? { kind: 'content', label, content }
    : { kind: 'content', label, content, shortfall }
}

type PartWithout<Part> = Part extends unknown ? Omit<Part, 'entry'> : never

function factsOf(entry: yauzl.Entry, position: number, containerSize: number): EntryFacts {
  return {
    container: 'CL_TYPE_ZIP',
    containerSize,
    name: entry.fileNameRaw.toString('latin1'),
    sizeInContainer: entry.compressedSize,
    realSize: entry.uncompressedSize,
    encrypted: entry.isEncrypted(),
    position,
    crc: entry.crc32,
  }
}

/** yauzl gives up a whole directory at an entry with strong encryption, and has no code for it, only this text. */
function directoryShortfall(error: unknown) {
  const found = damage(error)
  return found.detail.includes('strong encryption') ? { ...found, reason: 'encrypted' as const } : found
}
