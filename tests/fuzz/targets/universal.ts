/** Universal Mach-O files. */
import { makeMachO } from '../../../packages/engine/src/structure/mach-o.fixture.ts'
import { unpackUniversal } from '../../../packages/engine/src/unpack/universal.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

function universal(count: number): Buffer {
  const program = makeMachO({ background: Buffer.alloc(0x400), segments: [] })
  const head = Buffer.alloc(0x200)
  head.writeUInt32BE(0xcafebabe, 0)
  head.writeUInt32BE(count, 4)
  for (let index = 0; index < 2; index += 1) {
    const row = [7, 3, 0x200 + index * 0x400, 0x400, 9]
    row.forEach((value, place) => {
      head.writeUInt32BE(value, 8 + index * 20 + place * 4)
    })
  }
  return Buffer.concat([head, program, program])
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'universal',
    seeds: () => [universal(2), universal(20)],
    run: (input) => runUnpacker(unpackUniversal, input),
  },
]
