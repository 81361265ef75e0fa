/**
 * The filters of a stream, one after the other (ISO 32000-2, clause 7.4). Filters of images are left on: what they hold is the image. A filter
 * that is not known is passed over and told. Each step is held in the engine's bounded memory.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import type { Shortfall } from '../unpack/container.ts'
import { type ContentBuffer, createContentBuffer } from '../unpack/content-buffer.ts'
import { inflateStream } from './flate.ts'
import { decodeLzw } from './lzw.ts'
import { isPossible, type Prediction, unpredicted } from './predictor.ts'
import { decodeBase85, decodeHex, decodeRuns } from './text-filters.ts'

/** One filter with what it is told. */
export interface Filter {
  readonly name: string
  /** 1 where the codes of LZW grow early. */
  readonly early: number
  readonly prediction: Prediction | undefined
}

export interface Decoded {
  readonly content: ByteSource
  readonly shortfall?: Shortfall
}

/** Table 92 of ISO 32000-2 abbreviates them for images within pages; readers take that anywhere. */
const abbreviations: Readonly<Record<string, string>> = {
  AHx: 'ASCIIHexDecode',
  A85: 'ASCII85Decode',
  LZW: 'LZWDecode',
  Fl: 'FlateDecode',
  RL: 'RunLengthDecode',
  CCF: 'CCITTFaxDecode',
  DCT: 'DCTDecode',
}

const images: ReadonlySet<string> = new Set(['DCTDecode', 'JPXDecode', 'CCITTFaxDecode', 'JBIG2Decode'])

/** Honest streams have two; stock was seen to take twelve. */
const MOST_FILTERS = 32

/** The filter's whole name. */
export function filterName(name: string): string {
  return Object.hasOwn(abbreviations, name) ? (abbreviations[name] ?? name) : name
}

/** Whether a whole name is that of a filter. */
export function isFilter(name: string): boolean {
  return images.has(name) || name === 'Crypt' || Object.hasOwn(decoders, name)
}

/** Takes the filters off. Throws the budget's errors and failed reads alone. */
export async function decodeStream(
  raw: ByteSource,
  filters: readonly Filter[],
  budget: Budget,
): Promise<Decoded> {
  let content = raw
  let shortfall: Shortfall | undefined
  for (const filter of filters.slice(0, MOST_FILTERS)) {
    budget.check()
    if (images.has(filter.name)) break
    if (filter.name === 'Crypt') continue
    const decode = Object.hasOwn(decoders, filter.name) ? decoders[filter.name] : undefined
    if (decode === undefined) {
      shortfall ??= { reason: 'unsupported', detail: `its filter ${filter.name.slice(0, 40)} is not known` }
      continue
    }
    const step = await decode(content, filter, budget)
    shortfall ??= step.shortfall
    // What is not written this way at all may be something else: it is given as it is.
    if (step.content.size === 0) break
    content = step.content
  }
  if (filters.length > MOST_FILTERS)
    shortfall ??= { reason: 'too-deep', detail: `it has more than ${MOST_FILTERS} filters` }
  return shortfall === undefined ? { content } : { content, shortfall }
}

type Decode = (content: ByteSource, filter: Filter, budget: Budget) => Promise<Decoded>

const decoders: Readonly<Record<string, Decode>> = {
  FlateDecode: async (content, filter, budget) => {
    const { bytes, shortfall } = await inflateStream(content, budget)
    const decoded = { content: bytesSource(bytes), ...(shortfall && { shortfall }) }
    return predictedFrom(decoded, filter, budget)
  },
  LZWDecode: async (content, filter, budget) => {
    const decoded = inMemory(content, budget, (data, out) => {
      const end = decodeLzw(data, filter.early, out, budget.check)
      return end === 'broken' ? { reason: 'damaged', detail: 'its LZW codes are broken' } : end === 'whole'
    })
    return predictedFrom(decoded, filter, budget)
  },
  ASCIIHexDecode: async (content, _, budget) =>
    inMemory(content, budget, (data, out) => out.append(decodeHex(data))),
  ASCII85Decode: async (content, _, budget) =>
    inMemory(content, budget, (data, out) => decodeBase85(data, out, budget.check)),
  RunLengthDecode: async (content, _, budget) =>
    inMemory(content, budget, (data, out) => decodeRuns(data, out, budget.check)),
}

/** Reads a content of up to `heldBytes` whole, decodes it and counts the bytes; false from `decode` is a buffer that is full. */
function inMemory(
  content: ByteSource,
  { limits, heldBytes, takeContent }: Budget,
  decode: (data: Uint8Array, out: ContentBuffer) => boolean | Shortfall,
): Decoded {
  const { maxTotalContentBytes } = limits
  const tooLarge: Shortfall = {
    reason: 'too-large',
    detail: `decodes to more than ${heldBytes} bytes, or from as many`,
  }
  const length = Math.min(content.size, heldBytes)
  const out = createContentBuffer(heldBytes, length)
  const end = decode(content.read(0, length), out)
  const decoded = { content: bytesSource(out.bytes()) }
  if (!takeContent(out.length)) {
    const detail = `decodes to more than ${maxTotalContentBytes} bytes in total`
    return { ...decoded, shortfall: { reason: 'budget-exceeded', detail } }
  }
  if (typeof end === 'object') return { ...decoded, shortfall: end }
  return end && length === content.size ? decoded : { ...decoded, shortfall: tooLarge }
}

function predictedFrom(decoded: Decoded, { prediction }: Filter, budget: Budget): Decoded {
  if (prediction === undefined || prediction.predictor < 2 || decoded.content.size === 0) return decoded
  if (!isPossible(prediction)) {
    const shortfall: Shortfall = { reason: 'damaged', detail: 'its predictor describes no rows' }
    return { shortfall, ...decoded }
  }
  const bytes = decoded.content.read(0, decoded.content.size)
  return { ...decoded, content: bytesSource(unpredicted(bytes, prediction, budget.check)) }
}
