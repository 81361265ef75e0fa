/** Zip archives, honest and not. */
import { makeGzip, makeZip, randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { unpackZip } from '../../../packages/engine/src/unpack/zip.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const items = [
  { name: 'a.txt', data: Buffer.from('a text, a text, a text') },
  { name: 'b/c.bin', data: randomText(1, 400), stored: true },
  { name: 'empty', data: new Uint8Array(0) },
]

export const targets: readonly FuzzTarget[] = [
  {
    name: 'zip',
    seeds: () => [
      makeZip(items),
      makeZip(items, { zip64: true }),
      makeZip(items, { prefix: Buffer.from('#!/bin/sh\n'), comment: 'a comment' }),
      makeZip(items, { overlapping: true }),
      makeZip([{ name: 'secret', data: Buffer.from('secret'), encrypted: true }]),
      makeZip([{ name: 'other', data: Buffer.from('other'), method: 14 }]),
      makeZip([
        { name: 'zeros', data: new Uint8Array(300_000) },
        { name: 'gz', data: makeGzip(Buffer.from('x')) },
      ]),
    ],
    words: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x06\x07', 'PK\x07\x08'],
    run: (input) => runUnpacker(unpackZip, input),
  },
]
