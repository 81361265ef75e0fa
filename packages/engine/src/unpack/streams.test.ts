/**
 * Compressed streams against the programs that write them, honest and not, with stock clamscan beside ours for those that it opens.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { identifyFileType } from '../file-type.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import { clamscanHits, clamscanMissing } from '../match/clamscan.fixture.ts'
import { decoders, inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeTar, makeZip, randomBytes, randomText } from './archives.fixture.ts'
import { compressBy, compressorsMissing } from './compressors.fixture.ts'
import { inflates } from './inflate.ts'
import { unpackers } from './unpackers.ts'

const EICAR = 'infected Eicar-Test-Signature'
const zstdMissing = inflates('zstd') ? false : 'needs Node 22.15 or newer'
const skip = compressorsMissing || zstdMissing

const commands = {
  bzip2: ['bzip2 -1', 'bzip2 -9'],
  xz: [
    'xz -0',
    'xz -6',
    'xz -9e',
    'xz --block-size=40000 --check=sha256',
    'xz --lzma2=lc=0,lp=4,pb=3 --check=none',
  ],
  lzma: ['xz --format=lzma', 'xz --format=lzma --lzma1=lc=1,lp=3,pb=4'],
  zstd: ['zstd -1', 'zstd -19 --no-check', 'zstd --long=27', 'zstd -1 --no-content-size'],
  lz4: ['lz4 -1 -B4 -BD', 'lz4 -9 --content-size', 'lz4 -l', 'lz4 -B5 -BX --no-frame-crc'],
  compress: ['compress', 'compress -b 10', 'compress -b 13'],
} as const

type Kind = keyof typeof commands
const kinds = Object.keys(commands) as Kind[]

async function unpacked(bytes: Buffer, limits: Partial<Limits> = {}) {
  const { name } = identifyFileType(bytes.subarray(0, 4096))
  const budget = createBudget(resolveLimits(limits), () => false)
  const unpack = unpackers[name]
  assert.ok(unpack !== undefined, name)
  for await (const part of unpack(bytesSource(bytes), budget, { decoders, passwords: [] })) {
    if (part.kind === 'content')
      return {
        name,
        content: Buffer.from(part.content.read(0, part.content.size)),
        shortfall: part.shortfall,
      }
  }
  return { name, content: Buffer.alloc(0), shortfall: undefined }
}

/** Without what is legible in the compressed bytes themselves. */
const words = async (bytes: Uint8Array, limits: Partial<Limits> = {}) =>
  inWords(await scanHere({ bytes }, limits)).replace(`${EICAR}, `, '')

const program = readFileSync(process.execPath).subarray(0x100000, 0x180000)
const contents: Readonly<Record<string, Buffer>> = {
  byte: Buffer.from('a'),
  text: randomText(3, 300_000),
  random: randomBytes(4, 200_000),
  zeros: Buffer.alloc(1_000_000),
  runs: Buffer.concat(Array.from({ length: 3000 }, (_, index) => Buffer.alloc(index % 300, index % 7))),
  program,
}

test('what the programs write comes out as it went in', { skip }, async () => {
  for (const kind of kinds) {
    for (const command of commands[kind]) {
      for (const [what, content] of Object.entries(contents)) {
        const { name, content: out, shortfall } = await unpacked(compressBy(command, content))
        assert.equal(name, kind, `${command}, ${what}`)
        assert.equal(shortfall, undefined, `${command}, ${what}`)
        assert.ok(content.equals(out), `${command}, ${what}`)
      }
    }
  }
})

test('streams of nothing are known and hold nothing', { skip }, async () => {
  for (const kind of kinds) {
    for (const command of commands[kind]) {
      const bytes = compressBy(command, Buffer.alloc(0))
      assert.equal(await words(bytes), 'clean', command)
    }
  }
})

test('what packers do to programs before xz compresses them is undone', { skip }, async () => {
  for (const filter of [
    'x86',
    'arm',
    'armthumb',
    'arm64',
    'powerpc',
    'sparc',
    'ia64',
    'x86=start=4096',
    'delta=dist=3',
  ]) {
    for (const content of [program, randomBytes(7, 300_001), Buffer.alloc(100_000, 0xe8)]) {
      const { content: out, shortfall } = await unpacked(
        compressBy(`xz --${filter} --lzma2=preset=1`, content),
      )
      assert.equal(shortfall, undefined, filter)
      assert.ok(content.equals(out), filter)
    }
  }
})

test('streams after one another are one content, and what stands behind them is no part of it', {
  skip,
}, async () => {
  const [head, tail] = [eicar().subarray(0, 30), eicar().subarray(30)]
  for (const kind of kinds.filter((kind) => kind !== 'lzma' && kind !== 'compress')) {
    const [command] = commands[kind]
    const two = Buffer.concat([compressBy(command, head), compressBy(command, tail)])
    assert.equal(await words(two), `${EICAR}@content`, kind)
    assert.equal(await words(Buffer.concat([two, Buffer.from('behind')])), `${EICAR}@content`, kind)
  }
  const padded = Buffer.concat([compressBy('xz', head), Buffer.alloc(8), compressBy('xz', tail)])
  assert.equal(await words(padded), `${EICAR}@content`)
})

test('frames to be passed over are', { skip }, async () => {
  const skipped = Buffer.from('\x50\x2a\x4d\x18\x04\0\0\0\x28\xb5\x2f\xfd', 'latin1')
  const zstd = compressBy('zstd', eicar())
  const lz4 = compressBy('lz4', eicar())
  assert.equal(await words(Buffer.concat([skipped, zstd])), `${EICAR}@content`)
  assert.equal(await words(Buffer.concat([zstd, skipped, zstd])), `${EICAR}@content`)
  assert.match(await words(Buffer.concat([lz4, skipped, lz4])), /^infected .*@content$/)
})

test('a stream within another, and archives in streams, are opened to the end', { skip }, async () => {
  const tar = await makeTar([{ name: 'e', data: makeZip([{ name: 'z', data: eicar() }]) }])
  for (const outer of kinds) {
    for (const inner of kinds) {
      const bytes = compressBy(commands[outer][0], compressBy(commands[inner][0], tar))
      assert.equal(await words(bytes), `${EICAR}@content/content/e/z`, `${inner} in ${outer}`)
    }
  }
})

test('a stream that breaks off is damaged, and what came before is scanned', { skip }, async () => {
  const content = Buffer.concat([eicar(), randomBytes(5, 2_000_000)])
  for (const kind of kinds) {
    const bytes = compressBy(commands[kind][0], content)
    for (const part of [0.55, 0.9]) {
      const found = await words(bytes.subarray(0, bytes.length * part))
      // Compress has nothing at its end that says so.
      const expected = kind === 'compress' ? '' : ', unscanned damaged@content'
      assert.equal(found, `${EICAR}@content${expected}`, kind)
    }
  }
})

test('a bomb is told, and the bytes before the limit are scanned', { skip }, async () => {
  const bomb = Buffer.concat([eicar(), Buffer.alloc(100_000_000)])
  for (const kind of kinds) {
    const bytes = compressBy(commands[kind][0], bomb)
    assert.equal(
      await words(bytes, { maxContentBytes: 1_000_000 }),
      `${EICAR}@content, unscanned too-large@content`,
      kind,
    )
    assert.equal(
      await words(bytes, { maxTotalContentBytes: 1_000_000 }),
      `${EICAR}@content, unscanned budget-exceeded@content`,
      kind,
    )
    const ratio = await words(bytes, { maxRatio: 10 })
    assert.equal(ratio, `${EICAR}@content, unscanned compression-ratio@content`, kind)
  }
})

test('changed streams give a verdict, whatever was changed in them', { skip }, async () => {
  const content = Buffer.concat([contents.runs as Buffer, randomText(8, 20_000), program.subarray(0, 50_000)])
  let seed = 1
  for (const kind of kinds) {
    for (const command of [...commands[kind], ...(kind === 'xz' ? ['xz --x86 --lzma2=preset=0'] : [])]) {
      const whole = compressBy(command, content)
      for (let round = 0; round < 60; round += 1) {
        const changed = Buffer.from(whole)
        seed += 7919
        const random = randomBytes(seed, 48)
        for (let change = 0; change < 1 + (round % 5); change += 1) {
          // The headers more often than the rest.
          const span = round % 2 === 0 ? 40 : changed.length
          changed[random.readUInt32LE(change * 8) % span] = random[change * 8 + 4] ?? 0
        }
        const found = await words(changed, { maxContentBytes: 2_000_000, timeLimitMilliseconds: 60_000 })
        assert.doesNotMatch(found, /crashed|timed-out/, `${command}, round ${round}, seed ${seed}`)
      }
    }
  }
})

test('stock clamscan finds nothing in streams that is not found', {
  skip: skip || clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-streams-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const tar = await makeTar([{ name: 'e', data: eicar() }])
  const names = kinds.flatMap((outer) => [[outer], ...kinds.map((inner) => [outer, inner])] as Kind[][])
  const files = names.map((name) =>
    name.reduceRight<Buffer>((content, kind) => compressBy(commands[kind][0], content), tar),
  )
  const stock = clamscanHits([`S0:0:*:${eicar().toString('hex')}`], files, folder, 'ndb', true)
  const theirs = names.filter((_, index) => (stock[index] ?? []).length > 0).map((name) => name.join('/'))
  assert.ok(theirs.length >= 6, theirs.join())
  for (const [index, name] of names.entries())
    assert.match(await words(files[index] as Buffer), /Eicar/, name.join('/'))
  // It opens these two of all; in the others it finds what is legible.
  assert.deepEqual(
    theirs.filter((name) => !/^(?:bzip2|xz|(?:zstd\/)?lz4)(?:\/|$)/.test(name)),
    [],
  )
})
