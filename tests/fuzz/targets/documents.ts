/** What stands in documents and mails of offices: RTF, TNEF, BinHex, objects, presentations and packed texts. */

import { deflateSync } from 'node:zlib'
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { unpackBinhex } from '../../../packages/engine/src/unpack/binhex.ts'
import type { Unpack, UnpackedPart } from '../../../packages/engine/src/unpack/container.ts'
import {
  makeBinhex,
  makeOle1,
  makePackage,
  makeRtf,
  makeTnef,
  nativeStream,
  tnefProperty,
  uint16,
  uint32,
} from '../../../packages/engine/src/unpack/documents.fixture.ts'
import { uuencodedFiles } from '../../../packages/engine/src/unpack/mail-uuencode.ts'
import { uuencoded } from '../../../packages/engine/src/unpack/mails.fixture.ts'
import { embeddedObjectParts, nativeStreamParts } from '../../../packages/engine/src/unpack/ole-native.ts'
import { powerpointParts } from '../../../packages/engine/src/unpack/powerpoint.ts'
import { unpackRtf } from '../../../packages/engine/src/unpack/rtf.ts'
import { compressedRtfPart } from '../../../packages/engine/src/unpack/rtf-compression.ts'
import { unpackTnef } from '../../../packages/engine/src/unpack/tnef.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const data = Buffer.from('a file in a document')
const ole1 = makeOle1('Package', makePackage('a.exe', data))

/** What is a part of a stream is counted by whoever unpacks the stream. */
function counted(
  parts: (...parameters: Parameters<Unpack>) => AsyncIterable<UnpackedPart> | Iterable<UnpackedPart>,
): Unpack {
  return async function* (source, budget, means) {
    for await (const part of parts(source, budget, means)) {
      if (!budget.takeEntry()) return
      yield part
    }
  }
}

function presentation(isDeflated: boolean): Buffer {
  const object = Buffer.from('an object in a presentation')
  const packed = isDeflated ? Buffer.concat([uint32(object.length), deflateSync(object)]) : object
  const record = Buffer.concat([uint16(isDeflated ? 0x10 : 0, 0x1011), uint32(packed.length), packed])
  return Buffer.concat([uint16(0x0f, 0x3e8), uint32(8), Buffer.alloc(8), record, record])
}

/** Letters that stand for themselves, and one that leads back ([MS-OXRTFCP], section 2). */
function packedText(kind: number): Buffer {
  const body = Buffer.from('\0abcdefgh\x03\x00\x10\x0c\xa0xyz', 'latin1')
  return Buffer.concat([uint32(body.length + 12, 40, kind, 0), body])
}

function target(
  name: string,
  seeds: readonly Uint8Array[],
  unpack: Unpack,
  words: readonly string[] = [],
): FuzzTarget {
  return { name: `documents:${name}`, seeds: () => seeds, words, run: (input) => runUnpacker(unpack, input) }
}

export const targets: readonly FuzzTarget[] = [
  target(
    'rtf',
    [
      makeRtf(ole1.toString('hex')),
      makeRtf("0102\\'0304{\\x}05"),
      Buffer.from('{\\rtf1{\\pict\\bin5 abcde}{\\*\\objdata 01}}'),
    ],
    unpackRtf,
    ['{', '}', '\\objdata ', '\\bin', '\\*', "\\'41", '\\objemb', '\\pict', '\\uc1', '\\u65'],
  ),
  target(
    'tnef',
    [
      makeTnef('a.exe', data),
      makeTnef('a.exe', data, {
        isTitleLast: true,
        properties: [tnefProperty(0x3707, Buffer.from('a.exe')), tnefProperty(0x3701, data, 0xd)],
      }),
    ],
    unpackTnef,
  ),
  target('binhex', [makeBinhex('a.exe', data), makeBinhex('b', Buffer.alloc(600, 'x'))], unpackBinhex, [
    ':',
    '\n:',
  ]),
  target('object', [ole1, makeOle1('Word', randomText(1, 100)), data], counted(embeddedObjectParts)),
  target(
    'native-stream',
    [nativeStream(makePackage('a.exe', data)), nativeStream(data)],
    counted(nativeStreamParts),
  ),
  target('presentation', [presentation(true), presentation(false)], counted(powerpointParts)),
  target(
    'packed-text',
    [packedText(0x75465a4c), packedText(0x414c454d)],
    counted((source, budget) => [compressedRtfPart(source, budget)].filter((part) => part !== undefined)),
  ),
  target(
    'uuencoded',
    [Buffer.from(uuencoded(randomText(1, 200), 'a.bin')), Buffer.from('begin 644 a\n`\nend\n')],
    uuencodedFiles,
    ['begin 644 ', '\nend\n', '\n'],
  ),
]
