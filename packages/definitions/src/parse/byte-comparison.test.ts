import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseByteComparison } from './byte-comparison.ts'
import { parseLdb } from './ldb.ts'
import { Refusal } from './pattern.ts'

test('a comparison is read whole, its numbers decimal or hexadecimal', () => {
  const { trigger: _, ...read } = parseByteComparison('3(<<0x10#hle4#>10,<0xff)')
  assert.deepEqual(read, {
    kind: 'bytes',
    near: 3,
    before: true,
    distance: 16,
    numberKind: 'hex',
    little: true,
    exact: true,
    length: 4,
    comparisons: [
      { relation: 'more', value: 10n },
      { relation: 'less', value: 255n },
    ],
  })
  assert.equal(parseByteComparison('0(>>1#d20#=1)').numberKind, 'decimal')
  assert.equal(parseByteComparison('0(>>1#ab0x3#=1)').length, 3)
  assert.equal(parseByteComparison('0(>>1#ieb8#=-1)').comparisons[0]?.value, -1n)
  assert.equal(parseByteComparison('0(>>1#ib8#=0xffffffffffffffff)').comparisons[0]?.value, 2n ** 63n - 1n)
})

test('comparisons of bytes are looked at before regular expressions', () => {
  const parsed = parseLdb('A;Engine:81-255,Target:0;0&1&2;616263;0/a/;0(>>0#ib1#=97)')
  assert.ok(parsed !== 'skipped')
  assert.deepEqual(
    parsed.conditions.map(({ sub, condition }) => [sub, condition.kind]),
    [
      [2, 'bytes'],
      [1, 'regex'],
    ],
  )
})

test('what is no such comparison is refused with the reason', () => {
  const form = 'a comparison of bytes that is not sub(>>offset#options#comparisons)'
  const wrong: readonly (readonly [sub: string, reason: string])[] = [
    ['0(>3#il2#=1)', form],
    ['0(>>-3#il2#=1)', form],
    ['0&0(>>3#il2#=1)', form],
    ['(>>3#il2#=1)', form],
    ['0(>>3#il2#=1', form],
    ['*:0(>>3#il2#=1)', form],
    ['0(>>3#il2#=1)::i', form],
    ['0(>>2147483648#il2#=1)', '"2147483648" is not an offset'],
    ['0(>>3#dl2#=1)', 'a decimal number has no little-endian order'],
    ['0(>>3#i2#=1)', '"i2" does not say l or b'],
    ['0(>>3#2#=1)', '"2" does not say how a number is written'],
    ['0(>>3#hdb2#=1)', '"hdb2" does not say how a number is written'],
    ['0(>>3#ilb2#=1)', '"ilb2" does not say how a number is written'],
    ['0(>>3#il0#=1)', '"il0" does not say how a number is written'],
    ['0(>>3#il3#=1)', 'a number of 3 bytes'],
    ['0(>>3#hb19#=1)', 'a number of 19 bytes'],
    ['0(>>3#il2#1)', '"1" is not a comparison with a number'],
    ['0(>>3#il2#>=1)', '">=1" is not a comparison with a number'],
    ['0(>>3#il2#=)', '"=" is not a comparison with a number'],
    ['0(>>3#il2#=1,=2,=3)', 'a comparison of bytes with more than two numbers'],
    ['1(>>3#il2#=1)', 'sub-signature 1, which it stands near, is no pattern'],
    ['2(>>3#il2#=1)', 'sub-signature 2, which it stands near, is no pattern'],
  ]
  for (const [sub, reason] of wrong) {
    assert.throws(
      () => parseLdb(`A;Target:0;0&1;616263;${sub}`),
      (error) => error instanceof Refusal && error.message === `sub-signature 1: ${reason}`,
      sub,
    )
  }
})
