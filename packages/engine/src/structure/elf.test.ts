import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { type ElfItem, makeElf } from './elf.fixture.ts'
import { readElf } from './elf.ts'
import { readMutations } from './mutations.fixture.ts'

const simple: ElfItem = {
  entry: 0x8010,
  background: Buffer.alloc(0x1000, 'content '),
  segments: [{ address: 0x8000, offset: 0x400, fileSize: 0x400 }],
  sections: [
    { type: 0, offset: 0, size: 0 },
    { offset: 0x400, size: 0x40 },
    { type: 8, offset: 0xfc0, size: 0x4000 },
  ],
}
const read = (item: ElfItem) => readElf(bytesSource(makeElf(item)))

test('entry point and sections are offsets into the file, in each class and byte order', () => {
  for (const wide of [false, true]) {
    for (const bigEndian of [false, true]) {
      const executable = read({ ...simple, wide, bigEndian })
      assert.equal(executable?.entryPoint, 0x410)
      assert.equal(executable.damage, undefined)
      assert.deepEqual(executable.sections, [
        { offset: 0, size: 0 },
        { offset: 0x400, size: 0x40 },
        { offset: 0xfc0, size: 0x40 },
      ])
      assert.match(executable.sectionHash(1, 'sha256') ?? '', /^[0-9a-f]{64}$/)
      assert.equal(executable.sectionHash(0, 'md5'), undefined)
      assert.equal(executable.importHash(), undefined)
    }
  }
})

test('addresses may use all 64 bits', () => {
  const bytes = makeElf({ ...simple, wide: true })
  for (const at of [24, 64 + 16]) bytes.writeUInt32LE(0xffffffff, at + 4)
  assert.equal(readElf(bytesSource(bytes))?.entryPoint, 0x410)
})

test('a file without segments begins at its beginning', () => {
  assert.equal(read({ ...simple, type: 1, segments: [] })?.entryPoint, 0)
})

test('damage is said', () => {
  assert.match(read({ ...simple, entry: 0x100 })?.damage ?? '', /entry point/)
  assert.match(read({ ...simple, segmentBytes: 10 })?.damage ?? '', /segment headers/)
  assert.match(read({ ...simple, sectionBytes: 10 })?.damage ?? '', /section headers/)
  assert.match(read({ ...simple, segmentCount: 129 })?.damage ?? '', /129 segments/)
  assert.match(read({ ...simple, sectionCount: 257 })?.damage ?? '', /257 sections/)
  assert.match(read({ ...simple, sectionTable: 0x1000, sectionCount: 4 })?.damage ?? '', /cut/)
})

test('an entry point behind the end is told as it is', () => {
  const executable = read({
    ...simple,
    segments: [{ address: 0x8000, offset: 0x9000, fileSize: 0x400 }],
  })
  assert.equal(executable?.entryPoint, 0x9010)
  assert.equal(executable?.damage, undefined)
})

test('what is no ELF file has no structure', () => {
  const magic = makeElf(simple)
  magic[0] = 0
  const classless = makeElf(simple)
  classless[4] = 3
  for (const bytes of [Buffer.alloc(0), Buffer.from('\x7fELF', 'latin1'), magic, classless]) {
    assert.equal(readElf(bytesSource(bytes)), undefined)
  }
})

test('20,000 damaged headers are read without an exception, in bounded work', (context) => {
  const contents = [false, true].flatMap((wide) =>
    [false, true].map((bigEndian) => makeElf({ ...simple, wide, bigEndian })),
  )
  const { dearest, taken } = readMutations(contents, 20_000, readElf)
  context.diagnostic(
    `${taken} taken for ELF; the dearest cost ${dearest.reads} reads and ${dearest.bytes} bytes`,
  )
  assert.ok(taken > 5000)
  assert.ok(dearest.reads < 1000 && dearest.bytes < 100_000)
})
