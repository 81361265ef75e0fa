/**
 * A packer of our own for tests: PE files whose stub writes the program into an empty section and jumps there, in several ways. Machine code by
 * hand (Intel SDM, volume 2). Never imported by production code.
 */
import { makePe } from '../structure/pe.fixture.ts'

export const IMAGE_BASE = 0x400000
/** Where the program comes to, and where the stub is. */
export const PROGRAM_ADDRESS = IMAGE_BASE + 0x1000
const STUB_ADDRESS = IMAGE_BASE + 0x3000
const KEY = 0x5a
/** Behind the stub in its section. */
const DATA_OFFSET = 0x200

export function word(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

/** `mov esi,from; mov edi,to; mov ecx,count`, a loop of `lodsb; xor al,key; stosb`, then what follows. */
function decode(from: number, to: number, count: number, key: number): number[] {
  const start = [0xbe, ...word(from), 0xbf, ...word(to), 0xb9, ...word(count)]
  return [...start, 0xac, 0x34, key, 0xaa, 0xe2, 0xfa]
}

/** `push address; ret`. */
function jump(address: number): number[] {
  return [0x68, ...word(address), 0xc3]
}

function encoded(bytes: Uint8Array, key: number): Uint8Array {
  return bytes.map((byte) => byte ^ key)
}

/** A file whose stub is given, with data behind it, and an empty section before. */
export function makeStubProgram(stub: readonly number[], data: Uint8Array = new Uint8Array(0)): Buffer {
  const section = Buffer.alloc(Math.ceil((DATA_OFFSET + data.length) / 0x200) * 0x200)
  section.set(stub)
  section.set(data, DATA_OFFSET)
  return makePe({
    imageBase: IMAGE_BASE,
    entry: STUB_ADDRESS - IMAGE_BASE,
    sections: [
      { rva: 0x1000, virtualSize: 0x2000, rawPointer: 0, rawSize: 0 },
      {
        rva: 0x3000,
        virtualSize: section.length,
        rawPointer: 0x400,
        rawSize: section.length,
        data: section,
      },
    ],
  })
}

/** Packs a program of at most two pages: its code comes to PROGRAM_ADDRESS. */
export function pack(program: Uint8Array): Buffer {
  const from = STUB_ADDRESS + DATA_OFFSET
  const stub = [...decode(from, PROGRAM_ADDRESS, program.length, KEY), ...jump(PROGRAM_ADDRESS)]
  return makeStubProgram(stub, encoded(program, KEY))
}

/** The same by a stub that is encoded itself, in two layers, and decodes the next one each time. */
export function packInLayers(program: Uint8Array): Buffer {
  const from = STUB_ADDRESS + DATA_OFFSET
  const inner = Uint8Array.from([
    ...decode(from, PROGRAM_ADDRESS, program.length, KEY),
    ...jump(PROGRAM_ADDRESS),
  ])
  const layer = (next: Uint8Array, at: number, key: number) => {
    const length = decode(0, 0, 0, 0).length
    return Uint8Array.from([...decode(at + length, at + length, next.length, key), ...encoded(next, key)])
  }
  const step = decode(0, 0, 0, 0).length
  const middle = layer(inner, STUB_ADDRESS + step, 0x33)
  return makeStubProgram([...layer(middle, STUB_ADDRESS, 0x77)], encoded(program, KEY))
}

/** An ordinary program: a section of code that cannot be written. */
export function makeOrdinaryProgram(code: readonly number[]): Buffer {
  const section = Buffer.alloc(0x200)
  section.set(code)
  return makePe({
    imageBase: IMAGE_BASE,
    entry: 0x1000,
    sections: [
      {
        rva: 0x1000,
        virtualSize: 0x200,
        rawPointer: 0x400,
        rawSize: 0x200,
        data: section,
        flags: 0x60000020,
      },
      { rva: 0x2000, virtualSize: 0x4000, rawPointer: 0, rawSize: 0, flags: 0xc0000080 },
    ],
  })
}
