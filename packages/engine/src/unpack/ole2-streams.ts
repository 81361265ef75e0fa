/** Which streams of a compound file hold further contents, by their names, and who takes them out. */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { NATIVE_STREAM, nativeStreamParts } from './ole-native.ts'
import { powerpointParts } from './powerpoint.ts'
import { compressedRtfPart } from './rtf-compression.ts'

type StreamParts = (
  stream: ByteSource,
  budget: Budget,
) => AsyncIterable<UnpackedPart> | Iterable<UnpackedPart>

/** In small letters: readers find streams in either case. */
const holders: ReadonlyMap<string, StreamParts> = new Map<string, StreamParts>([
  [NATIVE_STREAM.toLowerCase(), nativeStreamParts],
  ['powerpoint document', powerpointParts],
  // The formatted text of a message of Outlook ([MS-OXMSG], section 2.2.3).
  [
    '__substg1.0_10090102',
    (stream, budget) => [compressedRtfPart(stream, budget)].filter((part) => part !== undefined),
  ],
])

/** The contents in a stream. */
export async function* streamParts(
  name: string,
  stream: ByteSource,
  budget: Budget,
): AsyncGenerator<UnpackedPart> {
  const parts = holders.get(name.toLowerCase())
  if (parts === undefined || stream.size === 0) return
  for await (const part of parts(stream, budget)) {
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    yield part
  }
}
