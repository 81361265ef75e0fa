/** Compressed streams, each of its own kind; those that a decoder of ours reads, and zstd, which zlib does. */
import { randomText } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { compressBy, compressorsMissing } from '../../../packages/engine/src/unpack/compressors.fixture.ts'
import type { Unpack } from '../../../packages/engine/src/unpack/container.ts'
import { unpackLz4 } from '../../../packages/engine/src/unpack/lz4.ts'
import { unpackZstd } from '../../../packages/engine/src/unpack/zstd.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const streams: Readonly<Record<string, { readonly unpack: Unpack; readonly commands: readonly string[] }>> = {
  zstd: { unpack: unpackZstd, commands: ['zstd -1', 'zstd -19 --no-check', 'zstd -1 --no-content-size'] },
  lz4: { unpack: unpackLz4, commands: ['lz4 -1 -B4 -BD', 'lz4 -l', 'lz4 -B5 -BX --content-size'] },
}

const contents = [
  Buffer.from('a text, a text, a text, and no more'.repeat(4)),
  randomText(1, 600),
  Buffer.alloc(70_000, 'abc'),
]

/** Where the usual programs are not there, a magic will do. */
function seedsOf(kind: string, commands: readonly string[]): Uint8Array[] {
  if (!compressorsMissing) {
    const all = commands.flatMap((command) => contents.map((content) => compressBy(command, content)))
    return [...all, Buffer.concat(all.slice(0, 2))]
  }
  const magics: Readonly<Record<string, string>> = {
    zstd: '28b52ffd',
    lz4: '04224d18',
  }
  return [Buffer.from(`${magics[kind]}${'00'.repeat(40)}`, 'hex')]
}

export const targets: readonly FuzzTarget[] = Object.entries(streams).map(([kind, { unpack, commands }]) => ({
  name: `streams:${kind}`,
  seeds: () => seedsOf(kind, commands),
  run: (input) => runUnpacker(unpack, input),
}))
