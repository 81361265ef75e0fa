/** Files in the encoding of news (yEnc 1.3): lines between `=ybegin` and `=yend`, each byte 42 more than it was. Sums are not compared. */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { placeOfBytes } from './byte-search.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import { decodedPart, settleDecoded } from './decoded.ts'
import { LineReader } from './mail-lines.ts'
import { sliceSource } from './slice-source.ts'

const BEGIN = Buffer.from('=ybegin ')
const LINES_BETWEEN_CHECKS = 1024
const SHIFT = 42
const ESCAPE = 0x3d
const ESCAPED_SHIFT = 64
const Y = 0x79

/** The files in a text. Throws the budget's errors and failed reads. */
export function* yencodedFiles(source: ByteSource, budget: Budget): Generator<UnpackedPart> {
  for (let at = placeOfBytes(source, BEGIN, 0, budget.check); at !== -1; ) {
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return
    }
    const lines = new LineReader(sliceSource(source, at, source.size - at))
    lines.advance()
    const name = /name=(.{1,255})/.exec(lines.bytes.toString('latin1', 0, 1024))?.[1] ?? 'file'
    const buffer = createContentBuffer(budget.heldBytes, 0)
    let fits = true
    for (let count = 1; fits && lines.advance(); count += 1) {
      if (count % LINES_BETWEEN_CHECKS === 0) budget.check()
      const { bytes } = lines
      if (bytes[0] === ESCAPE && bytes[1] === Y) {
        if (bytes.toString('latin1', 0, 6) === '=ypart') continue
        break
      }
      fits = buffer.append(decodedLine(bytes))
    }
    if (buffer.length > 0) yield decodedPart(name.trim(), settleDecoded(buffer, fits, budget))
    at = placeOfBytes(source, BEGIN, at + lines.start, budget.check)
  }
}

function decodedLine(line: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(line.length)
  let length = 0
  for (let at = 0; at < line.length; at += 1) {
    const isEscape = line[at] === ESCAPE && at + 1 < line.length
    if (isEscape) at += 1
    bytes[length++] = ((line[at] as number) - SHIFT - (isEscape ? ESCAPED_SHIFT : 0)) & 0xff
  }
  return bytes.subarray(0, length)
}
