import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealed, smallSet } from './definitions.fixture.ts'
import { DefinitionsError, type DefinitionsErrorCode } from './definitions-error.ts'
import { HEADER_BYTES, hashTableNames, header, LAYOUT_VERSION, sectionNames, sections } from './layout.ts'
import { type Definitions, openDefinitions } from './open.ts'

const set = smallSet()

/** The refusal's code, after seeing that it says something; undefined when the set was opened. */
function refusal(bytes: Uint8Array): DefinitionsErrorCode | undefined {
  try {
    useEverything(openDefinitions(bytes))
    return undefined
  } catch (error) {
    assert.ok(error instanceof DefinitionsError, `${error}`)
    assert.match(error.message, /^The (?:definitions|file) .{20,}\.$/)
    return error.code
  }
}

/** Follows every index the public interface follows. */
function useEverything(definitions: Definitions): void {
  for (let id = 0; id < definitions.signatureCount; id += 1) {
    const { name, category } = definitions.signature(id)
    assert.match(name, /^[\x21-\x7e]+$/)
    assert.equal(typeof category, 'string')
  }
  for (const byte of [0x4d, 0x5a, 0]) {
    for (const record of definitions.certificates.find(new Uint8Array(20).fill(byte))) {
      assert.ok(record.modulus().length > 0 && record.signature < definitions.signatureCount)
    }
  }
  for (const name of hashTableNames) {
    const table = definitions.hashes[name]
    for (const size of [0, 1, 68, 69, 0xfffffffe]) {
      table.wants(size)
      for (const byte of [0x00, 0x27, 0x44, 0xff]) table.find(new Uint8Array(32).fill(byte), size)
    }
  }
}

test('a set is read back as it was written', () => {
  const definitions = openDefinitions(set)
  assert.equal(definitions.version, 'small-1')
  assert.equal(definitions.createdAt, '2026-11-24T00:00:00Z')
  const all = Array.from({ length: definitions.signatureCount }, (_, id) => definitions.signature(id))
  assert.deepEqual(
    all.map(({ name, kind }) => `${kind} ${name}`),
    [
      'pattern Test.Literal',
      'pattern Test.Anchored',
      'pattern Test.End',
      'logical Test.Logical',
      'logical Test.Absent',
      'hash Test.Md5',
      'hash Test.Any',
      'hash Test.Sha1',
      'hash Test.Sha256',
      'hash Test.Other',
      'hash Test.Section',
      'hash Test.Section-7',
      'hash Test.Imports-4294967295',
      'entry Test.Entry',
      'certificate Test.Signer',
      'certificate Test.Blocked',
      'allow Test.Allowed',
    ],
  )
  assert.deepEqual(all[0], {
    name: 'Test.Literal',
    kind: 'pattern',
    severity: 'low',
    category: 'test-file',
    description: 'Bytes that say they are evil.',
  })
  const md5 = Buffer.from('44d88612fea8a8f36de82e1278abb02f', 'hex')
  assert.deepEqual(definitions.hashes.fileMd5.find(md5, 68), [5, 6])
  assert.deepEqual(definitions.hashes.fileMd5.find(md5, 69), [6])
  assert.throws(() => definitions.signature(17), RangeError)
})

test('the same texts give the same bytes', () => {
  assert.deepEqual(smallSet(), set)
})

test('a set is read from any place in memory, and from memory that threads share', () => {
  for (let offset = 1; offset < 8; offset += 1) {
    const shifted = new Uint8Array(set.length + 8)
    shifted.set(set, offset)
    assert.equal(refusal(shifted.subarray(offset, offset + set.length)), undefined)
  }
  const shared = new Uint8Array(new SharedArrayBuffer(set.length))
  shared.set(set)
  assert.equal(refusal(shared), undefined)
})

test('a set that was cut anywhere is refused as truncated, and a longer one as malformed', () => {
  for (let length = 0; length < set.length; length += 1) {
    assert.equal(refusal(set.slice(0, length)), 'truncated', `${length} bytes`)
  }
  assert.equal(refusal(new Uint8Array([...set, 0])), 'malformed')
})

test('a set with any one bit flipped is refused', () => {
  for (let bit = 0; bit < set.length * 8; bit += 1) {
    const flipped = set.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const code = refusal(flipped)
    const byte = bit >> 3
    const expected =
      byte < header.layoutVersion
        ? ['not-definitions']
        : byte < header.fileLength
          ? ['foreign-layout']
          : byte < header.version
            ? ['truncated', 'malformed']
            : byte >= header.residentLength && byte < header.residentLength + 4
              ? ['malformed', 'checksum']
              : ['checksum']
    assert.ok(code !== undefined && expected.includes(code), `bit ${bit}: ${code}`)
  }
})

test('what is no set of ours, or of another layout, is told apart from a damaged one', () => {
  assert.equal(
    refusal(Buffer.from('ClamAV-VDB:24 Nov 2026 00-00 +0000:1:1:90:x:y:z:1'.repeat(20))),
    'not-definitions',
  )
  const other = set.slice()
  new DataView(other.buffer).setUint32(header.layoutVersion, LAYOUT_VERSION + 1, true)
  assert.equal(refusal(sealed(other)), 'foreign-layout')
})

test('section tables that point elsewhere are refused though the digest fits', () => {
  sectionNames.forEach((name, index) => {
    const entry = header.sectionTable + index * header.sectionEntryBytes
    for (const place of [entry, entry + 4]) {
      for (const change of [1, 8, 0x7fffffff, 0xffffffff]) {
        const moved = set.slice()
        const view = new DataView(moved.buffer)
        view.setUint32(place, view.getUint32(place, true) + change, true)
        // One record more or less may be padding; then nothing points at it.
        const padding = sections[name] < 8 && place > entry && Math.abs(change | 0) === 1
        const code = refusal(sealed(moved))
        if (!padding || code !== undefined) assert.equal(code, 'malformed', `${name} by ${change}`)
      }
    }
  })
})

test('words and bits changed under a fitting digest are refused, or make another set that holds together', () => {
  let state = 2026
  const whole = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const said: Record<string, number> = {}
  const interesting = [0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
  for (let round = 0; round < 20_000; round += 1) {
    const changed = set.slice()
    const view = new DataView(changed.buffer)
    const word = HEADER_BYTES + 4 * whole((set.length - HEADER_BYTES) / 4 - 1)
    if (round % 2 === 0) view.setUint32(word, interesting[whole(interesting.length)] ?? 0, true)
    else view.setUint32(word, view.getUint32(word, true) ^ (1 << whole(32)), true)
    const code = refusal(sealed(changed)) ?? 'opened'
    said[code] = (said[code] ?? 0) + 1
  }
  assert.deepEqual(Object.keys(said).sort(), ['malformed', 'opened'])
  assert.ok((said.malformed ?? 0) > 5_000, JSON.stringify(said))
})

test('what this process has opened before is opened again without its tables being checked', () => {
  const again = openDefinitions(set, { isChecked: true })
  useEverything(again)
  assert.deepEqual(again.patternTables, openDefinitions(set).patternTables)
  const damaged = set.slice()
  damaged[header.createdAt] = (damaged[header.createdAt] ?? 0) ^ 1
  assert.equal(refusal(damaged), 'checksum')
  assert.equal(openDefinitions(damaged, { isChecked: true }).signatureCount, again.signatureCount)
})
