/** Marks that alerts are made of: sheets of macros. */
import { hasMacroSheet } from '../../../packages/engine/src/alerts/document-marks.ts'
import { checkedSource } from '../checked-source.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

/** A workbook's stream: its beginning, and a sheet of macros ([MS-XLS] 2.4.28). */
const workbook = Buffer.from(
  '0908100000060500bb0dcc0700000000000000008500100000000000010008004d6163726f310a000000',
  'hex',
)

export const targets: readonly FuzzTarget[] = [
  {
    name: 'document-marks',
    seeds: () => [workbook],
    run: (input) => `${hasMacroSheet(checkedSource(input))}`,
  },
]
