/**
 * Compound files ([MS-CFB]), which older office documents and installers are: each stream is a part. Streams are taken from
 * the list of entries and not from the tree over it, so that none can be hidden by a tree that does not lead there.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { readFields } from '../structure/fields.ts'
import { type Shortfall, tooManyEntries, type UnpackedPart } from './container.ts'
import { isEncryptedStream, needsPassword } from './document-encryption.ts'
import { streamName } from './ole2-names.ts'
import { type ChainContent, followChain, type Ole2Sectors, readOle2Sectors } from './ole2-sectors.ts'
import { streamParts } from './ole2-streams.ts'
import { bytesInPieces, sectorSource } from './sector-source.ts'
import { macroParts } from './vba.ts'
import type { NamedStream } from './vba-project.ts'
import { wideText } from './wide-text.ts'

const ENTRY_BYTES = 128
const STREAM = 2
const ROOT = 5

const broken: Shortfall = { reason: 'damaged', detail: 'the stream breaks off' }

interface Entry {
  readonly name: string
  readonly type: number
  readonly start: number
  readonly size: number
}

/** The streams of a compound file, in the order of its directory. */
export async function* unpackOle2(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const sectors = readOle2Sectors(source)
  if (sectors === undefined) {
    yield { kind: 'unscanned', shortfall: { reason: 'damaged', detail: 'its header is none' } }
    return
  }
  const { content: directory } = sectors.read(sectors.directoryStart)
  const readStream = streamReader(sectors, directory)
  const streams: NamedStream[] = []
  let total = 0
  for (const entry of entriesOf(directory)) {
    budget.check()
    if (entry.type !== STREAM || entry.size === 0) continue
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    const label = entryLabel(streamName(entry.name))
    const { content, isWhole } = readStream(entry)
    // Honest streams share no sector.
    total += content.size
    if (total > source.size) {
      yield { kind: 'unscanned', shortfall: { reason: 'damaged', detail: 'its streams overlap' } }
      return
    }
    if (isEncryptedStream(entry.name, content)) yield { kind: 'unscanned', label, shortfall: needsPassword }
    if (content.size > 0) yield { kind: 'content', label, content, ...(isWhole ? {} : { shortfall: broken }) }
    else yield { kind: 'unscanned', label, shortfall: broken }
    yield* streamParts(entry.name, content, budget)
    streams.push({ name: entry.name, content })
  }
  yield* macroParts(streams, budget)
}

function* entriesOf(directory: ByteSource): Generator<Entry> {
  for (let at = 0; at + ENTRY_BYTES <= directory.size; at += ENTRY_BYTES) {
    const fields = readFields(directory, at, ENTRY_BYTES)
    if (fields === undefined) return
    const nameBytes = Math.min(64, fields.getUint16(64, true))
    const name = wideText(new Uint8Array(fields.buffer, 0, nameBytes)).replace(/\0[\s\S]*$/, '')
    yield {
      name,
      type: fields.getUint8(66),
      start: fields.getUint32(116, true),
      // The upper half is undefined in files with small sectors, and no file here is so long.
      size: fields.getUint32(120, true),
    }
  }
}

/** Reads a stream from where its length says that it lies. */
function streamReader(sectors: Ole2Sectors, directory: ByteSource): (entry: Entry) => ChainContent {
  let mini: { readonly content: ByteSource; readonly table: Uint32Array } | undefined
  const miniOf = () => {
    const [root] = entriesOf(directory)
    const content =
      root?.type === ROOT ? sectors.read(root.start, root.size).content : sectors.read(0xffffffff).content
    const { content: list } = sectors.read(sectors.miniTableStart)
    const count = Math.min(Math.floor(list.size / 4), Math.ceil(content.size / sectors.miniSectorBytes))
    const fields = readFields(list, 0, count * 4)
    const table = Uint32Array.from({ length: count }, (_, index) => fields?.getUint32(index * 4, true) ?? 0)
    return { content, table }
  }
  return ({ start, size }) => {
    if (size >= sectors.miniCutoff) return sectors.read(start, size)
    mini ??= miniOf()
    const { miniSectorBytes } = sectors
    const chain = followChain(mini.table, start, Math.ceil(size / miniSectorBytes))
    const places = chain.map((sector) => sector * miniSectorBytes)
    const present = bytesInPieces(places, miniSectorBytes, mini.content.size)
    const length = Math.min(present, size)
    return {
      content: sectorSource(mini.content, places, miniSectorBytes, length),
      isWhole: length === size,
    }
  }
}
