/**
 * A script by itself that Microsoft's Script Encoder has encoded (.jse, .vbe): one content, the script, as a page that
 * holds nothing else. That is how clamscan 1.4.6 was seen to scan it, so that it has the forms of a page's scripts. How it is decoded stands in
 * normalise/script-encoding.ts, which pages use too.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { ScriptDecoder } from '../normalise/script-encoding.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import { decodedPart, settleDecoded } from './decoded.ts'

const BLOCK_BYTES = 64 * 1024

const BEGIN = Buffer.from('<script>')
const END = Buffer.from('</script>')

/** The script; what is plain behind it belongs to it. Throws the budget's errors and failed reads. */
export async function* unpackEncodedScript(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  if (!budget.takeEntry()) {
    yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
    return
  }
  const { heldBytes } = budget
  const buffer = createContentBuffer(heldBytes, Math.min(source.size, heldBytes))
  let decoder = new ScriptDecoder()
  let fits = buffer.append(BEGIN)
  for (let at = 0; at < source.size && fits; at += BLOCK_BYTES) {
    budget.check()
    const plain: number[] = []
    for (const byte of source.read(at, Math.min(BLOCK_BYTES, source.size - at))) {
      for (const each of decoder.take(byte)) plain.push(each)
      // Another script may follow.
      if (decoder.isDone) decoder = new ScriptDecoder()
    }
    fits = buffer.append(Uint8Array.from(plain))
  }
  fits &&= buffer.append(END)
  yield decodedPart('script', settleDecoded(buffer, fits, budget))
}
