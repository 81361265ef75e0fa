/** Archives that a library opens in a thread of its own, which may die: what comes out of it, and that another takes its place. */

import { openDecoderLibrary } from '../../../packages/engine/src/decoders/decoder-library.ts'
import { createDecoders } from '../../../packages/engine/src/decoders/decoders.ts'
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { packWithLibrary } from '../../../packages/engine/src/unpack/library-archives.fixture.ts'
import { unpackSevenZip } from '../../../packages/engine/src/unpack/seven-zip.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const means = { decoders: createDecoders(openDecoderLibrary()), passwords: ['infected'] }

const files = { 'a.txt': Buffer.from('a text, a text'), 'b/c.bin': randomText(1, 300) }

export const targets: readonly FuzzTarget[] = [
  {
    name: 'library:7z',
    seeds: async () => [
      await packWithLibrary('a.7z', files),
      await packWithLibrary('a.7z', files, ['-m0=Copy', '-mhc=off']),
      await packWithLibrary('a.7z', files, ['-m0=PPMd', '-mhc=off']),
      await packWithLibrary('a.7z', files, ['-pinfected', '-mhc=off']),
    ],
    run: (input) => runUnpacker(unpackSevenZip, input, means),
  },
]
