import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import type { Limits } from '../limits.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeZip } from '../unpack/archives.fixture.ts'
import {
  encoders,
  hex,
  latin1,
  type MadeObject,
  makeObjectStream,
  makePdf,
  makeStream,
  octal,
  type StreamOptions,
  utf16,
} from './pdf.fixture.ts'

const program = eicar()
const packed = deflateSync(program)
const flate = '/Filter /FlateDecode'

async function words(bytes: Uint8Array, limits: Partial<Limits> = {}): Promise<string> {
  return inWords(await scanHere({ bytes }, limits))
}

const found = (path: string) => `infected Eicar-Test-Signature@${path}`
const withStream = (dictionary: string, data: Uint8Array, options?: StreamOptions) =>
  makePdf([makeStream(4, dictionary, data, options)])

test('what a stream holds is found through its filters, however they are written', async () => {
  const a85 = encoders.ASCII85Decode?.(packed) ?? packed
  for (const [dictionary, data] of [
    [flate, packed],
    ['/Filter [/Fl]', packed],
    ['/F#69lter /Fl#61teDecode', packed],
    ['/Filter [/ASCII85Decode/FlateDecode]', a85],
    ['/Filter 5 0 R', packed],
    ['/Filter %>>\n/FlateDecode', packed],
    ['/Filter [/Crypt /FlateDecode]', packed],
    [`/Filter /ASCIIHexDecode ${flate}`, packed],
    [`${flate} /Filter /ASCIIHexDecode`, packed],
    ['/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>', predictedUp(program, 4)],
  ] as const) {
    const bytes = makePdf([makeStream(4, dictionary, data), { number: 5, body: '/FlateDecode' }])
    assert.ok((await words(bytes)).startsWith(found('object 4')), dictionary)
  }
})

/** Each row as the difference to that above it, deflated. */
function predictedUp(data: Buffer, columns: number): Buffer {
  const rows: Buffer[] = []
  for (let at = 0; at < data.length; at += columns) {
    const row = Buffer.alloc(columns + 1, 2)
    for (let index = 0; index < columns; index += 1)
      row[index + 1] = (data[at + index] ?? 0) - (data[at - columns + index] ?? 0)
    rows.push(row)
  }
  return deflateSync(Buffer.concat(rows))
}

test('a stream is found whatever its length, its line ends and its table say', async () => {
  for (const options of [
    { length: '/Length 5' },
    { length: '/Length 99999' },
    { length: '' },
    { length: '/Length 3 0 R' },
    { length: '/Length 4 0 R' },
    { lineEnd: '\r' },
    { lineEnd: '\r\n' },
    { lineEnd: ' \n' },
    { lineEnd: '' },
    { end: '' },
    { end: 'endstream' },
  ])
    assert.equal(await words(withStream(flate, packed, options)), found('object 4'), JSON.stringify(options))
  const honest = withStream(flate, packed).toString('latin1')
  for (const spoil of [
    (text: string) => text.slice(0, text.indexOf('xref')),
    (text: string) => text.replaceAll('endobj', ''),
    (text: string) => text.replace('4 0 obj\n', '4 0obj'),
    (text: string) => text.replace('4 0 obj', '4 %5 0\n 0 %obj\r obj'),
    (text: string) => text.replace('>>\nstream', '\nstream'),
  ])
    assert.equal(await words(latin1(spoil(honest))), found('object 4'), String(spoil))
})

test('a length that holds is believed, so that the word for the end may stand within the data', async () => {
  const tricky = Buffer.concat([latin1('endstream endobj '), program])
  assert.equal(await words(withStream('', tricky)), `infected Eicar-Test-Signature, ${found('object 4')}`)
})

test('a document is one behind other bytes, beside another and in another', async () => {
  const document = withStream(flate, packed)
  for (const head of ['some text\n', '\0\0\0', 'GIF89a1234567', '<html><body>', 'MZ\x90\0', 'From: a@b\n\n'])
    assert.match(await words(Buffer.concat([latin1(head), document])), /^infected Eicar/, head)
  assert.equal(await words(Buffer.concat([makePdf([]), document])), found('object 4'))
  assert.equal(await words(withStream('', document)), found('object 4/object 4'))
  assert.equal(await words(withStream(flate, deflateSync(document))), found('object 4/object 4'))
  assert.equal(await words(Buffer.concat([Buffer.alloc(1100, 1), document])), 'clean')
})

test('objects of older versions are looked at too', async () => {
  const old = withStream(flate, packed)
  assert.equal(await words(Buffer.concat([old, latin1('4 0 obj\n<< >>\nendobj\n')])), found('object 4'))
})

test('scripts are found in strings, escaped, in base 16 and in UTF-16, and where a reference leads', async () => {
  const text = program.toString('latin1')
  const escaped = text.replace(/[\\()]/g, '\\$&')
  const action = (string: string): MadeObject => ({ number: 5, body: `<< /S /JavaScript /JS ${string} >>` })
  for (const string of [
    `(${octal(text)})`,
    hex(text),
    hex(utf16(text)),
    `(${escaped.slice(0, 9)}\\\r\n${escaped.slice(9)})`,
  ])
    assert.equal(await words(makePdf([action(string)])), found('object 5 script'), string)
  const referred = makePdf([action('6 0 R'), { number: 6, body: hex(text) }])
  assert.equal(await words(referred), `${found('object 5 script')}, ${found('strings')}`)
  const inObjectStream = makePdf([makeObjectStream(6, 20, ['<< >>', `<< /JS (${octal(text)}) >>`])])
  assert.equal(await words(inObjectStream), found('object 21 script'))
  const untyped = latin1(inObjectStream.toString('latin1').replace('/Type /ObjStm', ''))
  assert.equal(await words(untyped), found('object 21 script'))
  assert.equal(
    await words(makePdf([{ number: 5, body: `<< /J#53 (${octal(text)}) >>` }])),
    found('object 5 script'),
  )
  const apart = makePdf([
    { number: 5, body: '<< /JS 21 0 R >>' },
    makeObjectStream(6, 20, ['<< >>', `(${octal(text)})`]),
  ])
  assert.match(await words(apart), /@object 5 script/)
})

test('other strings that stand in another form are found together', async () => {
  const text = program.toString('latin1')
  for (const body of [`<< /URI (${octal(text)}) >>`, `<< /T [<< /V ${hex(utf16(text))} >>] >>`])
    assert.equal(await words(makePdf([{ number: 5, body }])), found('strings'))
})

test('an embedded file bears its name, which may stand in an object stream', async () => {
  const file = makeStream(
    6,
    `/Type /EmbeddedFile ${flate}`,
    deflateSync(makeZip([{ name: 'a.com', data: program }])),
  )
  const specification = `<< /Type /Filespec /F (old.zip) /UF ${hex(utf16('入.zip'))} /EF << /F 6 0 R >> >>`
  assert.equal(await words(makePdf([file, { number: 7, body: specification }])), found('入.zip/a.com'))
  assert.equal(await words(makePdf([file, makeObjectStream(8, 20, [specification])])), found('入.zip/a.com'))
})

test('a stream that does not decode is told, beside what is found in the rest', async () => {
  const bytes = makePdf([makeStream(4, flate, 'not deflated at all'), makeStream(5, flate, packed)])
  assert.equal(await words(bytes), `${found('object 5')}, unscanned damaged@object 4`)
  const unknown = withStream('/Filter /Unheard', latin1('x'))
  assert.equal(await words(unknown), 'unscanned unsupported@object 4')
})

test('strings that are more than is gathered of them are told', async () => {
  const objects = Array.from({ length: 40 }, (_, index) => ({
    number: index + 4,
    body: `<< /URI (${'x'.repeat(100)}) >>`,
  }))
  assert.equal(await words(makePdf(objects), { maxContentBytes: 2048 }), 'unscanned too-large@strings')
  assert.equal(await words(makePdf(objects)), 'clean')
})

test('an encryption that does not open is told', async () => {
  assert.equal(await words(makePdf([], { trailer: '/Encrypt 9 0 R' })), 'unscanned encrypted')
  const standard = '/Encrypt << /Filter /Standard /V 2 /R 3 /P -4 /Length 128 /O (o) /U (u) >>'
  assert.equal(await words(makePdf([], { trailer: standard })), 'unscanned encrypted')
})

test('limits end a document with what was found until then', async () => {
  const many = makePdf(Array.from({ length: 30 }, (_, index) => makeStream(10 + index, flate, packed)))
  assert.match(await words(many, { maxEntries: 7 }), /^infected .*unscanned too-many-entries$/)
  const large = makePdf([
    makeStream(4, flate, deflateSync(Buffer.concat([program, Buffer.alloc(9_000_000)]))),
  ])
  assert.equal(
    await words(large, { maxContentBytes: 100_000 }),
    `${found('object 4')}, unscanned too-large@object 4`,
  )
  assert.match(await words(large, { maxRatio: 50 }), /unscanned compression-ratio@object 4$/)
  const nested = withStream('', withStream('', withStream(flate, packed)))
  assert.equal(await words(nested, { maxDepth: 2 }), 'unscanned too-deep@object 4/object 4')
})

const hostile: readonly (readonly [what: string, bytes: () => Buffer, verdict: RegExp])[] = [
  ['arrays that nest', () => latin1(`%PDF-1.4\n1 0 obj\n${'['.repeat(2_000_000)}`), /^clean$/],
  ['dictionaries that nest', () => latin1(`%PDF-1.4\n1 0 obj\n${'<</A'.repeat(500_000)}`), /^clean$/],
  ['strings that do not end', () => latin1(`%PDF-1.4\n${'1 0 obj ('.repeat(100_000)}`), /budget-exceeded/],
  ['objects that do not end', () => latin1(`%PDF-1.4\n${'1 0 obj <</A 1 0 R '.repeat(100_000)}`), /^clean$/],
  [
    'streams that share their end',
    () => latin1(`%PDF-1.4\n${'1 0 obj <<>> stream\n'.repeat(100_000)}endstream`),
    /damaged/,
  ],
  [
    'lengths that lead in a circle',
    () => latin1(`%PDF-1.4\n${'1 0 obj <</Length 1 0 R/Filter 1 0 R>> stream\n'.repeat(20_000)}`),
    /unscanned/,
  ],
  [
    'references to references',
    () =>
      latin1(
        `%PDF-1.4\n${'1 0 obj 1 0 R endobj\n'.repeat(5000)}${'2 0 obj <</JS 1 0 R>> endobj\n'.repeat(5000)}`,
      ),
    /clean|budget-exceeded/,
  ],
  [
    'object streams of many members at one place',
    () =>
      makePdf([
        makeStream(4, '/Type /ObjStm /First 600000', latin1('7 0 '.repeat(150_000) + '(x) '.repeat(99))),
      ]),
    /clean|unscanned/,
  ],
  [
    'a bomb in many layers',
    () => {
      let data = Buffer.alloc(50_000_000)
      for (let layer = 0; layer < 3; layer += 1) data = deflateSync(data)
      return withStream('/Filter [/Fl /Fl /Fl]', data)
    },
    /compression-ratio/,
  ],
  ['comments without end', () => latin1(`%PDF-1.4\n1 0 obj${'%'.repeat(3_000_000)}`), /^clean$/],
]

for (const [what, bytes, verdict] of hostile)
  test(`hostile: ${what}`, async () => {
    assert.match(await words(bytes(), { timeLimitMilliseconds: 600_000 }), verdict)
  })

test('a document cut or changed anywhere ends in a verdict', async () => {
  const whole = makePdf([
    makeStream(4, flate, packed),
    makeObjectStream(6, 20, ['<< /JS (a\\(b) >>', '[ 1 2 R <AB> ]']),
    { number: 7, body: '<< /UF (name) /EF << /F 4 0 R >> >>' },
  ])
  for (let at = 0; at < whole.length; at += 7) {
    assert.match(await words(whole.subarray(0, at)), /^(?:clean|infected|unscanned)/)
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    assert.match(await words(changed), /^(?:clean|infected|unscanned)/)
  }
})
