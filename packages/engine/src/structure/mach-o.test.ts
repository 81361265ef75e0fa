import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { type MachOItem, makeMachO } from './mach-o.fixture.ts'
import { readMachO } from './mach-o.ts'
import { readMutations } from './mutations.fixture.ts'

const simple: MachOItem = {
  processor: 18,
  thread: 0x8010,
  background: Buffer.alloc(0x1000, 'content '),
  segments: [
    [
      { address: 0x8000, size: 0x100, offset: 0x800 },
      { address: 0x8100, size: 0x45, offset: 0x900, alignment: 3 },
    ],
    [{ address: 0x9000, size: 0x5000, offset: 0xa00 }],
  ],
}
const read = (item: MachOItem) => readMachO(bytesSource(makeMachO(item)))

test('sections of all segments are counted, in each width and byte order', () => {
  for (const wide of [false, true]) {
    for (const bigEndian of [false, true]) {
      const executable = read({ ...simple, wide, bigEndian })
      assert.equal(executable?.entryPoint, 0x810)
      assert.equal(executable.damage, undefined)
      assert.deepEqual(
        executable.sections.map(({ offset, size }) => [offset, size]),
        [
          [0x800, 0x100],
          [0x900, 0x48],
          [0xa00, 0x600],
        ],
      )
      assert.match(executable.sectionHash(0, 'sha1') ?? '', /^[0-9a-f]{40}$/)
      assert.equal(executable.importHash(), undefined)
    }
  }
})

test('a program for another processor than PowerPC begins at the beginning of the file', () => {
  assert.equal(read({ ...simple, processor: 7 })?.entryPoint, 0)
  assert.equal(read({ segments: simple.segments, main: 0x810 })?.entryPoint, 0)
})

test('damage is said', () => {
  assert.match(read({ ...simple, thread: 0x100 })?.damage ?? '', /entry point/)
  assert.match(
    read({ segments: [[{ address: 0, size: 1, offset: 0, alignment: 32 }]] })?.damage ?? '',
    /alignment/,
  )
  const commands = makeMachO(simple)
  for (const count of [0, 1025]) {
    commands.writeUInt32LE(count, 16)
    assert.match(readMachO(bytesSource(commands))?.damage ?? '', new RegExp(`${count} load commands`))
  }
  const many = Array.from({ length: 256 }, () => ({ address: 0, size: 1, offset: 0 }))
  assert.match(read({ segments: [many], background: Buffer.alloc(0x8000) })?.damage ?? '', /256 sections/)
})

test('what is no Mach-O file has no structure', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('feedface', 'hex'), Buffer.alloc(100)]) {
    assert.equal(readMachO(bytesSource(bytes)), undefined)
  }
})

test('20,000 damaged headers are read without an exception, in bounded work', (context) => {
  const contents = [false, true].flatMap((wide) =>
    [false, true].map((bigEndian) => makeMachO({ ...simple, wide, bigEndian })),
  )
  const { dearest, taken } = readMutations(contents, 20_000, readMachO)
  context.diagnostic(
    `${taken} taken for Mach-O; the dearest cost ${dearest.reads} reads and ${dearest.bytes} bytes`,
  )
  assert.ok(taken > 5000)
  assert.ok(dearest.reads < 5000 && dearest.bytes < 1_000_000)
})
