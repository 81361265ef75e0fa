import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { readMutations } from './mutations.fixture.ts'
import { type ImportItem, makeImports, makePe, type PeItem } from './pe.fixture.ts'
import { readPe } from './pe.ts'

const content = Buffer.alloc(0x200, 'content ')
const simple: PeItem = {
  entry: 0x1010,
  sections: [{ rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: content }],
}
const read = (item: PeItem) => readPe(bytesSource(makePe(item)))

/** A program whose only section holds this import table. */
function importing(imports: readonly ImportItem[], plus = false, change = (_: Buffer) => {}): PeItem {
  const table = makeImports(0x1000, imports, plus)
  change(table)
  return {
    plus,
    directories: { 1: [0x1000, (imports.length + 1) * 20] },
    sections: [
      { rva: 0x1000, virtualSize: 0x10000, rawPointer: 0x400, rawSize: table.length + 511, data: table },
    ],
  }
}

function importHash(item: PeItem) {
  return read(item)?.importHash()
}

function hashed(text: string) {
  return { md5: createHash('md5').update(text, 'latin1').digest('hex'), length: text.length }
}

test('entry point and sections are offsets into the file, in PE32 and PE32+', () => {
  for (const plus of [false, true]) {
    const executable = read({ ...simple, plus })
    assert.equal(executable?.entryPoint, 0x410)
    assert.equal(executable.damage, undefined)
    assert.deepEqual(executable.sections, [{ rva: 0x1000, offset: 0x400, size: 0x200 }])
  }
})

test('a section begins at the multiple of the alignment below its pointer', () => {
  const at = (rawPointer: number, fileAlignment: number) =>
    read({
      fileAlignment,
      background: Buffer.alloc(0x3000),
      sections: [{ rva: 0x1000, virtualSize: 0x1000, rawPointer, rawSize: 0x1f3 }],
    })?.sections[0]
  assert.deepEqual(at(0x401, 0x200), { rva: 0x1000, offset: 0x400, size: 0x200 })
  assert.deepEqual(at(0x1010, 0x1000), { rva: 0x1000, offset: 0x1000, size: 0x1000 })
  assert.deepEqual(at(0x433, 0x20), { rva: 0x1000, offset: 0x420, size: 0x200 })
  assert.deepEqual(at(0x433, 0), { rva: 0x1000, offset: 0x433, size: 0x1f3 })
})

test('an alignment that a section contradicts is 512', () => {
  const executable = read({
    fileAlignment: 0x1000,
    background: Buffer.alloc(0x3000),
    sections: [
      { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x1010, rawSize: 0x10 },
      { rva: 0x2000, virtualSize: 0x1000, rawPointer: 0x1400, rawSize: 0x10 },
    ],
  })
  assert.deepEqual(
    executable?.sections.map(({ offset, size }) => [offset, size]),
    [
      [0x1000, 0x200],
      [0x1400, 0x200],
    ],
  )
})

test('sections are cut to the file, and one behind its end has no bytes but counts', () => {
  const executable = read({
    sections: [
      { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x5000, data: content },
      { rva: 0x6000, virtualSize: 0x1000, rawPointer: 0x9000, rawSize: 0x200 },
    ],
  })
  assert.deepEqual(
    executable?.sections.map(({ offset, size }) => [offset, size]),
    [
      [0x400, 0x200],
      [0x9000, 0],
    ],
  )
  assert.equal(executable?.sectionHash(1, 'md5'), undefined)
  assert.equal(executable?.sectionHash(2, 'md5'), undefined)
})

test('of overlapping sections the last one holds the entry point, and the headers come before all', () => {
  const one = { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: content }
  assert.equal(read({ entry: 0x1000, sections: [one, { ...one, rawPointer: 0x600 }] })?.entryPoint, 0x600)
  assert.equal(read({ entry: 0x1000, headerBytes: 0x2000, sections: [one] })?.entryPoint, undefined)
  assert.equal(read({ entry: 0x50, sections: [one] })?.entryPoint, 0x50)
})

test('damage is said', () => {
  assert.match(read({ ...simple, entry: 0x5000 })?.damage ?? '', /entry point/)
  const [one] = simple.sections
  assert.ok(one)
  assert.match(read({ sections: [{ ...one, rva: 0x80001000 }] })?.damage ?? '', /2147483647/)
})

test('what is no PE file has no structure', () => {
  assert.equal(readPe(bytesSource(Buffer.from('MZ'))), undefined)
  assert.equal(readPe(bytesSource(Buffer.alloc(4096))), undefined)
  for (const item of [{ sectionCount: 0 }, { sectionCount: 9000 }, { optionalHeaderBytes: 200 }]) {
    assert.equal(read({ ...simple, ...item }), undefined)
  }
  const newExecutable = makePe(simple)
  newExecutable.write('NE', 0x80)
  assert.equal(readPe(bytesSource(newExecutable)), undefined)
})

test('a section is hashed with each algorithm', () => {
  const executable = read(simple)
  for (const algorithm of ['md5', 'sha1', 'sha256'] as const) {
    assert.equal(
      executable?.sectionHash(0, algorithm),
      createHash(algorithm).update(content).digest('hex'),
      algorithm,
    )
  }
})

test('imports are hashed in their order, in lower case, without the extension', () => {
  const imports: ImportItem[] = [
    ['KERNEL32.dll', ['ExitProcess', 'Beep']],
    ['a.ocx', ['X']],
    ['b.drv', ['?X@@YA']],
    ['c.d.dll', ['X']],
  ]
  const text = 'kernel32.exitprocess,kernel32.beep,a.x,b.drv.?x@@ya,c.d.dll.x'
  for (const plus of [false, true]) assert.deepEqual(importHash(importing(imports, plus)), hashed(text))
})

test('imports by ordinal have their known names or their number', () => {
  const imports: ImportItem[] = [
    ['WS2_32.dll', [1, 500, 999]],
    ['wsock32.dll', [115]],
    ['oleaut32.dll', [2, 443, 1]],
    ['other.dll', [0, 65535]],
  ]
  const text =
    'ws2_32.accept,ws2_32.wep,ws2_32.ord999,wsock32.wsastartup,oleaut32.sysallocstring,' +
    'oleaut32.unregistertypelibforuser,oleaut32.ord1,other.ord0,other.ord65535'
  for (const plus of [false, true]) assert.deepEqual(importHash(importing(imports, plus)), hashed(text))
})

test('an import that cannot be followed leaves an empty name, a library that cannot leaves no hash', () => {
  const imports: ImportItem[] = [['a.dll', ['X', 'Z']]]
  const lost = (at: number) => (table: Buffer) => table.writeUInt32LE(0x900000, at)
  const lookup = makeImports(0x1000, imports).readUInt32LE(0) - 0x1000
  assert.deepEqual(importHash(importing(imports, false, lost(lookup))), hashed('a.,a.z'))
  assert.deepEqual(importHash(importing(imports, false, lost(0))), hashed('a.x,a.z'))
  assert.equal(importHash(importing(imports, false, lost(12))), undefined)
  assert.equal(importHash(simple), undefined)
})

test('imports that would take too many steps have no hash', () => {
  const item = importing([['a', Array.from({ length: 20_000 }, (_, index) => `f${index}`)]])
  const empty = { rva: 0, virtualSize: 0, rawPointer: 0, rawSize: 0 }
  assert.notEqual(importHash({ ...item, headerBytes: 0 }), undefined)
  const crowded = { ...item, sections: [...item.sections, ...Array.from({ length: 2000 }, () => empty)] }
  const shifted = crowded.sections.map((section) => ({
    ...section,
    rawPointer: section.rawPointer && 0x20000,
  }))
  const started = performance.now()
  assert.equal(importHash({ ...crowded, sections: shifted }), undefined)
  assert.ok(performance.now() - started < 2000)
})

test('20,000 damaged headers are read without an exception, in bounded work', (context) => {
  const names = Array.from({ length: 40 }, (_, index) => `Function${index}`)
  const contents = [false, true].map((plus) =>
    makePe(
      importing(
        [
          ['KERNEL32.dll', names],
          ['ws2_32.dll', [1, 2, 3]],
        ],
        plus,
      ),
    ),
  )
  const { dearest, taken } = readMutations(contents, 20_000, readPe)
  context.diagnostic(
    `${taken} taken for PE; the dearest cost ${dearest.reads} reads and ${dearest.bytes} bytes`,
  )
  assert.ok(taken > 5000)
  assert.ok(dearest.reads < 10_000 && dearest.bytes < 1_000_000)
})
