/** Compressed streams, each of its own kind; those that a decoder of ours reads, and zstd, which zlib does. */
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { unpackBzip2 } from '../../../packages/engine/src/unpack/bzip2.ts'
import { unpackCompress } from '../../../packages/engine/src/unpack/compress.ts'
import { compressBy, compressorsMissing } from '../../../packages/engine/src/unpack/compressors.fixture.ts'
import type { Unpack } from '../../../packages/engine/src/unpack/container.ts'
import { packWithLibrary } from '../../../packages/engine/src/unpack/library-archives.fixture.ts'
import { unpackLz4 } from '../../../packages/engine/src/unpack/lz4.ts'
import { unpackLzip, unpackLzma } from '../../../packages/engine/src/unpack/lzma.ts'
import { unpackXz } from '../../../packages/engine/src/unpack/xz.ts'
import { unpackZstd } from '../../../packages/engine/src/unpack/zstd.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const streams: Readonly<Record<string, { readonly unpack: Unpack; readonly commands: readonly string[] }>> = {
  bzip2: { unpack: unpackBzip2, commands: ['bzip2 -1', 'bzip2 -9'] },
  xz: {
    unpack: unpackXz,
    commands: [
      'xz -0',
      'xz --check=sha256 --block-size=200',
      'xz --x86 --lzma2=lc=0,lp=2,pb=3',
      'xz --delta=dist=3 --lzma2',
    ],
  },
  lzma: { unpack: unpackLzma, commands: ['xz --format=lzma', 'xz --format=lzma --lzma1=lc=1,lp=3,pb=4'] },
  lzip: { unpack: unpackLzip, commands: ['lzip -0'] },
  zstd: { unpack: unpackZstd, commands: ['zstd -1', 'zstd -19 --no-check', 'zstd -1 --no-content-size'] },
  lz4: { unpack: unpackLz4, commands: ['lz4 -1 -B4 -BD', 'lz4 -l', 'lz4 -B5 -BX --content-size'] },
  compress: { unpack: unpackCompress, commands: ['compress', 'compress -b 10'] },
}

const contents = [
  Buffer.from('a text, a text, a text, and no more'.repeat(4)),
  randomText(1, 600),
  Buffer.alloc(70_000, 'abc'),
]

/** Where the usual programs are not there, what the archives' library writes will do, and for the other formats a magic. */
async function seedsOf(kind: string, commands: readonly string[]): Promise<Uint8Array[]> {
  if (!compressorsMissing) {
    const all = commands.flatMap((command) => contents.map((content) => compressBy(command, content)))
    return [...all, Buffer.concat(all.slice(0, 2))]
  }
  const archive = { bzip2: 'a.bz2', xz: 'a.xz' }[kind]
  if (archive !== undefined) return await Promise.all(contents.map((a) => packWithLibrary(archive, { a })))
  const magics: Readonly<Record<string, string>> = {
    lzma: '5d00008000ffffffffffffffff',
    lzip: '4c5a495001',
    zstd: '28b52ffd',
    lz4: '04224d18',
    compress: '1f9d90',
  }
  return [Buffer.from(`${magics[kind]}${'00'.repeat(40)}`, 'hex')]
}

export const targets: readonly FuzzTarget[] = Object.entries(streams).map(([kind, { unpack, commands }]) => ({
  name: `streams:${kind}`,
  seeds: () => seedsOf(kind, commands),
  run: (input) => runUnpacker(unpack, input),
}))
