import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { identifyByRules } from './type-rules.ts'
import { makeZip } from './unpack/archives.fixture.ts'

/** Name and target of a content by these rules. */
function told(content: string | Uint8Array, ...rules: string[]): string {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ftm', text: rules.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  const head = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  const { name, target } = identifyByRules(head, openDefinitions(bytes).typeRules)
  return `${name} ${target}`
}

const exe = '0:0:58595a5a:My:CL_TYPE_ANY:CL_TYPE_MSEXE'
const deep = '44454550'

test('a rule of type 0 decides, the last that fits before the others; what no rule knows is told as before', () => {
  assert.equal(told('XYZZ and words', exe), 'pe 1')
  assert.equal(told('XYZZ and words', exe, '0:0:5859:My:CL_TYPE_ANY:CL_TYPE_PDF'), 'pdf 10')
  assert.equal(told('XYZZ and words', '0:0:5859:My:CL_TYPE_ANY:CL_TYPE_PDF', exe), 'pe 1')
  assert.equal(told('\x7fELF', exe), 'elf 6')
  assert.equal(told('words', exe), 'text 7')
  assert.equal(told('words'), 'text 7')
})

test('a rule of type 1 decides where nothing else does, and near the beginning', () => {
  const pdf = `1:*:${deep}:My:CL_TYPE_ANY:CL_TYPE_PDF`
  assert.equal(told('some DEEP words', pdf), 'pdf 10')
  assert.equal(told('\0\x01\x02DEEP', pdf), 'pdf 10')
  assert.equal(told('\x7fELF DEEP', pdf), 'elf 6')
  assert.equal(told(`${' '.repeat(1020)}DEEP`, pdf), 'pdf 10')
  assert.equal(told(`${' '.repeat(1021)}DEEP`, pdf), 'text 7')
  assert.equal(told('some DEEP words', `1:*:${deep}:My:CL_TYPE_TEXT_ASCII:CL_TYPE_PDF`), 'pdf 10')
  assert.equal(told('\0\x01\x02DEEP', `1:*:${deep}:My:CL_TYPE_TEXT_ASCII:CL_TYPE_PDF`), 'data 0')
})

test('of several rules of type 1 that of the highest type decides, and a program where nothing follows it', () => {
  const two = (first: string, second: string) =>
    told('a DEEP b SECOND', `1:*:${deep}:A:CL_TYPE_ANY:${first}`, `1:*:5345434f4e44:B:CL_TYPE_ANY:${second}`)
  assert.equal(two('CL_TYPE_ELF', 'CL_TYPE_MSEXE'), 'pe 1')
  assert.equal(two('CL_TYPE_MSEXE', 'CL_TYPE_ELF'), 'elf 6')
  assert.equal(two('CL_TYPE_PDF', 'CL_TYPE_ELF'), 'pdf 10')
  assert.equal(two('CL_TYPE_RTF', 'CL_TYPE_PDF'), 'text 0')
  assert.equal(two('CL_TYPE_HTML', 'CL_TYPE_SWF'), 'html 3')
  assert.equal(two('CL_TYPE_MAIL', 'CL_TYPE_HTML'), 'mail 4')
})

test('no rule keeps an archive from being opened, or makes one of what is none', () => {
  const zip = makeZip([{ name: 'a', data: Buffer.from('a') }])
  assert.equal(told(zip, '0:0:504b:My:CL_TYPE_ANY:CL_TYPE_PDF'), 'zip 10')
  assert.equal(told(zip, '0:0:504b:My:CL_TYPE_ANY:CL_TYPE_IGNORED'), 'zip 0')
  assert.equal(told('XYZZ', '0:0:58595a5a:My:CL_TYPE_ANY:CL_TYPE_GZ'), 'text 0')
})
