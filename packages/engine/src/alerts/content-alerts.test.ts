import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { inWords, testDefinitions } from '../scanner.fixture.ts'
import { Scanner } from '../scanner.ts'
import { makePe } from '../structure/pe.fixture.ts'
import { makeZip } from '../unpack/archives.fixture.ts'
import { makeOle2 } from '../unpack/ole2.fixture.ts'
import { type AlertName, alertNames } from './alerts.ts'

const scanner = await Scanner.start({ definitions: testDefinitions(), workers: 1 })
test.after(() => scanner[Symbol.asyncDispose]())

async function found(bytes: Uint8Array, alerts: readonly AlertName[]): Promise<string[]> {
  const { verdict } = await scanner.scan({ bytes }, { alerts })
  return verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : []
}

/** One record of a workbook's stream. */
function record(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(kind, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

const sheet = (type: number) => record(0x85, Buffer.from([0, 9, 0, 0, 0, type, 1, 0, 0x41]))

function workbook(name: string, ...records: readonly Buffer[]): Buffer {
  const data = Buffer.concat([record(0x809, Buffer.alloc(16)), ...records, Buffer.alloc(5000)])
  return makeOle2([{ name, data }])
}

const pdf = (key: string) =>
  Buffer.from(`%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R ${key} >>\n%%EOF\n`)

const program = {
  background: Buffer.alloc(0x1000, 0x90),
  headerBytes: 0x400,
  entry: 0x1010,
  sections: [{ rva: 0x1000, virtualSize: 0x200, rawPointer: 0x400, rawSize: 0x200 }],
}
const broken = makePe({ ...program, fileAlignment: 3 })

const cases: readonly (readonly [what: string, bytes: Uint8Array, alert: AlertName, name: string])[] = [
  [
    'an encrypted document',
    makeOle2([{ name: 'EncryptedPackage', data: Buffer.alloc(5000, 1) }]),
    'encrypted-documents',
    'Heuristics.Encrypted.OLE2',
  ],
  ['an encrypted PDF', pdf('/Encrypt 5 0 R'), 'encrypted-documents', 'Heuristics.Encrypted.PDF'],
  ['a program with an alignment that is none', broken, 'broken-executables', 'Heuristics.Broken.Executable'],
  [
    'a program cut within its headers',
    makePe(program).subarray(0, 300),
    'broken-executables',
    'Heuristics.Broken.Executable',
  ],
  [
    'a sheet of macros',
    workbook('Workbook', sheet(0), sheet(1)),
    'macros',
    'Heuristics.OLE2.ContainsMacros.XLM',
  ],
  [
    'a sheet of macros in an old book',
    workbook('Book', sheet(1)),
    'macros',
    'Heuristics.OLE2.ContainsMacros.XLM',
  ],
  [
    'a project of Visual Basic',
    makeOle2([{ name: '_VBA_PROJECT', data: Buffer.alloc(300, 1) }]),
    'macros',
    'Heuristics.OLE2.ContainsMacros.VBA',
  ],
]

for (const [what, bytes, alert, name] of cases) {
  test(`${what} is told when that is asked for, also inside a zip, and not otherwise`, async () => {
    assert.deepEqual(await found(bytes, [alert]), [name])
    assert.deepEqual(await found(makeZip([{ name: 'inner', data: bytes }]), [alert]), [name])
    assert.deepEqual(await found(bytes, []), [])
    assert.deepEqual(
      await found(
        bytes,
        alertNames.filter((other) => other !== alert),
      ),
      [],
    )
  })
}

test('what only looks like it is not told', async () => {
  for (const bytes of [
    pdf('/Encrypted true'),
    pdf('/EncryptMetadata false'),
    workbook('Workbook', sheet(0), record(0x0a, Buffer.alloc(0)), sheet(1)),
    workbook('Notebook', sheet(1)),
    makePe(program),
    makeOle2([{ name: 'PROJECT', data: Buffer.alloc(300, 1) }]),
  ])
    assert.deepEqual(await found(bytes, alertNames), [])
})

test('a limit that was reached is told, beside what was found before it', async () => {
  const bytes = makeZip([
    { name: 'one', data: Buffer.from('one') },
    { name: 'two', data: Buffer.from('two') },
  ])
  const limited = { alerts: ['exceeded-limits'] as const, limits: { maxEntries: 1 } }
  assert.equal(
    inWords(await scanner.scan({ bytes }, limited)),
    'infected Heuristics.Limits.Exceeded.MaxFiles, unscanned too-many-entries',
  )
  const tooLarge = await scanner.scan({ bytes }, { ...limited, limits: { maxFileBytes: 10 } })
  assert.match(inWords(tooLarge), /^infected Heuristics\.Limits\.Exceeded\.MaxFileSize, unscanned too-large$/)
})

test('all contents are listed when that is asked for, each before what is in it', async () => {
  const inner = makeZip([{ name: 'deep.txt', data: Buffer.from('some text') }])
  const bytes = makeZip([
    { name: 'inner.zip', data: inner },
    { name: 'last', data: Buffer.from('last of all') },
  ])
  const { contents } = await scanner.scan({ bytes }, { contents: true })
  const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')
  assert.deepEqual(contents, {
    listed: [
      { depth: 0, type: 'CL_TYPE_ZIP', bytes: bytes.length, md5: md5(bytes) },
      { innerPath: 'inner.zip', depth: 1, type: 'CL_TYPE_ZIP', bytes: inner.length, md5: md5(inner) },
      {
        innerPath: 'inner.zip/deep.txt',
        depth: 2,
        type: 'CL_TYPE_TEXT_ASCII',
        bytes: 9,
        md5: md5(Buffer.from('some text')),
      },
      {
        innerPath: 'last',
        depth: 1,
        type: 'CL_TYPE_TEXT_ASCII',
        bytes: 11,
        md5: md5(Buffer.from('last of all')),
      },
    ],
    unlisted: 0,
  })
  assert.equal((await scanner.scan({ bytes })).contents, undefined)
})
