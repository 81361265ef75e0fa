import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { readMutations } from './mutations.fixture.ts'
import { makePe } from './pe.fixture.ts'
import { readPe } from './pe.ts'
import { makeResources, makeVersionInfo } from './version-info.fixture.ts'

function program(resources: Buffer): Buffer {
  const sections = [
    { rva: 0x2000, virtualSize: 0x8000, rawPointer: 0x400, rawSize: resources.length, data: resources },
  ]
  return makePe({
    entry: 0x2000,
    directories: { 2: [0x2000, resources.length] },
    sections,
    background: Buffer.alloc(0x600),
  })
}

const info = makeVersionInfo([
  [
    ['CompanyName', 'Evil Corp'],
    ['ProductName', 'Something else.'],
  ],
  [['CompanyName', 'Evil Corp Ltd']],
])

test('the strings of all tables stand at their keys', () => {
  const bytes = program(makeResources(0x2000, 16, [info]))
  const places = readPe(bytesSource(bytes))?.versionStrings() ?? []
  const keys = places.map((at) => bytes.toString('utf16le', at, at + 22))
  assert.deepEqual(keys, ['CompanyName', 'ProductName', 'CompanyName'])
})

test('no more than sixteen resources are read, and none of another type', () => {
  const count = (type: number, many: number) =>
    readPe(bytesSource(program(makeResources(0x2000, type, Array(many).fill(info)))))?.versionStrings().length
  assert.equal(count(16, 3), 9)
  assert.equal(count(16, 20), 48)
  assert.equal(count(15, 3), 0)
})

test('a tree that leads into itself, or claims very many entries, costs little', () => {
  const bytes = program(makeResources(0x2000, 16, [info]))
  for (const table of [0, 24, 48]) {
    const lying = Buffer.from(bytes)
    lying.writeUInt16LE(0xffff, 0x400 + table + 14)
    lying.fill(lying.subarray(0x400 + table + 16, 0x400 + table + 24), 0x400 + table + 24, 0x600)
    const started = performance.now()
    readPe(bytesSource(lying))?.versionStrings()
    assert.ok(performance.now() - started < 1000)
  }
})

test('nothing that a file may hold makes reading it fail', () => {
  const { dearest, taken } = readMutations(
    [program(makeResources(0x2000, 16, [info])), program(makeResources(0x2000, 16, [info, info]))],
    3000,
    (source) => {
      const read = readPe(source)
      for (const place of read?.versionStrings() ?? []) assert.ok(place > 0 && place < source.size)
      return read
    },
  )
  assert.ok(taken > 100)
  assert.ok(
    dearest.reads < 20_000 && dearest.bytes < 4_000_000,
    `${dearest.reads} reads, ${dearest.bytes} bytes`,
  )
})
