/** Tests of the CSV export. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsv } from './csv.ts'

test('commas, quotes and line ends are quoted', () => {
  assert.equal(formatCsv([['a,b', 'say "x"', 'two\nlines']]), '\uFEFF"a,b","say ""x""","two\nlines"\r\n')
})

test('a cell that a spreadsheet would run as a formula is disarmed, a number is not', () => {
  assert.equal(formatCsv([['=cmd()', '@x', '-5', '+1']]), "\uFEFF'=cmd(),'@x,-5,'+1\r\n")
})
