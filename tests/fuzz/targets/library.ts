/** Archives that a library opens in a thread of its own, which may die: what comes out of it, and that another takes its place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDecoderLibrary } from '../../../packages/engine/src/decoders/decoder-library.ts'
import { createDecoders } from '../../../packages/engine/src/decoders/decoders.ts'
import { identifyFileType } from '../../../packages/engine/src/file-type.ts'
import { makeZip, randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { compressBy, compressorsMissing } from '../../../packages/engine/src/unpack/compressors.fixture.ts'
import { packWithLibrary } from '../../../packages/engine/src/unpack/library-archives.fixture.ts'
import { libraryUnpackers } from '../../../packages/engine/src/unpack/library-formats.ts'
import { unpackSevenZip } from '../../../packages/engine/src/unpack/seven-zip.ts'
import { unpackZip } from '../../../packages/engine/src/unpack/zip.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const means = { decoders: createDecoders(openDecoderLibrary()), passwords: ['infected'] }
const files = { 'a.txt': Buffer.from('a text, a text'), 'b/c.bin': randomText(1, 300) }
const testFiles = '/usr/share/clamav-testfiles'

/** What archives of the other kinds begin with, where none can be made here. */
const magics: Readonly<Record<string, string>> = {
  ar: '!<arch>\na.txt/          0           0     0     644     2         `\nab',
  arj: '\x60\xea',
  cab: 'MSCF\0\0\0\0',
  bzip2: 'BZh1',
  chm: 'ITSF\x03\0\0\0',
  compress: '\x1f\x9d\x90',
  cpio: `070701${'0'.repeat(104)}`,
  lha: '\x20\0-lh5-',
  lzma: ']\0\0\x80\0',
  nsis: '\xef\xbe\xad\xdeNullsoftInst',
  rar: 'Rar!\x1a\x07\x01\0',
  rpm: '\xed\xab\xee\xdb\x03\0',
  squashfs: 'hsqs',
  wim: 'MSWIM\0\0\0',
  xz: '\xfd7zXZ\0',
  xar: 'xar!\0\x1c\0\x01',
}

/** Streams that the usual programs write. */
const commands: Readonly<Record<string, string>> = {
  bzip2: 'bzip2 -1',
  compress: 'compress',
  lzma: 'xz --format=lzma',
  xz: 'xz -0',
}

async function seedsOf(type: string): Promise<Uint8Array[]> {
  const command = commands[type]
  if (command !== undefined && !compressorsMissing)
    return Object.values(files).map((content) => compressBy(command, content))
  const known = existsSync(testFiles)
    ? readdirSync(testFiles).map((name) => readFileSync(join(testFiles, name)))
    : []
  const found = known.filter((bytes) => identifyFileType(bytes.subarray(0, 4096)).name === type)
  const magic = Buffer.from((magics[type] ?? '').padEnd(64, '\0'), 'latin1')
  return [magic, ...found]
}

const special: readonly FuzzTarget[] = [
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
  {
    name: 'library:zip',
    seeds: async () => [
      await packWithLibrary('a.zip', files, ['-mm=LZMA']),
      await packWithLibrary('a.zip', files, ['-mm=BZip2']),
      await packWithLibrary('a.zip', files, ['-mm=Deflate', '-pinfected']),
      makeZip([{ name: 'other', data: Buffer.from('other'), method: 9 }]),
    ],
    run: (input) => runUnpacker(unpackZip, input, means),
  },
]

const others = Object.entries(libraryUnpackers).filter(([type]) => type in magics || type in commands)

export const targets: readonly FuzzTarget[] = [
  ...special,
  ...others.map(([type, unpack]) => ({
    name: `library:${type}`,
    longest: 8 * 1024,
    seeds: () => seedsOf(type),
    run: (input: Uint8Array) => runUnpacker(unpack, input, means),
  })),
]
