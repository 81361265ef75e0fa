import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealed, smallSet } from './definitions.fixture.ts'
import { address, header, sectionNames } from './layout.ts'
import { openDefinitions } from './open.ts'

/** Where a section begins in a set, and how many records it has. */
function place(bytes: Uint8Array, name: 'linkRules' | 'addresses'): { offset: number; count: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const entry = header.sectionTable + sectionNames.indexOf(name) * header.sectionEntryBytes
  return { offset: view.getUint32(entry, true), count: view.getUint32(entry + 4, true) }
}

/** The small set with one section changed and its digests put right. */
function spoiled(name: 'linkRules' | 'addresses', spoil: (section: Uint8Array) => void): Uint8Array {
  const bytes = smallSet()
  const { offset, count } = place(bytes, name)
  spoil(bytes.subarray(offset, offset + count * (name === 'addresses' ? address.bytes : 1)))
  return sealed(bytes)
}

test('links are read as they were compiled', () => {
  const { links } = openDefinitions(smallSet())
  assert.deepEqual(
    links.rules.map(({ rule }) => rule),
    ['watched-host', 'watched', 'permitted-hosts', 'permitted'],
  )
  assert.deepEqual(links.listsOf(Buffer.alloc(32, 0x1f)), ['blocked'])
  assert.deepEqual([...links.listsOf(Buffer.alloc(32, 0x2e))].sort(), ['permitted', 'phishing'])
  assert.deepEqual(links.listsOf(Buffer.alloc(32, 0xff)), [])
})

test('addresses that are not sorted, stand there twice or are on no list are refused', () => {
  const spoils: readonly ((section: Uint8Array) => void)[] = [
    (section) => section.copyWithin(0, address.bytes, 2 * address.bytes),
    (section) => section.fill(0xff, 0, address.hashBytes),
    (section) => section.fill(0x7f, address.hashBytes, address.bytes),
  ]
  for (const spoil of spoils) assert.throws(() => openDefinitions(spoiled('addresses', spoil)), /malformed/)
})

test('a rule for links that the compiler would refuse is refused', () => {
  const spoils: readonly ((section: Uint8Array) => void)[] = [
    (section) => section.fill(0x58, 0, 1),
    (section) => section.fill(0x5b, section.length - 3, section.length - 1),
    (section) => section.fill(0x20, section.length - 1),
    (section) => section.fill(0x0a, 0, 2),
    (section) => section.fill(0x41, 2, 3),
  ]
  // The first makes an expression of a host, which is one.
  assert.doesNotThrow(() => openDefinitions(spoiled('linkRules', spoils[0] ?? (() => {}))))
  for (const spoil of spoils.slice(1))
    assert.throws(() => openDefinitions(spoiled('linkRules', spoil)), /malformed/)
})
