/** Macros of documents: the streams of their projects, what is compressed in them, and the texts. */

import type { Budget } from '../../../packages/engine/src/budget.ts'
import type { ByteSource } from '../../../packages/engine/src/byte-source.ts'
import { sliceSource } from '../../../packages/engine/src/unpack/slice-source.ts'
import { compressVba, makeVbaStreams } from '../../../packages/engine/src/unpack/vba.fixture.ts'
import { macroParts } from '../../../packages/engine/src/unpack/vba.ts'
import { decompressVba } from '../../../packages/engine/src/unpack/vba-compression.ts'
import { codePlaces } from '../../../packages/engine/src/unpack/vba-project.ts'
import { normaliseVba } from '../../../packages/engine/src/unpack/vba-text.ts'
import { checkedSource, fuzzBudget, fuzzLimits } from '../checked-source.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const code =
  'Attribute VB_Name = "A"\r\nSub AutoOpen()\r\n  Shell "a" & _\r\n  Chr(65) \' a remark\r\nEnd Sub\r\n'
const made = makeVbaStreams([
  { name: 'ThisDocument', code },
  { name: 'B', code: code.repeat(3), cache: Buffer.alloc(20, 'c') },
])
const NAMES_BYTES = 64

/** The streams one after the other, each behind its name and its length. */
function joined(): Buffer {
  return Buffer.concat(
    made.flatMap(({ name, data }) => {
      const head = Buffer.alloc(NAMES_BYTES)
      head.write(name, 'latin1')
      head.writeUInt32LE(data.length, NAMES_BYTES - 4)
      return [head, data]
    }),
  )
}

function* streamsIn(source: ByteSource): Generator<{ readonly name: string; readonly content: ByteSource }> {
  for (let at = 0; at + NAMES_BYTES <= source.size; ) {
    const head = Buffer.from(source.read(at, NAMES_BYTES))
    const start = at + NAMES_BYTES
    const size = Math.min(head.readUInt32LE(NAMES_BYTES - 4), source.size - start)
    const name = head.toString('latin1', 0, NAMES_BYTES - 4).replace(/\0.*$/s, '')
    yield { name, content: sliceSource(source, start, size) }
    at = start + size
  }
}

const macros = (source: ByteSource, budget: Budget) => macroParts([...streamsIn(source)], budget)

export const targets: readonly FuzzTarget[] = [
  {
    name: 'macros:project',
    longest: 8 * 1024,
    seeds: () => [joined()],
    run: (input) => runUnpacker(macros, input),
  },
  {
    name: 'macros:compressed',
    seeds: () => [
      compressVba(Buffer.from(code)),
      compressVba(Buffer.alloc(9000, 'ab')),
      Buffer.concat([Buffer.alloc(9), compressVba(Buffer.from(code))]),
    ],
    run(input) {
      const source = checkedSource(input)
      const places = codePlaces(source, fuzzBudget().check)
      mustHold(
        places.every((place) => place >= 0 && place < input.length),
        'code begins outside the stream',
      )
      const { bytes, shortfall } = decompressVba(source, 0, fuzzBudget())
      mustHold(bytes.length <= fuzzLimits.maxContentBytes, `${bytes.length} bytes came out`)
      return [places.join(), Buffer.from(bytes).toString('latin1'), shortfall?.reason].join('\n')
    },
  },
  {
    name: 'macros:text',
    seeds: () => [Buffer.from(code)],
    words: [' _\r\n', '" & "', 'Chr(', "'", 'Rem '],
    run(input) {
      const text = normaliseVba(input)
      mustHold(text.length <= 2 * input.length + NAMES_BYTES, `a text of ${text.length} bytes`)
      return Buffer.from(text).toString('latin1')
    },
  },
]
