import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Operation, parseExpression } from './expression.ts'
import { Refusal } from './pattern.ts'

/** Operations as a reader would write them: `0>0 1=2 & (>3,2)`. */
function written(text: string): string {
  const signs = { equal: '=', more: '>', less: '<' }
  const one = (step: Operation) => {
    if (step.kind === 'and' || step.kind === 'or') return step.kind === 'and' ? '&' : '|'
    const compared = `${signs[step.relation]}${step.bound}`
    return step.kind === 'count' ? `${step.sub}${compared}` : `(${compared},${step.distinct})`
  }
  return parseExpression(text).map(one).join(' ')
}

test('a number alone asks for at least one match', () => {
  assert.equal(written('0'), '0>0')
  assert.equal(written('63'), '63>0')
})

test('comparisons stand behind numbers and behind groups', () => {
  assert.equal(written('0=2&1>3'), '0=2 1>3 &')
  assert.equal(written('(0|1)>2,2&2<1'), '0>0 1>0 | (>2,2) 2<1 &')
  assert.equal(written('(0=1)=1'), '0=1 (=1,0)')
  assert.equal(written('0=2,9'), '0=2', 'distinct matches of one sub-signature say nothing')
})

test('operators bind equally: to the right outside parentheses, to the left within', () => {
  assert.equal(written('0&1|2'), '0>0 1>0 2>0 | &')
  assert.equal(written('(0&1|2)'), '0>0 1>0 & 2>0 |')
  assert.equal(written('0|(1|2&3)&4'), '0>0 1>0 2>0 | 3>0 & 4>0 & |')
  assert.equal(written('0 & 1'), '0>0 1>0 &')
})

test('what is no expression is refused with what stands in its way', () => {
  const wrong: readonly (readonly [text: string, reason: RegExp])[] = [
    ['', /its end where an operand/],
    ['0&', /its end where an operand/],
    ['&0', /& where an operand/],
    ['0&&1', /& where an operand/],
    ['(0', /not closed/],
    ['0)', /\) where an operator/],
    ['()', /\) where an operand/],
    ['!0', /! where an operand/],
    ['0==1', /= where an operator/],
    ['0=-1', /= where an operator/],
    ['0>1,2,3', /, where an operator/],
    ['0=1=1', /=1 where an operator/],
    ['0(1)', /\( where an operator/],
    ['0x', /x where an operator/],
    ['0>2147483647', /not below/],
    [`${'('.repeat(65)}0${')'.repeat(65)}`, /more than 64 groups/],
    [`0${'&0'.repeat(5000)}`, /more than 4096 steps/],
  ]
  for (const [text, reason] of wrong) {
    assert.throws(
      () => parseExpression(text),
      (error) => error instanceof Refusal && reason.test(error.message),
      text,
    )
  }
})
