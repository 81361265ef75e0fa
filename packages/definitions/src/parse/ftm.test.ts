import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFtm } from './ftm.ts'
import { Refusal } from './pattern.ts'

const end = (line: string, head: string) => {
  const parsed = parseFtm(line)
  assert.ok(parsed !== 'skipped')
  return parsed.endIn(head)
}
const rule = (magic: string) => `${magic}:Name:CL_TYPE_ANY:CL_TYPE_PDF`

test('magic of type 0 stands at its place and nowhere else', () => {
  assert.equal(end(rule('0:0:2550'), '%PDF'), 2)
  assert.equal(end(rule('0:2:4446'), '%PDF'), 4)
  assert.equal(end(rule('0:1:4446'), '%PDF'), -1)
  assert.equal(end(rule('0:0:ff00'), '\xff\0'), 2)
  assert.equal(end(rule('0:5000:ff'), 'short'), -1)
})

test('magic of type 1 is a pattern with wildcards, gaps and alternatives', () => {
  const cases: readonly (readonly [magic: string, head: string, end: number])[] = [
    ['1:*:6869', 'oh hi', 5],
    ['1:0:6869', 'oh hi', -1],
    ['1:3:6869', 'oh hi', 5],
    ['1:1,2:6869', 'oh hi', 5],
    ['1:1,1:6869', 'oh hi', -1],
    ['1:0:6861??(69|6a)', 'ha\ni', 4],
    ['1:*:6869*6a6b', 'hi--jk', 6],
    ['1:*:6869{2-3}6a6b', 'hi-jk', -1],
    ['1:*:6869{-3}6a6b', 'hi-jk', 5],
    ['1:*:6869{1000-}6a6b', `hi${' '.repeat(1000)}jk`, 1004],
    ['1:*:6869{2043-2443}6a6b', `hi${' '.repeat(1000)}jk`, -1],
    ['1:*:6869(6?|?0)', 'hih', 3],
    ['1:*:6869(6?|?0)', 'hi\x30', 3],
    ['1:*:6869!(6a|6b)', 'hij hil', 7],
    ['1:EOF-2:6869', 'oh hi', -1],
  ]
  for (const [magic, head, expected] of cases) assert.equal(end(rule(magic), head), expected, magic)
})

test('a line for another functionality level is skipped; a level may be empty', () => {
  assert.equal(parseFtm(`${rule('0:0:25')}:300`), 'skipped')
  assert.equal(parseFtm(`${rule('0:0:25')}::121`), 'skipped')
  assert.notEqual(parseFtm(`${rule('0:0:25')}::300`), 'skipped')
})

test('what is no magic is refused with the reason', () => {
  const wrong: readonly (readonly [line: string, reason: RegExp])[] = [
    ['0:0:25:N:CL_TYPE_ANY', /5 fields where 6 to 8/],
    ['0:*:25:N:CL_TYPE_ANY:CL_TYPE_PDF', /not an offset/],
    ['0:0::N:CL_TYPE_ANY:CL_TYPE_PDF', /every file/],
    ['0:0:2:N:CL_TYPE_ANY:CL_TYPE_PDF', /hexadecimal/],
    ['0:0:25??:N:CL_TYPE_ANY:CL_TYPE_PDF', /hexadecimal/],
    ['1:0:25:N:CL_TYPE_ANY:CL_TYPE_PDF', /two fixed bytes/],
    ['1:0:25??44:N:CL_TYPE_ANY:CL_TYPE_PDF', /two fixed bytes/],
    ['1:EP+0:2550:N:CL_TYPE_ANY:CL_TYPE_PDF', /belongs to executables/],
    ['1:0:(B)2550:N:CL_TYPE_ANY:CL_TYPE_PDF', /around it/],
    ['1:0:2550!(aabb):N:CL_TYPE_ANY:CL_TYPE_PDF', /one byte alone/],
    ['2:0:2550:N:CL_TYPE_ANY:CL_TYPE_PDF', /not a type of magic/],
    ['4:1024:482B0004:N:CL_TYPE_PART_ANY:CL_TYPE_PART_HFSPLUS', /partitions/],
    ['0:0:2550:N:CL_TYPE_FOO:CL_TYPE_PDF', /"CL_TYPE_FOO" is not a file type/],
    ['0:0:2550:N:CL_TYPE_ANY:PDF', /"PDF" is not a file type/],
    ['0:0:2550:N:CL_TYPE_ANY:CL_TYPE_PDF:x', /functionality level/],
  ]
  for (const [line, reason] of wrong) {
    assert.throws(
      () => parseFtm(line),
      (error) => error instanceof Refusal && reason.test(error.message),
      line,
    )
  }
})
