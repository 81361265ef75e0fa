import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type CompileInput, type CompileSummary, compileDefinitions } from './compile.ts'
import { DefinitionsError } from './definitions-error.ts'
import { openDefinitions } from './open.ts'

const md5 = '44d88612fea8a8f36de82e1278abb02f'
const sha1 = '3395856ce81f2b7382dee72602f798b642f14140'
const sha256 = '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f'

function compile(
  texts: Readonly<Record<string, string>>,
  more: Partial<CompileInput> = {},
): { names: string[]; summary: CompileSummary; bytes: Uint8Array } {
  const files = Object.entries(texts).map(([name, text]) => ({ name, text }))
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files,
    ...more,
  })
  const definitions = openDefinitions(bytes)
  const names = Array.from({ length: definitions.signatureCount }, (_, id) => definitions.signature(id).name)
  return { names, summary, bytes }
}

test('comments, empty lines and the line ends of Windows are no signatures and no errors', () => {
  const { names, summary } = compile({ 'a.ndb': '# A\r\n\r\nA:0:*:616263\r\n\n  \nB:0:*:616264' })
  assert.deepEqual(names, ['A', 'B'])
  assert.deepEqual(summary.refused, [])
})

test('the summary counts by format and tells the digest and length of the file', () => {
  const { summary, bytes } = compile({
    'a.ndb': 'A:0:*:616263\nB:0:*:616264:300',
    'b.NDB': 'C:0:*:616265',
    'a.hdb': `${md5}:68:D`,
    'a.hsb': `${sha1}:68:E\n${sha256}:68:F`,
    'a.sfp': `${sha256}:68:G`,
    'a.ldb': 'H;Target:0;0;616263\nI;Engine:255-300,Target:0;0;616263',
  })
  assert.deepEqual(summary.counts, { ndb: 2, hdb: 1, hsb: 2, sfp: 1, ldb: 1 })
  assert.equal(summary.skipped, 2)
  assert.equal(summary.bytes, bytes.length)
  assert.equal(summary.sha256, createHash('sha256').update(bytes).digest('hex'))
})

test('a malformed line is refused with file, line and reason, and the lines around it are taken', () => {
  const { names, summary } = compile({
    'a.hdb': [`${md5}:68:A`, `${md5}:0:B`, `${md5}:*:C`, `${sha1}:68:D`, `${md5}:68`, `${md5}:68:E`].join(
      '\n',
    ),
    'b.hsb': `${md5}:68:F\n${'g'.repeat(64)}:1:G\n${sha1}:4294967295:H`,
    'c.ndb': 'I:0:*:616263\nJ J:0:*:616263\n:0:*:616263\nK:0:*:616263:x',
    'd.xyz': 'anything',
    'e.ldb': ['L;Target:0;0;616263', 'M;Target:0;0&1;616263', 'N;Target:0;0;616263/a/'].join('\n'),
  })
  assert.deepEqual(names, ['A', 'E', 'I', 'L'])
  assert.deepEqual(
    summary.refused.map(({ file, line, reason }) => `${file}:${line}: ${reason}`),
    [
      'a.hdb:2: "0" is not a size from 1 to 4294967294, nor *',
      'a.hdb:3: a size of * without a functionality level of 73 or more',
      'a.hdb:4: a hash of 40 digits where md5 belongs',
      'a.hdb:5: 2 fields where 3 to 5 belong',
      'b.hsb:1: a hash of 32 digits where sha1 or sha256 belongs',
      'b.hsb:2: the hash holds other than hexadecimal digits',
      'b.hsb:3: "4294967295" is not a size from 1 to 4294967294, nor *',
      'c.ndb:2: the name is empty or holds other than visible ASCII characters',
      'c.ndb:3: the name is empty or holds other than visible ASCII characters',
      'c.ndb:4: "x" is not a functionality level',
      'd.xyz:0: the format .xyz is not read; known are hdb, hsb, mdb, msb, imp, ndb, sdb, db, ldb, cdb, crb, ftm, pdb, wdb, gdb, idb, fp, sfp, ign2, yar, yara',
      'e.ldb:2: 1 sub-signatures where the expression speaks of 2',
      'e.ldb:3: sub-signature 0: a regular expression that waits for sub-signature 616263, which is not before it',
    ],
  )
})

test('what is refused is counted by reason, and listed as far as that helps', () => {
  const many = Array.from({ length: 1500 }, (_, index) => `N${index}:0:*:zz`)
  const { summary } = compile({ 'a.ndb': many.join('\n'), 'b.hdb': `${md5}:0:B\n${md5}:x:B\n${md5}:1:C` })
  assert.equal(summary.refusedCount, 1502)
  assert.equal(summary.refused.length, 1000)
  assert.deepEqual(
    summary.refusedKinds.map(({ count }) => count),
    [1500, 2],
  )
  assert.equal(summary.refusedKinds[1]?.reason, '"…" is not a size from N to N, nor *')
  // Reasons that are different each time do not add up without bound.
  const odd = Array.from({ length: 300 }, (_, index) => `N:0:*:616263:${'y'.repeat(index)}'${index}x`)
  const kinds = compile({ 'a.ndb': odd.join('\n'), 'c.unknown': '' }).summary.refusedKinds
  assert.equal(
    kinds.reduce((sum, { count }) => sum + count, 0),
    301,
  )
})

test('bytecode and other formats that are not evaluated are counted by name, and are no refused lines', () => {
  const { names, summary } = compile({
    'a.hdb': `${md5}:68:A`,
    'bytecode.cvd/1.cbc': 'ClamBCafhhbf|biac:4096\nBC.Test.One.{A};Engine:56-255,Target:0;0;616263\nTedd\n',
    'bytecode.cvd/2.cbc': 'ClamBCafhhbf|biac:4096\n\nTedd;x\n',
  })
  assert.deepEqual(names, ['A'])
  assert.deepEqual(
    compile({ 'main-63.cvd.sign': '#clamsign-1.0\n' }).summary.unsupported.map(({ names }) => names),
    [['main-63.cvd.sign']],
  )
  assert.deepEqual(
    summary.unsupported.map(({ format, count, names }) => [format, count, names]),
    [['cbc', 2, ['BC.Test.One.{A}', 'bytecode.cvd/2.cbc']]],
  )
  assert.match(summary.unsupported[0]?.reason ?? '', /is not run/)
  assert.deepEqual(summary.refused, [])
  const more = Array.from({ length: 30 }, (_, index) => `Password-${index};0`)
  const [pwdb] = compile({ 'a.pwdb': more.join('\n') }).summary.unsupported
  assert.deepEqual([pwdb?.count, pwdb?.names.length], [30, 20])
})

test('the oldest forms of patterns are read, and formats that clamscan reads only when asked are counted', () => {
  const { names, summary } = compile({
    'a.db': 'Old=6f6c642d626f6479\nOlder.Name (Clam)=6f6c64??626f6479\nTwo=6162=6364\n=6162\nNo',
    'a.sdb': 'Special:0:*:6f6c642d626f6479',
    'a.hdu': `${md5}:68:PUA.A`,
    'a.ndu': 'PUA.B:0:*:616263\nPUA.C:0:*:616263',
    'a.ldu': 'PUA.D;Target:0;0;616263',
  })
  assert.deepEqual(names, ['Old', 'Older.Name', 'Special'])
  assert.deepEqual(
    summary.refused.map(({ file, line }) => `${file}:${line}`),
    ['a.db:3', 'a.db:4', 'a.db:5'],
  )
  assert.deepEqual(
    summary.unsupported.map(({ format, names }) => [format, ...names]),
    [
      ['hdu', 'PUA.A'],
      ['ndu', 'PUA.B', 'PUA.C'],
      ['ldu', 'PUA.D'],
    ],
  )
})

test('an ignored name is left out wherever its file stands, and with an MD5 only while the line is that one', () => {
  const line = 'A:0:*:616263'
  const lineMd5 = createHash('md5').update(line).digest('hex')
  assert.deepEqual(compile({ 'a.ndb': line, 'z.ign2': 'A' }).names, [])
  assert.deepEqual(compile({ '0.ign2': `A:${lineMd5.toUpperCase()}`, 'a.ndb': line }).names, [])
  const { names, summary } = compile({ '0.ign2': `A:${lineMd5}\nB`, 'a.ndb': 'A:0:*:616264\nB:0:*:616265' })
  assert.deepEqual(names, ['A'])
  assert.equal(summary.ignored, 1)
})

test('one hash may have several signatures, and each is found', () => {
  const { bytes } = compile({ 'a.hdb': `${md5}:68:B\n${md5}:69:C\n${md5}:68:A\n${md5}:*:D:73` })
  const { hashes } = openDefinitions(bytes)
  const found = (size: number) => hashes.fileMd5.find(Buffer.from(md5, 'hex'), size)
  assert.deepEqual([found(68), found(69), found(70)], [[0, 2, 3], [1, 3], [3]])
})

test('hash tables find every hash that was put in, and no neighbour of one', () => {
  const hash = (index: number) => createHash('sha256').update(`${index}`).digest()
  const text = Array.from(
    { length: 3000 },
    (_, index) => `${hash(index).toString('hex')}:${1 + (index % 50)}:N${index}`,
  )
  const { bytes } = compile({ 'a.hsb': text.join('\n') })
  const table = openDefinitions(bytes).hashes.fileSha256
  for (let index = 0; index < 3000; index += 1) {
    assert.deepEqual(table.find(hash(index), 1 + (index % 50)), [index])
    assert.deepEqual(table.find(hash(index), 51), [])
    const near = hash(index)
    near[31] = (near[31] ?? 0) ^ 1
    assert.deepEqual(table.find(near, 1 + (index % 50)), [])
  }
  assert.deepEqual([0, 1, 50, 51].map(table.wants), [false, true, true, false])
})

test('severity, category and description come from the sidecar, and otherwise from the name', () => {
  const description = 'Does what its name says, 日本語でも。'
  const { bytes } = compile(
    { 'a.ndb': 'Php.Webshell.A:0:*:616263\nUnix.CoinMiner.B:0:*:616264\nC:0:*:616265' },
    { descriptions: { C: { severity: 'severe', category: 'backdoor', description } } },
  )
  const { signature } = openDefinitions(bytes)
  const told = [0, 1, 2]
    .map((id) => signature(id))
    .map((one) => [one.severity, one.category, one.description])
  assert.deepEqual(told, [
    ['high', 'web-shell', undefined],
    ['high', 'coin-miner', undefined],
    ['severe', 'backdoor', description],
  ])
})

test('an input that is wrong as a whole fails as a whole', () => {
  const wrong: readonly Partial<CompileInput>[] = [
    { version: '' },
    { version: 'a b' },
    { version: 'x'.repeat(65) },
    { createdAt: 'yesterday' },
    { createdAt: '2026-13-24T00:00:00Z' },
    { descriptions: { A: { category: 'Not A Word' } } },
    { descriptions: { A: { description: 'x'.repeat(4001) } } },
  ]
  for (const input of wrong) {
    assert.throws(
      () => compile({ 'a.ndb': 'A:0:*:616263' }, input),
      (error) => error instanceof DefinitionsError && error.code === 'bad-input',
      JSON.stringify(input).slice(0, 80),
    )
  }
})

test('an empty set is a set', () => {
  const { names, summary } = compile({})
  assert.deepEqual(names, [])
  assert.deepEqual(summary.counts, {})
})

test('signatures that cost a look at every byte are named', () => {
  const { summary } = compile({
    'a.ndb': 'Test.Short:0:0:4d5a??90\nTest.Four:0:*:6162??63646566\nTest.Later:0:*:6162636465666768*6a6b6c',
    'a.ldb': 'Test.Logical;Engine:51-255,Target:0;0&1;616263646566;6768',
  })
  assert.deepEqual(summary.costly, { count: 3, names: ['Test.Short', 'Test.Later', 'Test.Logical'] })
})

test('names that share a stem are read back as they were written', () => {
  const names = [
    'Win.Trojan.Agent-1-0',
    'Win.Trojan.Agent-6312832-0',
    'Win.Trojan.Agent-6312832-1',
    'Win.Trojan.Agent-07-0',
    'Win.Trojan.Agent-7-007',
    'Win.Trojan.Agent-7',
    'Win.Trojan.Agent-4294967295',
    'Win.Trojan.Agent-4294967294-12345',
    'Agent--3',
    '-3',
    '-',
    '3-3',
    'a-0-0-0',
    `${'x'.repeat(243)}-4294967294`,
  ]
  const read = compile({ 'a.ndb': names.map((name, index) => `${name}:0:*:6162${60 + index}`).join('\n') })
  assert.deepEqual(read.names, names)
})
