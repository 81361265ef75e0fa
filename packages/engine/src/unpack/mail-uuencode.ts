/**
 * Files that stand uuencoded in a text (POSIX, uuencode): between a line `begin 644 name` and a line `end`, in as many lines as are honest. A
 * line that is none ends the file, so that a text that only speaks of one gives nothing.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { IDENTIFY_BYTES, identifyFileType } from '../file-type.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { type Decoded, decodedPart, settleDecoded } from './decoded.ts'
import { LineReader } from './mail-lines.ts'

const BEGIN = Buffer.from('begin ')
const beginLine = /^begin [0-7]{3,6} (.{0,1024})/
const LINES_BETWEEN_CHECKS = 1024

/** Whether a content's type is told from the file that it begins with. */
export function beginsUuencoded(content: ByteSource): boolean {
  return identifyFileType(content.read(0, Math.min(IDENTIFY_BYTES, content.size))).name === 'uuencoded'
}

/** The files in a text. Throws the budget's errors and failed reads. */
export async function* uuencodedFiles(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const lines = new LineReader(source)
  let hasLine = lines.advance()
  for (let count = 1; hasLine; count += 1) {
    if (count % LINES_BETWEEN_CHECKS === 0) budget.check()
    const name = nameBegun(lines)
    hasLine = lines.advance()
    if (name === undefined) continue
    const { isLineLeft, ...file } = readFile(lines, hasLine, budget)
    if (file.bytes.length > 0) {
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      yield decodedPart(name.trim(), file)
    }
    hasLine = isLineLeft || lines.advance()
  }
}

/** The name of the file that begins in this line, if one does. */
function nameBegun({ first, bytes }: LineReader): string | undefined {
  if (first !== BEGIN[0] || bytes.length < BEGIN.length) return undefined
  if (bytes.compare(BEGIN, 0, BEGIN.length, 0, BEGIN.length) !== 0) return undefined
  return beginLine.exec(bytes.toString('latin1', 0, 2048))?.[1]
}

interface FileRead extends Decoded {
  /** The reader's line is not the file's. */
  readonly isLineLeft: boolean
}

const NOTHING = new Uint8Array(0)

/** Reads from the reader's line to the file's end, or to the line that is none of its. */
function readFile(lines: LineReader, hasLine: boolean, budget: Budget): FileRead {
  const { heldBytes } = budget
  let buffer: ContentBuffer | undefined
  let isWhole = false
  let isLineLeft = hasLine
  let fits = true
  for (let count = 1; isLineLeft; count += 1) {
    if (count % LINES_BETWEEN_CHECKS === 0) budget.check()
    const hasEnded = isEnd(lines.bytes)
    const decoded = hasEnded ? NOTHING : decodeLine(lines.bytes)
    if (decoded === undefined) break
    if (decoded.length > 0) {
      buffer ??= createContentBuffer(heldBytes, 0)
      fits = buffer.append(decoded) && fits
    }
    // A line without bytes is the last one of a whole file, the word behind it lost or not.
    isWhole ||= hasEnded || (decoded.length === 0 && lines.first !== undefined)
    isLineLeft = lines.advance()
    if (hasEnded) break
  }
  const decoded = buffer === undefined ? { bytes: NOTHING } : settleDecoded(buffer, fits, budget)
  if (isWhole || decoded.shortfall !== undefined) return { ...decoded, isLineLeft }
  return { ...decoded, isLineLeft, shortfall: { reason: 'damaged', detail: 'the file breaks off' } }
}

function isEnd(line: Buffer): boolean {
  return line.length >= 3 && line.length <= 4 && line.toString('latin1', 0, 3) === 'end'
}

/** A letter for the number of bytes, and four for each three of them; undefined when the line is none of a file. */
function decodeLine(line: Buffer): Uint8Array | undefined {
  if (line.length === 0) return NOTHING
  const code = line[0] as number
  if (code < 0x20 || code > 0x60) return undefined
  const length = (code - 0x20) & 0x3f
  const letters = Math.ceil(length / 3) * 4
  const bytes = new Uint8Array(Math.ceil(length / 3) * 3)
  let bits = 0
  for (let index = 0; index < letters; index += 1) {
    // Blanks at the end, which stand for zeros, are lost on the way; what follows the letters is passed over.
    const letter = line[1 + index] ?? 0x20
    if (letter < 0x20 || letter > 0x60) return undefined
    bits = (bits << 6) | ((letter - 0x20) & 0x3f)
    if (index % 4 < 3) continue
    const at = Math.floor(index / 4) * 3
    bytes[at] = (bits >>> 16) & 0xff
    bytes[at + 1] = (bits >>> 8) & 0xff
    bytes[at + 2] = bits & 0xff
    bits = 0
  }
  return bytes.subarray(0, length)
}
