import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { normaliseText } from './text.ts'
import { hasControlUnit, withoutZeros } from './wide-text.ts'

const form = (text: string, encoding: BufferEncoding = 'latin1') =>
  Buffer.from(normaliseText(bytesSource(Buffer.from(text, encoding)), () => {})).toString('latin1')

test('text is in lower case with single blanks, without controls and bytes above 127', () => {
  assert.equal(form('Hello  World\r\n\tFOO'), 'hello world foo')
  assert.equal(form('  a '), ' a ')
  assert.equal(form('a \x01 b\x00c\x1b[0m \x7f'), 'a bc[0m \x7f')
  assert.equal(form('caf\xe9\xa0\x80 X'), 'caf x')
  assert.equal(form('A\fB\vC'), 'a b c')
  assert.equal(form('[@Z`az{'), '[@z`az{')
  assert.equal(form(''), '')
})

test('text of two bytes a character reads as its letters do', () => {
  assert.equal(form('\ufeffHello  World', 'utf16le'), 'hello world')
})

test('white space over the borders of blocks is one blank', () => {
  const block = 256 * 1024
  assert.equal(form(`${'a'.repeat(block - 1)}  B`), `${'a'.repeat(block - 1)} b`)
  assert.equal(form(`${'a'.repeat(block)} \n B`), `${'a'.repeat(block)} b`)
})

test('a control character of two bytes near the beginning tells data from text', () => {
  const head = (place: number, zeros: number) => {
    const bytes = Buffer.alloc(3000, 'a')
    bytes.fill(0, place, place + zeros)
    return hasControlUnit(bytesSource(bytes))
  }
  assert.equal(head(0, 2), false)
  assert.equal(head(2, 2), true)
  assert.equal(head(3, 2), false)
  assert.equal(head(3, 3), true)
  assert.equal(head(1022, 2), true)
  assert.equal(head(1024, 500), false)
  assert.equal(hasControlUnit(bytesSource(Buffer.from('ab\0'))), false)
  const unit = (code: number) => hasControlUnit(bytesSource(Buffer.from([0x81, 0x82, 0, code, 0x83, 0x84])))
  const controls = Array.from({ length: 256 }, (_, code) => code).filter(unit)
  assert.deepEqual(controls, [
    ...[0, 1, 2, 3, 4, 5, 6, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 127],
  ])
})

test('zeros fall away from text that has some, and other text is not copied', () => {
  const plain = bytesSource(Buffer.from('plain'))
  assert.equal(
    withoutZeros(plain, () => {}),
    plain,
  )
  const wide = withoutZeros(bytesSource(Buffer.from('<html>', 'utf16le')), () => {})
  assert.equal(Buffer.from(wide.read(0, wide.size)).toString(), '<html>')
})
