/** Gzip files of one and several members. */
import { makeGzip, randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { unpackGzip } from '../../../packages/engine/src/unpack/gzip.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

function named(): Buffer {
  const plain = makeGzip(Buffer.from('named'))
  const head = Buffer.from(plain.subarray(0, 10))
  head[3] = 8
  return Buffer.concat([head, Buffer.from('a name\0'), plain.subarray(10)])
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'gzip',
    seeds: () => [
      makeGzip(Buffer.from('a text, a text')),
      makeGzip(randomText(1, 2000)),
      Buffer.concat([makeGzip(Buffer.from('one')), makeGzip(Buffer.from('two'))]),
      makeGzip(new Uint8Array(300_000)),
      named(),
    ],
    run: (input) => runUnpacker(unpackGzip, input),
  },
]
