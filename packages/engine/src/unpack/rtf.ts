/**
 * Rich Text Format (its specification 1.9.1) as a container: what stands in it as hexadecimal digits or raw bytes is decoded, objects (`\objdata`)
 * above all. The digits may be interrupted by anything that readers pass over, and are read as the most forgiving of them would.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { decodedPart, settleDecoded } from './decoded.ts'
import { embeddedObjectParts } from './ole-native.ts'
import { type RtfData, RtfReader } from './rtf-reader.ts'

const BLOCK_BYTES = 64 * 1024

/** The objects and data of a document, in the order in which they end. */
export async function* unpackRtf(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const ended: RtfData[] = []
  const reader = new RtfReader(budget.heldBytes, (data) => ended.push(data))
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    budget.check()
    // What is yielded in between may read the source.
    reader.write(Uint8Array.from(source.read(at, Math.min(BLOCK_BYTES, source.size - at))))
    if (at + BLOCK_BYTES >= source.size) reader.end()
    for (const data of ended.splice(0)) {
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      yield* partsOf(data, budget)
    }
  }
}

function partsOf({ kind, buffer, fits }: RtfData, budget: Budget): UnpackedPart[] {
  const decoded = settleDecoded(buffer, fits, budget)
  const part = decodedPart(kind, decoded)
  if (kind !== 'objdata' || part.kind !== 'content') return [part]
  const parts = embeddedObjectParts(part.content)
  const { shortfall } = decoded
  return shortfall === undefined ? parts : [...parts, { kind: 'unscanned', label: kind, shortfall }]
}
