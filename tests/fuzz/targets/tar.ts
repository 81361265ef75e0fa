/** Tar archives of every dialect that the fixtures can write. */
import {
  makeTar,
  randomText,
  tarHeader,
  withChecksum,
} from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { unpackTar } from '../../../packages/engine/src/unpack/tar.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const BLOCK_BYTES = 512

export const targets: readonly FuzzTarget[] = [
  {
    name: 'tar',
    longest: 8 * 1024,
    seeds: async () => [
      await makeTar([
        { name: 'a', data: Buffer.from('a') },
        { name: 'long/'.repeat(40), data: randomText(1, 900) },
        { name: 'é'.repeat(60), data: new Uint8Array(0) },
      ]),
      ...['0', '1', '2', '5', 'g', 'x', 'L', 'K', 'S'].map((typeflag) =>
        Buffer.concat([
          tarHeader({ typeflag, size: 20 }),
          Buffer.alloc(BLOCK_BYTES, '18 path=abc\n'),
          Buffer.alloc(1024),
        ]),
      ),
      tarHeader({ typeflag: '0', size: 2 ** 33 }),
    ],
    repair(input) {
      for (let at = 0; at + BLOCK_BYTES <= input.length; at += BLOCK_BYTES) {
        if (input.toString('latin1', at + 257, at + 262) === 'ustar')
          withChecksum(input.subarray(at, at + BLOCK_BYTES))
      }
    },
    run: (input) => runUnpacker(unpackTar, input),
  },
]
