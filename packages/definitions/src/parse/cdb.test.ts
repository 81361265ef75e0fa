import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCdb } from './cdb.ts'
import { Refusal } from './pattern.ts'

test('a line says what an entry must be like', () => {
  const parsed = parseCdb('Test.A:CL_TYPE_ZIP:100-200:\\.exe$:*:4096:1:1-3:00ff00aA:*:90:300')
  assert.ok(parsed !== 'skipped')
  const { fileName, ...rest } = parsed
  assert.deepEqual(rest, {
    kind: 'entry',
    name: 'Test.A',
    conditions: 'CL_TYPE_ZIP:100-200:\\.exe$:*:4096:1:1-3:00ff00aA:*',
    container: 'CL_TYPE_ZIP',
    containerSize: { min: 100, max: 200 },
    sizeInContainer: undefined,
    realSize: { min: 4096, max: 4096 },
    encrypted: true,
    position: { min: 1, max: 3 },
    crc: 0xff00aa,
  })
  assert.deepEqual([fileName?.test('a/b.exe'), fileName?.test('b.exe.txt')], [true, false])
  // What other containers than zip say in the reserved field says nothing.
  const tar = parseCdb('Test.B:CL_TYPE_POSIX_TAR:*:\u00e9:*:*:*:*:zz:*')
  assert.ok(tar !== 'skipped' && tar.crc === undefined)
  assert.equal(tar.fileName?.test(Buffer.from('caf\u00e9').toString('latin1')), true)
})

test('a line for another functionality level is skipped', () => {
  for (const levels of [':300', ':1:100']) assert.equal(parseCdb(`A:*:*:x:*:*:*:*:*:*${levels}`), 'skipped')
})

test('what stock refuses is refused, and so is what finds every entry', () => {
  const wrong: readonly (readonly [line: string, reason: RegExp])[] = [
    ['A:CL_TYPE_ZIP:*:x:*:*:*:*:*', /9 fields where 10 to 12/],
    ['A:*:*:x:*:*:*:*:*:*:1:300:1', /13 fields/],
    ['A:CL_TYPE_FOO:*:x:*:*:*:*:*:*', /"CL_TYPE_FOO" is not a file type/],
    ['A:*:500-:*:*:*:*:*:*:*', /not a number or a range/],
    ['A:*:-600:*:*:*:*:*:*:*', /not a number or a range/],
    ['A:*:600-500:*:*:*:*:*:*:*', /not a number or a range/],
    ['A:*::*:*:*:*:*:*:*', /not a number or a range/],
    ['A:*:*::*:*:*:*:*:*', /is empty/],
    ['A:*:*:(two:*:*:*:*:*:*', /not an extended regular expression/],
    ['A:*:*:a*?b:*:*:*:*:*:*', /not an extended regular expression/],
    ['A:*:*:x:*:*:2:*:*:*', /encrypted/],
    ['A:CL_TYPE_ZIP:*:x:*:*:*:*:zz:*', /not a CRC/],
    ['A:*:*:x:*:*:*:*:*:*:x', /functionality level/],
    ['A A:*:*:x:*:*:*:*:*:*', /visible ASCII/],
    ['A:CL_TYPE_ZIP:*:*:*:*:*:*:*:*', /every entry/],
    ['A:*:*:*:*:*:*:*:12:*', /every entry/],
  ]
  for (const [line, reason] of wrong) {
    assert.throws(
      () => parseCdb(line),
      (error) => error instanceof Refusal && reason.test(error.message),
      line,
    )
  }
})
