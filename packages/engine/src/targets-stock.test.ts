/**
 * Files of every target type, signatures for every target, beside stock clamscan, through the whole engine: byte patterns and logical
 * signatures with every kind of offset, modifier and sub-signature, made of what stands in the files, near misses among them.
 * COREWARD_ORACLE_SEEDS is how many rounds there are; each has its own files and signatures.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanMissing } from './match/clamscan.fixture.ts'
import { type Random, seededRandom } from './match/random-signatures.fixture.ts'
import { scanHere } from './scanner.fixture.ts'
import { makeElf } from './structure/elf.fixture.ts'
import { makeMachO } from './structure/mach-o.fixture.ts'
import { makePe } from './structure/pe.fixture.ts'
import { makeOle2 } from './unpack/ole2.fixture.ts'

const rounds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 4)
const LINES = 400
const FILES_OF_EACH = 2

/** Where the planted bytes begin in every made file; all of their bytes are those of the file. */
const PLANTED_AT = 0x400
const PLANTED_BYTES = 0x200

const latin = (text: string) => Buffer.from(text, 'latin1')
const wide = (text: string) => Buffer.from(text, 'utf16le')

/** Words, wide words, numbers, and for what is no text any bytes. */
function planted(random: Random, isText: boolean): Buffer {
  const word = () =>
    Array.from({ length: 4 + random.whole(8) }, () => random.pick([...'abcdefgrst'])).join('')
  const pieces: Buffer[] = []
  let length = 0
  while (length < PLANTED_BYTES) {
    const kind = random.whole(isText ? 2 : 5)
    const piece =
      kind === 0
        ? latin(`${word()} `)
        : kind === 1
          ? latin(`n${random.whole(5000)} `)
          : kind === 2
            ? wide(word())
            : kind === 3
              ? latin(word().toUpperCase())
              : Buffer.from(Array.from({ length: 8 }, () => 0x80 + random.whole(0x80)))
    pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces).subarray(0, PLANTED_BYTES)
}

type Make = (payload: Buffer) => Buffer

/** A file with this magic, the payload at its place, and something behind it. */
const behind =
  (magic: string): Make =>
  (payload) =>
    Buffer.concat([latin(magic), Buffer.alloc(PLANTED_AT - magic.length, 1), payload, Buffer.alloc(64, 2)])

function background(payload: Buffer): Buffer {
  const bytes = Buffer.alloc(0x1000, 3)
  bytes.set(payload, PLANTED_AT)
  return bytes
}

const textMakers: readonly Make[] = [
  (payload) => Buffer.concat([payload, latin('\n')]),
  (payload) => Buffer.concat([latin('<html><body>'), payload, latin('</body></html>\n')]),
]

const makers: readonly Make[] = [
  behind('\x01\x02\x00\x00'),
  (payload) =>
    makePe({
      background: background(payload),
      headerBytes: 0x400,
      entry: 0x1010,
      sections: [
        { rva: 0x1000, virtualSize: 0x200, rawPointer: PLANTED_AT, rawSize: 0x200 },
        { rva: 0x2000, virtualSize: 0x200, rawPointer: 0x800, rawSize: 0x200 },
      ],
    }),
  // Zeros tell the stream from text, for which it would be taken now and then.
  (payload) =>
    makeOle2([{ name: 'One', data: Buffer.concat([Buffer.alloc(16), payload, Buffer.alloc(5000, 4)]) }]),
  behind('\x89PNG\r\n\x1a\n'),
  behind('GIF89a'),
  (payload) =>
    makeElf({
      wide: true,
      entry: 0x8020,
      background: background(payload),
      segments: [{ address: 0x8000, offset: PLANTED_AT, fileSize: 0x200, memorySize: 0x200 }],
      sections: [
        { type: 0, offset: 0, size: 0 },
        { offset: PLANTED_AT, size: 0x100 },
      ],
    }),
  (payload) =>
    makeMachO({
      wide: true,
      background: background(payload),
      segments: [[{ address: 0x8000, size: 0x200, offset: PLANTED_AT, alignment: 2 }]],
    }),
  behind('%PDF-1.4\n'),
  behind('\xca\xfe\xba\xbe\x00\x00\x00\x34'),
]

const programs = [1, 6, 9]
const targets = [0, 0, 0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12]

/** Bytes of some file, where they stand in it, and how long it is. */
interface Found {
  readonly bytes: Buffer
  readonly at: number
  readonly size: number
}

function pick(random: Random, files: readonly Buffer[]): Found {
  const file = random.pick(files)
  const length = 4 + random.whole(9)
  const at = random.chance(0.9)
    ? PLANTED_AT + random.whole(PLANTED_BYTES - length)
    : random.whole(file.length - length)
  return { bytes: Buffer.from(file.subarray(at, at + length)), at, size: file.length }
}

function pickText(random: Random, texts: readonly Buffer[]): Found {
  const file = random.pick(texts)
  const length = 4 + random.whole(9)
  const at = 16 + random.whole(PLANTED_BYTES - length - 16)
  return { bytes: Buffer.from(file.subarray(at, at + length)), at, size: file.length }
}

/** The bytes as a pattern, now and then with a wildcard, an alternative or a gap, now and then wrong by a byte. */
function pattern(random: Random, bytes: Buffer): string {
  const own = Buffer.from(bytes)
  if (random.chance(0.2)) own[random.whole(own.length)] = 0x7a
  const hex = [...own].map((byte) => byte.toString(16).padStart(2, '0'))
  const kind = random.whole(8)
  if (own.length > 6 && kind === 0) hex.splice(3, 1, '??')
  if (own.length > 6 && kind === 1) hex.splice(3, 1, `${hex[3]?.[0]}?`)
  if (own.length > 6 && kind === 2) hex.splice(3, 1, `(${hex[3]}|7a)`)
  if (own.length > 8 && kind === 3) hex.splice(4, 1, random.pick(['{1}', '{0-2}', '*', '{-3}']))
  return hex.join('')
}

/** Where it stands, or a byte beside it; stock takes offsets in a program for programs alone. */
function offset(random: Random, { at, size }: Found, target: number): string {
  const off = random.pick([0, 0, 0, 1, -1])
  const inContent = ['*', '*', `${Math.max(0, at + off)}`, `EOF-${size - at + off}`]
  const inProgram = [
    `EP${at - PLANTED_AT - 0x10 < 0 ? '-' : '+'}${Math.abs(at - PLANTED_AT - 0x10 + off)}`,
    `S0+${Math.max(0, at - PLANTED_AT + off)}`,
    `S1+${Math.max(0, at - PLANTED_AT + off)}`,
    'SE0',
    `SL+${Math.max(0, at - PLANTED_AT + off)}`,
  ]
  const place = random.pick(programs.includes(target) ? [...inContent, ...inProgram] : inContent)
  return place === '*' || place === 'SE0' || random.chance(0.7) ? place : `${place},${random.whole(6)}`
}

function subSignature(random: Random, found: Found, index: number, target: number): string {
  const { bytes } = found
  const text = bytes.toString('latin1')
  const kind = random.whole(10)
  if (index > 0 && kind === 0 && /^[a-z]{4,}$/.test(text))
    return `0/${text.slice(0, 2)}[a-z]${text.slice(3)}/${random.pick(['', 'i', 's', 'g'])}`
  // Stock compares bytes for target 0 alone (DESIGN.md).
  if (index > 0 && kind === 1 && target === 0)
    return `0(>>${random.whole(12)}#${random.pick(['hb2', 'db1', 'hl2', 'ileh2'])}#${random.pick('=<>'.split(''))}${random.whole(200)})`.replace(
      'ileh2',
      'hle2',
    )
  const modifiers = random.pick(['', '', '::i', '::w', '::f', '::a', '::iw', '::fa'])
  const own = modifiers.includes('w')
    ? Buffer.from([...bytes].filter((byte) => byte !== 0).map((byte) => (byte < 0x80 ? byte : 0x61)))
    : bytes
  const hex = pattern(random, own.length < 4 ? bytes : own)
  const place = random.chance(0.3) ? `${offset(random, found, target)}:` : ''
  return `${place === '*:' ? '' : place}${hex}${modifiers}`
}

function line(random: Random, name: string, take: () => Found, isText: boolean): ['ndb' | 'ldb', string] {
  const target = isText ? random.pick([0, 3, 7]) : random.pick(targets)
  const first = take()
  if (random.chance(0.5))
    return [
      'ndb',
      `${name}:${target}:${isText ? '*' : offset(random, first, target)}:${pattern(random, first.bytes)}`,
    ]
  const count = 1 + random.whole(3)
  const subs = Array.from({ length: count }, (_, index) =>
    isText ? pattern(random, take().bytes) : subSignature(random, take(), index, target),
  )
  const all = subs.map((_, index) => index)
  // Of a text stock finds `0=0` and `0` at once in some sets, and takes random bytes for UTF-16 now and then (DESIGN.md).
  const hasForms = isText || target === 3 || target === 7
  const expression = random.pick([
    all.join('&'),
    all.join('|'),
    `(${all.join('|')})>0`,
    `${all.join('&')}${random.pick(hasForms ? ['', '>0'] : ['', '>0', '=1', '<3'])}`,
    all.map((index) => `${index}${hasForms ? '>' : '='}${random.whole(3)}`).join('|'),
  ])
  const size = random.chance(0.2) ? `,FileSize:${random.whole(2000)}-${random.whole(20_000)}` : ''
  return ['ldb', `${name};Engine:81-255,Target:${target}${size};${expression};${subs.join(';')}`]
}

/** Those that both take: what one refuses is the matter of other tests. */
function takenByStock(lines: readonly string[], path: string): string[] {
  const accepts = (some: readonly string[]) => {
    writeFileSync(path, `${some.join('\n')}\n`)
    return spawnSync('clamscan', [`--database=${path}`, '--no-summary', path]).status !== 2
  }
  const sift = (some: readonly string[]): string[] => {
    if (some.length === 0 || accepts(some)) return [...some]
    if (some.length === 1) return []
    const half = Math.ceil(some.length / 2)
    return [...sift(some.slice(0, half)), ...sift(some.slice(half))]
  }
  return sift(lines)
}

test('signatures for every target find the same in files of every target', {
  skip: clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-targets-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let both = 0
  let compared = 0
  const different: string[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const random = seededRandom(round)
    const own = join(folder, `${round}`)
    mkdirSync(join(own, 'files'), { recursive: true })
    const make = (list: readonly Make[], isText: boolean) =>
      Array.from({ length: FILES_OF_EACH }, () => list.map((maker) => maker(planted(random, isText)))).flat()
    const binaries = make(makers, false)
    const texts = make(textMakers, true)
    const made = Array.from({ length: LINES }, (_, index) =>
      index % 5 === 0
        ? line(random, `S${index}`, () => pickText(random, texts), true)
        : line(random, `S${index}`, () => pick(random, binaries), false),
    )
    const files = (['ndb', 'ldb'] as const).map((format) => {
      const lines = made.filter(([kind]) => kind === format).map(([, text]) => text)
      const name = `a.${format}`
      return { name, text: `${takenByStock(lines, join(own, name)).join('\n')}\n` }
    })
    const first = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files })
    const refused = new Set(first.summary.refused.map(({ file, line: number }) => `${file}:${number}`))
    const kept = files.map(({ name, text }) => ({
      name,
      text: text
        .split('\n')
        .filter((_, index) => !refused.has(`${name}:${index + 1}`))
        .join('\n'),
    }))
    for (const { name, text } of kept) writeFileSync(join(own, name), text)
    const { bytes } = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files: kept })
    const contents = [...binaries, ...texts]
    contents.forEach((content, index) => {
      writeFileSync(join(own, 'files', `${index}`), content)
    })
    const databases = kept.map(({ name }) => `--database=${join(own, name)}`)
    const options = ['--allmatch', '--no-summary', ...databases, join(own, 'files')]
    const { status, stdout, stderr } = spawnSync('clamscan', options, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
    const theirs = [...stdout.matchAll(/\/(\d+): (S\d+)\.UNOFFICIAL FOUND$/gm)]
    for (const [index, content] of contents.entries()) {
      const { verdict } = await scanHere({ bytes: content }, {}, undefined, bytes)
      const detections = verdict.outcome === 'infected' ? verdict.detections : []
      const ours = new Set(detections.map(({ signature }) => signature))
      const stock = new Set(
        theirs.filter(([, file]) => Number(file) === index).map(([, , name = '']) => name),
      )
      compared += LINES
      both += ours.intersection(stock).size
      for (const name of ours.symmetricDifference(stock))
        different.push(
          `${ours.has(name) ? 'ours' : 'stock'} round ${round} file ${index}: ${made[Number(name.slice(1))]?.[1]}`,
        )
    }
  }
  context.diagnostic(`${compared} comparisons, ${both} found by both, ${different.length} different`)
  assert.deepEqual(different, [])
  assert.ok(both > rounds * 100, 'too little was found for a test')
})
