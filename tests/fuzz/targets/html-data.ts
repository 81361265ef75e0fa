/** Pages with contents in their addresses. */
import { holdsDataAddress, unpackDataAddresses } from '../../../packages/engine/src/unpack/html-data.ts'
import { checkedSource, fuzzBudget } from '../checked-source.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

export const targets: readonly FuzzTarget[] = [
  {
    name: 'html-data',
    seeds: () =>
      [
        '<img src="data:image/png;base64,YWJjZGVm"><a href=\'data:,t%77o\'>',
        '<style>a{background:url(data:c/d;base64,b25l)}</style>x',
        '<p title="data:text/html,<b>(x)</b>"><img src=DATA:a/b;charset=x;BASE64,b25l alt="x">',
      ].map((page) => Buffer.from(page)),
    words: ['data:', ';base64,', '%41', '<img src="', '"', '='],
    async run(input) {
      const isHolding = holdsDataAddress(checkedSource(input), fuzzBudget().check)
      const outcome = await runUnpacker(unpackDataAddresses, input)
      mustHold(typeof isHolding === 'boolean', 'it is not said whether there is an address')
      return outcome === undefined ? undefined : `${isHolding} ${outcome}`
    },
  },
]
