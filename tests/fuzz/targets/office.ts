/** Macros, OneNote, shell links, signed messages and yEnc. */
import type { Unpack } from '../../../packages/engine/src/unpack/container.ts'
import { uint16, uint32 } from '../../../packages/engine/src/unpack/documents.fixture.ts'
import { unpackOneNote } from '../../../packages/engine/src/unpack/onenote.ts'
import { unpackShellLink } from '../../../packages/engine/src/unpack/shell-link.ts'
import { unpackSignedMessage } from '../../../packages/engine/src/unpack/signed-message.ts'
import { makeVbaStreams } from '../../../packages/engine/src/unpack/vba.fixture.ts'
import { macroParts } from '../../../packages/engine/src/unpack/vba.ts'
import { yencodedFiles } from '../../../packages/engine/src/unpack/yenc.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const streams = makeVbaStreams([{ name: 'M', code: 'x = "A"\r\n  y _\r\n z\r\n', cache: Buffer.alloc(5) }])
const dir = streams.find(({ name }) => name === 'dir')?.data ?? Buffer.alloc(0)
const code = streams.find(({ name }) => name === 'M')?.data ?? Buffer.alloc(0)

/** A length, the `dir` stream of that length, and the module behind it. */
const project = Buffer.concat([uint16(dir.length), dir, code])

const unpackProject: Unpack = (source, budget) => {
  const input = Uint8Array.from(source.read(0, source.size))
  const length = (input[0] ?? 0) | ((input[1] ?? 0) << 8)
  const part = (from: number, to: number) => {
    const bytes = input.subarray(from, to)
    return {
      size: bytes.length,
      read: (offset: number, count: number) => bytes.subarray(offset, offset + count),
    }
  }
  return macroParts(
    [
      { name: 'dir', content: part(2, 2 + length) },
      { name: 'M', content: part(2 + length, input.length) },
    ],
    budget,
  )
}

const file = Buffer.from('a file in a section')
const section = Buffer.concat([
  Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex'),
  ...[uint32(file.length, 0), Buffer.alloc(12), file],
])

const link = Buffer.concat([
  ...[Buffer.alloc(20), uint32(1 | 2 | 4 | 32), Buffer.alloc(52)],
  ...[uint16(2, 0), uint32(8, 0), uint16(1), Buffer.from('n'), uint16(2), Buffer.from('/c')],
])

/** Signed data with lengths that are not stated, and its content in two pieces. */
const message = Buffer.from(
  '308006092a864886f70d010702a08030800201013100308006092a864886f70d010701a0802480040161040162000000000000000000000000',
  'hex',
)

function target(name: string, seeds: readonly Uint8Array[], unpack: Unpack): FuzzTarget {
  return { name: `office:${name}`, seeds: () => seeds, run: (input) => runUnpacker(unpack, input) }
}

export const targets: readonly FuzzTarget[] = [
  target('macros', [project], unpackProject),
  target('onenote', [section, Buffer.concat([section, section])], unpackOneNote),
  target('shell-link', [link], unpackShellLink),
  target('signed-message', [message], unpackSignedMessage),
  target(
    'yenc',
    [Buffer.from('=ybegin line=9 size=3 name=a\r\n=ypart b\r\nabc=}d\r\n=yend\r\n')],
    async function* (source, budget) {
      yield* yencodedFiles(source, budget)
    },
  ),
]
