/** Projects of macros for tests ([MS-OVBA]), compressed as Office does. Never imported by production code. */
import { uint16, uint32 } from './documents.fixture.ts'
import type { MadeStream } from './ole2.fixture.ts'

/** A compressed container (section 2.4.1.3): of each place the longest copy. */
export function compressVba(data: Uint8Array): Buffer {
  const chunks: Buffer[] = [Buffer.of(1)]
  for (let from = 0; from < data.length; from += 4096) {
    const body = compressChunk(data.subarray(from, from + 4096))
    chunks.push(uint16(0xb000 | (body.length - 1)), body)
  }
  return Buffer.concat(chunks)
}

function compressChunk(chunk: Uint8Array): Buffer {
  const out: number[] = []
  for (let at = 0; at < chunk.length; ) {
    const flagsAt = out.push(0) - 1
    for (let bit = 0; bit < 8 && at < chunk.length; bit += 1) {
      const bits = Math.max(4, Math.ceil(Math.log2(Math.max(at, 1))))
      const longest = (0xffff >>> bits) + 3
      let best = 0
      let distance = 0
      for (let back = 1; back <= Math.min(at, 2 ** bits); back += 1) {
        let length = 0
        while (
          at + length < chunk.length &&
          length < longest &&
          chunk[at + length] === chunk[at + length - back]
        )
          length += 1
        if (length > best) {
          best = length
          distance = back
        }
      }
      if (best < 3) {
        out.push(chunk[at] as number)
        at += 1
        continue
      }
      out[flagsAt] = (out[flagsAt] as number) | (1 << bit)
      const token = ((distance - 1) << (16 - bits)) | (best - 3)
      out.push(token & 0xff, token >>> 8)
      at += best
    }
  }
  return Buffer.from(out)
}

export interface MadeModule {
  readonly name: string
  readonly code: string
  /** What stands before the code in its stream. */
  readonly cache?: Uint8Array
}

function record(id: number, data: Uint8Array): Buffer {
  return Buffer.concat([uint16(id), uint32(data.length), data])
}

/** The streams of a project's storage. */
export function makeVbaStreams(modules: readonly MadeModule[]): MadeStream[] {
  const latin = (text: string) => Buffer.from(text, 'latin1')
  const wide = (text: string) => Buffer.from(text, 'utf16le')
  const information = [
    ...[record(1, uint32(1)), record(2, uint32(0x409)), record(0x14, uint32(0x409)), record(3, uint16(1252))],
    ...[record(4, latin('Project')), record(5, latin('')), record(0x40, latin('')), record(6, latin(''))],
    ...[record(0x3d, latin('')), record(7, uint32(0)), record(8, uint32(0))],
    Buffer.concat([uint16(9), uint32(4, 1), uint16(1)]),
    ...[record(0x0c, latin('')), record(0x3c, latin(''))],
    ...[record(0x0f, uint16(modules.length)), record(0x13, uint16(0xffff))],
  ]
  const described = modules.flatMap(({ name, cache }) => [
    ...[
      record(0x19, latin(name)),
      record(0x47, wide(name)),
      record(0x1a, latin(name)),
      record(0x32, wide(name)),
    ],
    ...[record(0x1c, latin('')), record(0x48, latin('')), record(0x31, uint32(cache?.length ?? 0))],
    ...[
      record(0x1e, uint32(0)),
      record(0x2c, uint16(0xffff)),
      record(0x21, Buffer.alloc(0)),
      record(0x2b, Buffer.alloc(0)),
    ],
  ])
  const dir = Buffer.concat([...information, ...described, record(0x10, Buffer.alloc(0))])
  return [
    { name: '_VBA_PROJECT', data: Buffer.from('cc61ffff0000000000000000', 'hex') },
    { name: 'dir', data: compressVba(dir) },
    ...modules.map(({ name, code, cache = Buffer.alloc(0) }) => ({
      name,
      data: Buffer.concat([cache, compressVba(latin(`Attribute VB_Name = "${name}"\r\n${code}`))]),
    })),
  ]
}
