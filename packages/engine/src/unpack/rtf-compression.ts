/** Compressed RTF ([MS-OXRTFCP], section 2): the formatted text of Outlook's messages, packed over a fixed dictionary. */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { readFields } from '../structure/fields.ts'
import type { UnpackedPart } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import { decodedPart, settleDecoded } from './decoded.ts'
import { sliceSource } from './slice-source.ts'

const HEADER_BYTES = 16
const COMPRESSED = 0x75465a4c
const PLAIN = 0x414c454d
const BLOCK_BYTES = 64 * 1024

/** What the dictionary begins with (section 2.1.2.1). */
const beginning =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript ' +
  '\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par ' +
  '\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx'
const DICTIONARY_BYTES = 4096

/** The text; nothing where there is no header of either kind. */
export function compressedRtfPart(source: ByteSource, budget: Budget): UnpackedPart | undefined {
  const header = readFields(source, 0, HEADER_BYTES)
  const kind = header?.getUint32(8, true)
  if (kind === PLAIN) {
    const content = sliceSource(source, HEADER_BYTES, source.size - HEADER_BYTES)
    return { kind: 'content', label: 'text.rtf', content }
  }
  if (header === undefined || kind !== COMPRESSED) return undefined
  const { heldBytes } = budget
  const buffer = createContentBuffer(heldBytes, Math.min(header.getUint32(4, true), 8 * source.size))
  const dictionary = Buffer.alloc(DICTIONARY_BYTES, ' ')
  dictionary.write(beginning, 'latin1')
  let place = beginning.length
  const output = new Uint8Array(BLOCK_BYTES)
  let length = 0
  let fits = true
  const put = (byte: number) => {
    dictionary[place] = byte
    place = (place + 1) % DICTIONARY_BYTES
    output[length++] = byte
    if (length < BLOCK_BYTES) return
    fits = buffer.append(output) && fits
    length = 0
  }
  const packed = Uint8Array.from(source.read(HEADER_BYTES, source.size - HEADER_BYTES))
  let at = 0
  for (let hasEnded = false; at < packed.length && fits && !hasEnded; ) {
    if (at % 1024 < 17) budget.check()
    const control = packed[at++] as number
    for (let bit = 0; bit < 8 && at < packed.length; bit += 1) {
      if ((control & (1 << bit)) === 0) {
        put(packed[at++] as number)
        continue
      }
      if (at + 1 >= packed.length) {
        at = packed.length
        break
      }
      const reference = ((packed[at] as number) << 8) | (packed[at + 1] as number)
      at += 2
      const from = reference >>> 4
      if (from === place) {
        hasEnded = true
        break
      }
      for (let index = 0; index < (reference & 15) + 2; index += 1)
        put(dictionary[(from + index) % DICTIONARY_BYTES] as number)
    }
  }
  fits = buffer.append(output.subarray(0, length)) && fits
  return decodedPart('text.rtf', settleDecoded(buffer, fits, budget))
}
