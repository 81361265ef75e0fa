/**
 * Files of a zip archive that lies in unpacked memory without its directory, because unpacking broke off before it was written or went on over it. Each has a
 * header of its own (PKWARE APPNOTE 6.3, section 4.3.7), which is enough where it states the sizes. An archive with its directory is the zip unpacker's.
 */
import type { Budget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import type { UnpackedPart } from '../unpack/container.ts'
import { inflate } from '../unpack/inflate.ts'
import { findZip } from '../unpack/zip-end.ts'

const MARK = Buffer.from('PK\x03\x04', 'latin1')
const HEADER_BYTES = 30
/** Bits of the flags: encrypted, sizes behind the data, strong encryption, masked headers. */
const UNUSABLE = 0x2049
const STORED = 0
const DEFLATED = 8
const NAME_MAX = 1024

/** The files that can be told by their headers alone. */
export async function* heldEntries(memory: Uint8Array, budget: Budget): AsyncGenerator<UnpackedPart> {
  if (findZip(bytesSource(memory)) !== undefined) return
  const bytes = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength)
  for (let at = bytes.indexOf(MARK); at !== -1; ) {
    budget.check()
    const end = entryEnd(bytes, at)
    if (end === undefined) {
      at = bytes.indexOf(MARK, at + 1)
      continue
    }
    // Who has had his entries has been told so by the parts before.
    if (!budget.takeEntry()) return
    yield await entryPart(bytes, at, end, budget)
    at = bytes.indexOf(MARK, end)
  }
}

/** Where the data of an entry ends; nothing when its header is none or does not say. */
function entryEnd(bytes: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > bytes.length || (bytes.readUInt16LE(at + 6) & UNUSABLE) !== 0) return undefined
  const method = bytes.readUInt16LE(at + 8)
  const [packed, nameBytes] = [bytes.readUInt32LE(at + 18), bytes.readUInt16LE(at + 26)]
  const isUsable = (method === STORED || method === DEFLATED) && packed > 0 && nameBytes <= NAME_MAX
  const end = at + HEADER_BYTES + nameBytes + bytes.readUInt16LE(at + 28) + packed
  return isUsable && end <= bytes.length ? end : undefined
}

async function entryPart(bytes: Buffer, at: number, end: number, budget: Budget): Promise<UnpackedPart> {
  const nameEnd = at + HEADER_BYTES + bytes.readUInt16LE(at + 26)
  const label = entryLabel(bytes.toString('latin1', at + HEADER_BYTES, nameEnd))
  const data = bytesSource(bytes.subarray(end - bytes.readUInt32LE(at + 18), end))
  if (bytes.readUInt16LE(at + 8) === STORED) return { kind: 'content', label, content: data }
  const inflated = await inflate(data, 'deflate', bytes.readUInt32LE(at + 22), budget)
  const part = { kind: 'content', label, content: bytesSource(inflated.bytes) } as const
  return inflated.shortfall === undefined ? part : { ...part, shortfall: inflated.shortfall }
}
