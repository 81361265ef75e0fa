/** Macros of documents: what is compressed in their streams, and the text that is matched. Whole projects stand in office.ts. */
import { compressVba } from '../../../packages/engine/src/unpack/vba.fixture.ts'
import { decompressVba } from '../../../packages/engine/src/unpack/vba-compression.ts'
import { codePlaces } from '../../../packages/engine/src/unpack/vba-project.ts'
import { normaliseVba } from '../../../packages/engine/src/unpack/vba-text.ts'
import { checkedSource, fuzzBudget, fuzzLimits } from '../checked-source.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const code =
  'Attribute VB_Name = "A"\r\nSub AutoOpen()\r\n  Shell "a" & _\r\n  Chr(65) \' a remark\r\nEnd Sub\r\n'
/** What may be written around a text. */
const AROUND_BYTES = 64

export const targets: readonly FuzzTarget[] = [
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
      mustHold(text.length <= 2 * input.length + AROUND_BYTES, `a text of ${text.length} bytes`)
      return Buffer.from(text).toString('latin1')
    },
  },
]
