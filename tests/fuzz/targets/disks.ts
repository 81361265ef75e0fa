/** Images of disks: what kind one is, and its partitions. */
import { diskAround, holdsUdf, identifyDisk } from '../../../packages/engine/src/disk-type.ts'
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { makeAppleDisk, makeGptDisk, makeMbrDisk } from '../../../packages/engine/src/unpack/disks.fixture.ts'
import { unpackApm, unpackGpt, unpackMbr } from '../../../packages/engine/src/unpack/partitions.ts'
import { checkedSource } from '../checked-source.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const content = randomText(1, 512)
const mbr = makeMbrDisk(content, content)
const gpt = makeGptDisk([content, content])
const apple = makeAppleDisk(content)
/** Boot sector, tables and the little that lies in them. */
const longest = 40 * 1024
const short = (disk: Buffer) => disk.subarray(0, longest)

export const targets: readonly FuzzTarget[] = [
  { name: 'disks:mbr', longest, seeds: () => [short(mbr)], run: (input) => runUnpacker(unpackMbr, input) },
  { name: 'disks:gpt', longest, seeds: () => [short(gpt)], run: (input) => runUnpacker(unpackGpt, input) },
  { name: 'disks:apm', longest, seeds: () => [short(apple)], run: (input) => runUnpacker(unpackApm, input) },
  {
    name: 'disks:kind',
    longest,
    seeds: () => [mbr, gpt, apple].map(short),
    run: (input) =>
      [
        identifyDisk(checkedSource(input)),
        diskAround(checkedSource(input)),
        holdsUdf(checkedSource(input)),
      ].join(),
  },
]
