/**
 * Signatures for text, HTML and any target beside stock clamscan, over made texts, pages and scripts: patterns are pieces
 * of the forms and of the files, some of them spoiled by a byte. COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { contentType } from '../content-type.ts'
import { clamscanHits, clamscanMissing } from '../match/clamscan.fixture.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { scanHere } from '../scanner.fixture.ts'
import { normalisedForms } from './forms.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 4)

const words = ['Alpha', 'beta', 'GAMMA', 'delta42', 'Epsilon_X', 'caf\xe9', 'theta', '100%', 'x=1;', 'Omega,']
const spaces = [' ', '  ', '\n', '\r\n', '\t', ' \n\n ', '\f']
const tags = [
  ...[
    '<p>',
    '</P>',
    '<b class="A  B">',
    '<!-- note > x -->',
    '<a href="HTTP://Example.NET/A?b=1&amp;c">',
    '</a>',
  ],
  ...[
    "<div id='Q r' Title=T>",
    '<img src=Pic.GIF>',
    '&lt;tag&gt;',
    '&amp;',
    '&#65;&#x42;',
    '&nbsp;',
    '<br/>',
    '<',
    '"',
    "'",
  ],
  ...['<style>Body { Color : Red }</style>', '<td width = 3>', '<!DOCTYPE html>', '&eacute;', '<?x y="z"?>'],
]
const statements = [
  ...['var Foo = "Hello " + \'World\';', 'function Bar(A, b) { return A + b; }', 'Bar(Foo, 1.50);'],
  ...[
    'document.write(unescape("%3Cb%3E"));',
    '/* note */',
    'if (Foo == 0x1F) { Bar() }',
    'x.Foo = "a\\x41\\n";',
    '\n',
  ],
]

function made(random: Random, from: readonly string[], most: number, between: readonly string[]): string {
  return Array.from(
    { length: 4 + random.whole(most) },
    () => `${random.pick(from)}${random.pick(between)}`,
  ).join('')
}

function madeFile(random: Random): Buffer {
  const text = made(random, words, 30, spaces)
  const page = () =>
    `<html>${made(random, [...words, ...tags], 40, [...spaces, ''])}<script>${made(random, statements, 8, [' ', ''])}</script>${made(random, [...words, ...tags], 10, spaces)}`
  switch (random.whole(6)) {
    case 0:
      return Buffer.from(text, 'latin1')
    case 1:
      return Buffer.from(`\ufeff${text}`, 'utf16le')
    case 2:
      return Buffer.from(made(random, statements, 30, spaces), 'latin1')
    case 3:
      return Buffer.from(`${text}${page()}`, 'latin1')
    default:
      return Buffer.from(page(), 'latin1')
  }
}

/** What a pattern is cut from, each with the targets that may find it there. */
function sources(file: Buffer): Buffer[] {
  const source = bytesSource(file)
  const forms = [...normalisedForms(source, contentType(source, { typeRules: [] }).name, () => {})]
  return [file, ...forms.map(({ content }) => Buffer.from(content.read(0, content.size)))].filter(
    ({ length }) => length >= 24,
  )
}

function madeSignature(random: Random, index: number, from: Buffer): string {
  const length = 5 + random.whole(14)
  const start = random.chance(0.15)
    ? 0
    : random.chance(0.15)
      ? from.length - length
      : random.whole(from.length - length)
  const piece = Buffer.from(from.subarray(start, start + length))
  if (random.chance(0.3)) piece[random.whole(length)] = random.pick([0x20, 0x41, 0x61, 0x3c])
  const offset = random.chance(0.7)
    ? '*'
    : random.pick([`${start}`, `EOF-${from.length - start}`, `${start + 1}`, `${Math.max(0, start - 3)},5`])
  return `S${index}:${random.pick([0, 3, 7])}:${offset}:${piece.toString('hex')}`
}

test(
  'signatures for text, HTML and any target are found in the forms as stock clamscan finds them',
  {
    skip: clamscanMissing,
  },
  (context) => compare(context, true),
)

test(
  'without forms they are found in the bytes as stock finds them with --normalize=no',
  {
    skip: clamscanMissing,
  },
  (context) => compare(context, false),
)

async function compare(context: TestContext, normalise: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-forms-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let compared = 0
  let both = 0
  let ours = 0
  const different: string[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const files = Array.from({ length: 12 }, () => madeFile(random))
    const from = files.flatMap(sources)
    const lines = Array.from({ length: 150 }, (_, index) => madeSignature(random, index, random.pick(from)))
    const { bytes: set, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-25T00:00:00Z',
      files: [{ name: 'set.ndb', text: lines.join('\n') }],
    })
    assert.deepEqual(summary.refused, [])
    const stock = clamscanHits(lines, files, join(folder, `${seed}`), 'ndb', normalise)
    for (const [index, file] of files.entries()) {
      const { verdict } = await scanHere({ bytes: file }, {}, undefined, set, { normalise })
      const found = new Set(
        verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : [],
      )
      for (const line of lines) {
        const [name = '', target, offset = '', hex = ''] = line.split(':')
        const byStock = stock[index]?.includes(name) === true
        compared += 1
        if (byStock && found.has(name)) both += 1
        if (byStock === found.has(name)) continue
        // Stock does not look for these in the file's own bytes where it takes it for HTML, and forgets some at its end.
        const isRaw = file.includes(Buffer.from(hex, 'hex'))
        const isKnown = normalise && !byStock && target === '0' && (isRaw || offset.startsWith('EOF'))
        if (isKnown) ours += 1
        else
          different.push(
            `seed ${seed}, ${byStock ? 'stock' : 'ours'} alone: ${line}, ${Buffer.from(hex, 'hex')} in ${file.toString('latin1')}`,
          )
      }
    }
  }
  context.diagnostic(
    `${compared} compared, ${both} found by both, ${ours} by ours alone where stock does not look, ${different.length} different`,
  )
  assert.ok(both > 10 * seeds, 'stock found so little that this is no test')
  assert.deepEqual(different, [])
}
