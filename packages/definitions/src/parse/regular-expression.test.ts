import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLdb } from './ldb.ts'
import { Refusal } from './pattern.ts'

function conditionOf(sub: string, target = 0) {
  const parsed = parseLdb(`A;Engine:81-255,Target:${target};0&1;616263;${sub}`)
  assert.ok(parsed !== 'skipped')
  const [first] = parsed.conditions
  assert.ok(first?.sub === 1 && first.condition.kind === 'regex')
  return { ...first.condition, text: Buffer.from(first.condition.text).toString() }
}

test('an expression stands between the first slash and the last, whatever signs it holds', () => {
  assert.deepEqual(conditionOf('0/a/'), {
    kind: 'regex',
    trigger: [{ kind: 'count', sub: 0, relation: 'more', bound: 0, distinct: 0 }],
    offset: { kind: 'any' },
    text: 'a',
    flags: { global: false, rolling: false, encompass: false, options: 0 },
  })
  assert.equal(conditionOf('0/a\\/b/').text, 'a\\/b')
  assert.equal(conditionOf('0/http:\\x2F/x::$#(>>/').text, 'http:\\x2F/x::$#(>>')
  assert.equal(conditionOf('0/fuzzy_img#/').text, 'fuzzy_img#')
  assert.equal(conditionOf('0/é/').text, 'é')
})

test('offsets, triggers and flags are read', () => {
  assert.deepEqual(conditionOf('10,5:0/a/').offset, { kind: 'start', distance: 10, maxShift: 5 })
  assert.deepEqual(conditionOf('EP+1:0/a/', 6).offset, { kind: 'entryAfter', distance: 1, maxShift: 0 })
  assert.equal(conditionOf('(0|0)>1,1/a/').trigger.length, 4)
  assert.deepEqual(conditionOf('0/a/gre').flags, { global: true, rolling: true, encompass: true, options: 0 })
  assert.equal(
    conditionOf('0/a/ismxAEU').flags.options,
    0x8 + 0x20 + 0x400 + 0x80 + 0x80000000 + 0x10 + 0x40000,
  )
})

test('what is no such sub-signature is refused with the reason', () => {
  const wrong: readonly (readonly [sub: string, reason: string])[] = [
    ['0/a', 'a regular expression without a second "/"'],
    ['0//', 'a regular expression that is empty'],
    ['/a/', 'the expression has its end where an operand belongs'],
    ['(0/a/', 'a parenthesis of the expression is not closed'],
    ['1/a/', 'a regular expression that waits for sub-signature 1, which is not before it'],
    ['0|2/a/', 'a regular expression that waits for sub-signature 2, which is not before it'],
    ['0/a/q', '"q" is not a flag of a regular expression'],
    ['0/a/::i', '":" is not a flag of a regular expression'],
    ['1:2:0/a/', 'has more than one offset'],
    ['S0+1:0/a/', 'the offset "S0+1" belongs to executables, and target 0 is none'],
    ['x:0/a/', '"x" is not an offset'],
  ]
  for (const [sub, reason] of wrong) {
    assert.throws(
      () => conditionOf(sub),
      (error) => error instanceof Refusal && error.message === `sub-signature 1: ${reason}`,
      sub,
    )
  }
})
