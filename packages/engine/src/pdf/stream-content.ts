/** What a stream comes to: deciphered and decoded, in each way that a reader might have it. */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { sliceSource } from '../unpack/slice-source.ts'
import type { Decryption } from './encryption.ts'
import { type Decoded, decodeStream, type Filter, filterName } from './filters.ts'
import { filtersInText } from './loose-streams.ts'
import type { ObjectIndex, PdfObject } from './object-index.ts'
import { countOf, entriesOf, entryOf, isKind, nameOf, type PdfValue } from './values.ts'

/** What is needed to read any stream of a document. */
export interface StreamReader {
  readonly source: ByteSource
  readonly index: ObjectIndex
  /** Undefined when the document is not encrypted, or not opened. */
  readonly decryption: Decryption | undefined
  readonly budget: Budget
}

/** Of a dictionary with several filters, so many are tried: readers do not agree which one counts. */
const MOST_READINGS = 3

/** The readings of a stream, one of them for each honest one. Throws the budget's errors and failed reads alone. */
export async function* readingsOf(object: PdfObject, reader: StreamReader): AsyncGenerator<Decoded> {
  const { source, index, decryption, budget } = reader
  const { stream, value } = object
  if (stream === undefined || stream.length === 0) return
  const raw = sliceSource(source, stream.start, stream.length)
  const stated = entriesOf(value, 'Filter', 'F').slice(-MOST_READINGS)
  const inText = stated.length > 0 ? undefined : filtersInText(source, object.place)
  for (const entry of stated.length > 0 ? stated : inText === undefined ? [null] : [null, inText]) {
    const filters = filtersOf(entry, value, index)
    const deciphered = decipher(raw, object, filters, reader)
    const decoded = await decodeStream(deciphered, filters, budget)
    if (decryption === undefined || decoded.shortfall?.reason !== 'damaged') {
      yield decoded
      continue
    }
    // An older version of the document may not have been encrypted.
    const plain = await decodeStream(raw, filters, budget)
    yield plain.shortfall === undefined && plain.content.size > 0 ? plain : decoded
  }
}

interface StatedFilter extends Filter {
  /** The name of the crypt filter that a Crypt filter asks for. */
  readonly cryptName: string
}

/** Clause 7.3.8.2, table 5: one name or several, with as many dictionaries of parameters. */
function filtersOf(entry: PdfValue, dictionary: PdfValue, index: ObjectIndex): readonly StatedFilter[] {
  const stated = index.resolve(entry)
  const list = isKind(stated, 'array') ? stated.items : [stated]
  const parameters = index.resolve(entryOf(dictionary, 'DecodeParms', 'DP') ?? null)
  return list.flatMap((item, place) => {
    const name = nameOf(index.resolve(item))
    if (name === undefined) return []
    const own = isKind(parameters, 'array')
      ? index.resolve(parameters.items[place])
      : list.length === 1
        ? parameters
        : undefined
    const number = (key: string, otherwise: number) => countOf(index.resolve(entryOf(own, key))) ?? otherwise
    const predictor = number('Predictor', 1)
    const prediction = {
      predictor,
      colours: number('Colors', 1),
      bits: number('BitsPerComponent', 8),
      columns: number('Columns', 1),
    }
    return {
      name: filterName(name),
      early: number('EarlyChange', 1) === 0 ? 0 : 1,
      prediction: predictor > 1 ? prediction : undefined,
      cryptName: nameOf(index.resolve(entryOf(own, 'Name'))) ?? 'Identity',
    }
  })
}

/** Clause 7.5.8.2: streams of cross-references are not encrypted. */
function decipher(
  raw: ByteSource,
  { value, number, generation }: PdfObject,
  filters: readonly StatedFilter[],
  { decryption, budget }: StreamReader,
): ByteSource {
  const type = nameOf(entryOf(value, 'Type'))
  if (decryption === undefined || type === 'XRef') return raw
  if (type === 'Metadata' && !decryption.encryptsMetadata) return raw
  const own = filters.find(({ name }) => name === 'Crypt')?.cryptName
  const data = raw.read(0, Math.min(raw.size, budget.heldBytes))
  return bytesSource(Buffer.from(decryption.stream(data, { number, generation }, own)))
}
