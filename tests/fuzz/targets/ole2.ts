/** Compound files. */
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { makeOle2 } from '../../../packages/engine/src/unpack/ole2.fixture.ts'
import { unpackOle2 } from '../../../packages/engine/src/unpack/ole2.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

export const targets: readonly FuzzTarget[] = [
  {
    name: 'ole2',
    longest: 12 * 1024,
    seeds: () => [
      makeOle2([
        { name: 'small', data: Buffer.from('small') },
        { name: 'large', data: randomText(1, 6000) },
      ]),
      makeOle2([{ name: 'EncryptedPackage', data: randomText(2, 500) }]),
    ],
    run: (input) => runUnpacker(unpackOle2, input),
  },
]
