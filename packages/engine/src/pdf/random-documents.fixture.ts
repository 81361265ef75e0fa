/** Random PDF documents with a word in each of their places, and what may happen to one. Never imported by production code. */
import type { seededRandom } from '../match/random-signatures.fixture.ts'
import {
  encoders,
  hex,
  latin1,
  type MadeObject,
  makeObjectStream,
  makePdf,
  makeStream,
  octal,
  utf16,
} from './pdf.fixture.ts'

type Random = ReturnType<typeof seededRandom>

export interface MadeDocument {
  readonly bytes: Buffer
  /** All of them lie in it, none twice. */
  readonly words: readonly string[]
  /** Where each lies, for people. */
  readonly kinds: readonly string[]
}

const letters = [...'bcdfghjklmnpqrstvwxz']
const short: Readonly<Record<string, string>> = {
  FlateDecode: 'Fl',
  LZWDecode: 'LZW',
  ASCIIHexDecode: 'AHx',
  ASCII85Decode: 'A85',
  RunLengthDecode: 'RL',
}

function randomWord(random: Random): string {
  return Array.from({ length: 12 }, () => random.pick(letters)).join('')
}

function textAround(random: Random, word: string): Buffer {
  const padding = Array.from({ length: random.whole(40) }, () => randomWord(random)).join(' ')
  return latin1(`${padding} ${word} and ${padding}\n`)
}

function randomStream(random: Random, number: number, word: string): { object: MadeObject; kind: string } {
  const names = Array.from({ length: random.whole(4) }, () => random.pick(Object.keys(encoders)))
  let data = textAround(random, word)
  for (const name of names.toReversed()) data = encoders[name]?.(data) ?? data
  const written = names
    .map((name) => `/${random.chance(0.3) ? short[name] : name}`)
    .join(random.pick([' ', '']))
  const filter =
    names.length === 0 ? '' : `/Filter ${names.length > 1 || random.chance(0.3) ? `[${written}]` : written}`
  const extra = random.pick(['', '/Type /EmbeddedFile', '/Type /XObject /Subtype /Form', '/Subtype /XML'])
  const lineEnd = random.pick(['\n', '\r\n'])
  return {
    object: makeStream(number, `${extra} ${filter}`, data, { lineEnd }),
    kind: `stream ${extra} ${filter}`,
  }
}

function randomScript(random: Random, word: string): { body: string; kind: string } {
  const code = `var a = "${word}";`
  const string = random.pick([
    `(${code})`,
    `(${octal(code)})`,
    hex(code),
    `(${octal(utf16(code))})`,
    hex(utf16(code)),
  ])
  const key = random.pick(['/JS', '/J#53'])
  return { body: `<< /S /JavaScript ${key} ${string} >>`, kind: `${key} ${string.slice(0, 8)}` }
}

/** A document of one to six objects beside its page. */
export function randomDocument(random: Random): MadeDocument {
  const objects: MadeObject[] = []
  const words: string[] = []
  const kinds: string[] = []
  const count = 1 + random.whole(6)
  for (let number = 4; number < 4 + count; number += 1) {
    const word = randomWord(random)
    words.push(word)
    const choice = random.whole(10)
    if (choice < 6) {
      const { object, kind } = randomStream(random, number, word)
      objects.push(object)
      kinds.push(kind)
    } else if (choice < 8) {
      const { body, kind } = randomScript(random, word)
      objects.push({ number, body })
      kinds.push(kind)
    } else {
      const inner = random.chance(0.5) ? `<< /Note (${word}) >>` : randomScript(random, word).body
      objects.push(makeObjectStream(number, 100 + 10 * number, ['<< /A 1 >>', inner]))
      kinds.push(`object stream ${inner.slice(0, 30)}`)
    }
  }
  // All of them are led to, so that who writes the document anew keeps them.
  const kept = objects.map(({ number }) => `${number} 0 R`).join(' ')
  return { bytes: makePdf(objects, { catalog: `/Kept [${kept}]` }), words, kinds }
}

/** A document with some of it changed, left out, doubled, moved or cut. */
export function spoiled(random: Random, document: Buffer): Buffer {
  let bytes = document
  for (let change = 0; change < 1 + random.whole(3); change += 1) {
    const at = random.whole(bytes.length)
    const length = random.whole(random.pick([4, 40, 400]))
    const piece = bytes.subarray(at, at + length)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)]
    const other = random.whole(bytes.length)
    bytes = random.pick([
      () => Buffer.concat([before, after]),
      () => Buffer.concat([before, piece, piece, after]),
      () => Buffer.concat([before, Buffer.from(piece.map((byte) => byte ^ (1 << random.whole(8)))), after]),
      () => Buffer.concat([bytes.subarray(0, other), piece, bytes.subarray(other)]),
      () => spoiledWord(random, bytes),
      () => bytes.subarray(0, Math.max(at, bytes.length >> 1)),
    ])()
  }
  return bytes
}

/** One of the words that a reader goes by, changed or left out. */
function spoiledWord(random: Random, bytes: Buffer): Buffer {
  const word = random.pick([
    'endobj',
    'endstream',
    'stream',
    '/Length',
    '>>',
    'obj',
    'xref',
    '/Filter',
    '<<',
    '\n',
  ])
  const at = bytes.indexOf(word, random.whole(bytes.length))
  if (at === -1) return bytes
  const instead = random.pick(['', ' ', `${word}${word}`, word.toUpperCase(), '%'])
  return Buffer.concat([bytes.subarray(0, at), latin1(instead), bytes.subarray(at + word.length)])
}
