/** Packed programs. */
import {
  makeOrdinaryProgram,
  makeStubProgram,
  pack,
  packInLayers,
} from '../../../packages/engine/src/emulation/packed-program.fixture.ts'
import { unpackProgram } from '../../../packages/engine/src/emulation/unpack-program.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const program = Buffer.concat([Buffer.of(0xc3), Buffer.alloc(600, 'a program that was packed. ')])

/** Raises an exception that its handler answers, and calls what is at an address of its own. */
const exceptional = [
  ...[0x68, 0x40, 0x30, 0x40, 0, 0x64, 0xff, 0x35, 0, 0, 0, 0, 0x64, 0x89, 0x25, 0, 0, 0, 0],
  ...[0xf7, 0xf0, 0xff, 0x15, 0, 0x10, 0x40, 0, 0xcc, 0xf4],
]

export const targets: readonly FuzzTarget[] = [
  {
    name: 'program',
    longest: 2048,
    seeds: () => [
      pack(program),
      packInLayers(program),
      makeStubProgram(exceptional),
      makeOrdinaryProgram([0xc3]),
    ],
    run: (input) => runUnpacker(unpackProgram, input),
  },
]
