/**
 * Bombs: files that would take all memory or time if they were opened to their end. Each is told as `unscanned` for what was not looked at, beside
 * what was found before, and memory grows by no more than the limits say.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { constants, deflateRawSync, deflateSync, gzipSync, inflateRawSync, zstdCompressSync } from 'node:zlib'
import { createBudget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { makePdf, makeStream } from '../pdf/pdf.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeGzip, makeTar, makeZip, tarHeader } from './archives.fixture.ts'
import { nestedZips, zipQuine } from './bombs.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'
import { MAIL_HEADER, mailPart, multipart } from './mails.fixture.ts'
import { makeOle2 } from './ole2.fixture.ts'
import { unpackTar } from './tar.ts'

const EICAR = 'infected Eicar-Test-Signature'
const MiB = 1024 * 1024
/** Smaller than the defaults, so that little time is spent on what is read up to them. */
const limits = resolveLimits({ maxContentBytes: 16 * MiB, maxTotalContentBytes: 64 * MiB, maxEntries: 5000 })

/**
 * What a scan may add to memory: the contents that are held at once, one of them twice while its memory grows; and what heap, decompressors and allocator
 * take whatever the file.
 */
const GROWTH_MAX_BYTES = limits.maxTotalContentBytes + 2 * limits.maxContentBytes + 96 * MiB

const zeros = Buffer.alloc(16 * MiB)

/** Resident memory, now or at its highest, in bytes (proc(5), status). */
function memory(which: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line?.[1]) * 1024
}

/** Why memory is not measured: elsewhere there is no way to reset the highest value. */
const unmeasured = process.platform === 'linux' ? false : 'memory is measured on Linux'

/** Runs the scan; what it adds to memory stays within the bound. */
async function bounded<Result>(scan: () => Promise<Result>): Promise<Result> {
  if (unmeasured !== false) return await scan()
  const before = memory('VmRSS')
  // proc(5), clear_refs: 5 resets the highest value.
  writeFileSync('/proc/self/clear_refs', '5')
  const result = await scan()
  const growth = memory('VmHWM') - before
  assert.ok(growth <= GROWTH_MAX_BYTES, `memory grew by ${Math.round(growth / MiB)} MiB`)
  return result
}

async function words(bytes: Uint8Array): Promise<string> {
  const verdict = await bounded(async () => inWords(await scanHere({ bytes }, limits)))
  assert.doesNotMatch(verdict, /crashed|timed-out/)
  return verdict
}

test('zips in zips, sixteen in each and five deep, are opened to the limit and no further', async () => {
  const innermost = makeZip([{ name: 'zeros', data: zeros }])
  // 16^5 times 16 MB: 17 TB.
  assert.match(
    await words(nestedZips(16, 5, innermost)),
    /^unscanned (?:too-many-entries|budget-exceeded|compression-ratio)/,
  )
  const found = makeZip([
    { name: 'e.com', data: eicar() },
    { name: 'bomb', data: nestedZips(16, 5, innermost) },
  ])
  assert.match(await words(found), new RegExp(`^${EICAR}@e\\.com, unscanned`))
})

test('a zip that holds itself is too deep', async () => {
  const quine = zipQuine()
  assert.deepEqual(inflateRawSync(quine.subarray(60, -98)), quine)
  assert.match(await words(quine), /unscanned too-deep@/)
})

test('entries that overlap in a zip are no more than what lies there once', async () => {
  const compressed = deflateRawSync(zeros)
  const items = Array.from({ length: 2000 }, (_, index) => ({
    name: `${index}`,
    data: zeros.subarray(0, 1),
    compressed,
  }))
  assert.match(
    await words(makeZip(items, { overlapping: true })),
    /^unscanned (?:damaged|budget-exceeded|compression-ratio)/,
  )
})

test('a gzip that grows, in a gzip that grows, is told', async () => {
  const inner = Buffer.concat(Array.from({ length: 64 }, () => makeGzip(zeros)))
  assert.match(await words(inner), /^unscanned (?:too-large|compression-ratio)@content/)
  assert.match(
    await words(gzipSync(gzipSync(inner, { level: 9 }))),
    /^unscanned (?:too-large|compression-ratio)@content/,
  )
})

const compressed = {
  zstd: () => zstdCompressSync(zeros, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  xz: () => packWithLibrary('a.xz', { a: zeros }, ['-mx=1']),
  bzip2: () => packWithLibrary('a.bz2', { a: zeros }, ['-mx=1']),
} as const

for (const [kind, compress] of Object.entries(compressed)) {
  test(`a ${kind} stream of a gigabyte of zeros is told, and the bytes before the limit are scanned`, async () => {
    const stream = Buffer.from(await compress())
    const bomb = Buffer.concat(Array.from({ length: 64 }, () => stream))
    assert.match(await words(bomb), /^unscanned (?:too-large|compression-ratio)@/)
  })
}

test('a tar of a million entries is opened to the limit of entries', async () => {
  const [whole] = [tarHeader({ typeflag: '0', size: 0 })]
  const block = Buffer.concat(Array.from({ length: 257 }, () => whole))
  // As it would lie on a disk: 512 MB.
  const source: ByteSource = {
    size: 1_000_000 * 512,
    read: (offset, length) => block.subarray(offset % 512, (offset % 512) + length),
  }
  const budget = createBudget(limits, () => false)
  const kinds = await bounded(async () => {
    const kinds = new Map<string, number>()
    for await (const part of unpackTar(source, budget)) {
      const kind = part.kind === 'unscanned' ? part.shortfall.reason : part.kind
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    return [...kinds]
  })
  assert.deepEqual(kinds, [
    ['empty', limits.maxEntries],
    ['too-many-entries', 1],
  ])
})

test('mails in mails are read to the limit of depth, whether they stand as they are or encoded', async () => {
  let mail = `${MAIL_HEADER}\ninnermost\n`
  for (let depth = 0; depth < 3000; depth += 1)
    mail = `${MAIL_HEADER}${multipart([`Content-Type: message/rfc822\n\n${mail}`], `b${depth}`)}`.slice(
      -4 * MiB,
    )
  assert.match(await words(Buffer.from(mail)), /unscanned too-deep/)
  let encoded = `${MAIL_HEADER}${multipart([mailPart('Content-Type: a/b; name=e', eicar(), 'base64')], 'e')}`
  for (let depth = 0; depth < 18; depth += 1)
    encoded = `${MAIL_HEADER}${multipart([mailPart('Content-Type: a/b; name=m', Buffer.from(encoded), 'base64')], `b${depth}`)}`
  assert.match(await words(Buffer.from(encoded)), /unscanned too-deep@/)
})

test('filters of a PDF document that each grow what the one before gave, and object streams in object streams, are told', async () => {
  let chained: Buffer = Buffer.concat(Array.from({ length: 16 }, () => zeros))
  for (let layer = 0; layer < 4; layer += 1) chained = deflateSync(chained)
  const dictionary = '/Filter [/FlateDecode /FlateDecode /FlateDecode /FlateDecode]'
  const streams = Array.from({ length: 40 }, (_, index) => makeStream(4 + index, dictionary, chained))
  assert.match(
    await words(makePdf(streams)),
    /^unscanned (?:compression-ratio|too-large|budget-exceeded)@object 4/,
  )
  let inner = '1 0 (x)'
  for (let depth = 0; depth < 200; depth += 1)
    inner = `${4 + depth} 0 << /Type /ObjStm /N 1 /First 5 /Extends ${5 + depth} 0 R /Length ${inner.length} >> stream\n${inner}\nendstream`
  assert.match(
    await words(makePdf([makeStream(4, '/Type /ObjStm /N 1 /First 5', inner)])),
    /^(?:clean|unscanned)/,
  )
})

test('entities of XML are expanded nowhere', async () => {
  const entities = Array.from(
    { length: 20 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  )
  const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">${entities.join('')}]><x>&e20;</x>`
  assert.equal(await words(Buffer.from(laughs)), 'clean')
  const document = makeZip([
    { name: '[Content_Types].xml', data: Buffer.from(laughs) },
    { name: 'word/document.xml', data: Buffer.from(laughs) },
  ])
  assert.equal(await words(document), 'clean')
})

test('chains of a compound file that lead in circles end', async () => {
  const file = makeOle2([{ name: 'A', data: Buffer.alloc(6000, 'a') }])
  for (let sector = 0; sector < 12; sector += 1) {
    const changed = Buffer.from(file)
    // The table is the last sector; each states the same one, itself among them.
    for (let index = 0; index < 128; index += 1)
      changed.writeUInt32LE(sector, changed.length - 512 + 4 * index)
    // Sizes of four gigabytes in its directory.
    const at = changed.indexOf(Buffer.from('A\0', 'utf16le'))
    changed.writeUInt32LE(0xfffffff0, at + 120)
    assert.match(await words(changed), /^(?:clean|unscanned damaged)/)
  }
})

test('archives of ever more entries within one another are bounded together', async () => {
  const tar = await makeTar(
    Array.from({ length: 500 }, (_, index) => ({ name: `${index}`, data: Buffer.from('x') })),
  )
  const zip = makeZip(Array.from({ length: 500 }, (_, index) => ({ name: `${index}.tar`, data: tar })))
  assert.match(await words(makeGzip(zip)), /unscanned (?:too-many-entries|budget-exceeded)/)
})
