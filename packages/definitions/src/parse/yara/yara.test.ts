import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../../compile.ts'
import { openDefinitions } from '../../open.ts'
import { Refusal } from '../pattern.ts'
import { judgedRules } from './judge-rules.ts'
import { requiredRuns } from './required-runs.ts'
import { clamHex, textHex } from './string-patterns.ts'

function compiled(text: string) {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'own.yar', text }],
  })
  return { bytes, summary, definitions: openDefinitions(bytes) }
}

/** Who judges a rule with these strings and this condition, and why not the matcher. */
function judgeOf(strings: string, condition: string): string {
  const { summary } = compiled(`rule A { strings: ${strings} condition: ${condition} }`)
  const [rule] = summary.rules
  if (rule === undefined) return `refused: ${summary.refused[0]?.reason}`
  return rule.reason === undefined ? rule.judge : `${rule.judge}: ${rule.reason}`
}

/** The operations that a rule becomes, a step a word. */
function expressionOf(strings: string, condition: string): string[] {
  const [rule] = judgedRules(`rule A { strings: ${strings} condition: ${condition} }`)
  if (rule === undefined || rule.outcome instanceof Refusal) throw new Error(`refused: ${rule?.outcome}`)
  const signs = { equal: '=', more: '>', less: '<' }
  return rule.outcome.forms.map(({ operations }) =>
    operations
      .map((step) => {
        if (step.kind === 'count') return `${step.sub}${signs[step.relation]}${step.bound}`
        return step.kind === 'group' ? `(${signs[step.relation]}${step.bound},${step.distinct})` : step.kind
      })
      .join(' '),
  )
}

const two = '$a = "first" $b = "second"'

test('what the matcher can judge of a condition it judges', () => {
  for (const condition of [
    '$a or $b',
    '$a and not $b',
    'any of them',
    'all of ($a, $b)',
    '2 of ($*)',
    '50% of them',
    'not all of them and $a',
    '#a > 2 and $b at 0',
    '$a in (0..4KB) and $b',
    'for all of them : ( $ in (0..100) )',
    'for any of them : ( # > 2 )',
    '$a and $b and filesize < 2MB and filesize > 0x10',
    'uint32(0) == 0x464c457f and uint32be(4) == 0x01020304 and any of them',
    '1 < #a and (((($b))))',
    'any of them and true',
  ]) {
    assert.equal(judgeOf(two, condition), 'matcher', condition)
  }
})

test('what it cannot judge goes to the rule engine, which is asked when the rest is found', () => {
  assert.equal(judgeOf(two, 'any of them and (filesize < 10 or $b)'), 'engine: the size within a choice')
  assert.equal(judgeOf(two, '$b and @a < 10'), 'engine: places of matches')
  assert.equal(judgeOf(two, '$b and $a at filesize - 5'), 'engine: a computed place')
  assert.equal(
    judgeOf('$a = /fir+st/ $b = "second"', 'all of them'),
    'engine: the string $a is none that the matcher finds',
  )
  assert.equal(
    judgeOf('$a = "first" xor $b = "second"', 'all of them'),
    'engine: the string $a is none that the matcher finds',
  )
  assert.match(judgeOf(two, '$a and $b and for any i in (1..#a) : ( @a[i] < 5 )'), /^engine: a loop/)
  assert.equal(
    judgeOf('$a = { 01 02 [2-9] 03 04 }', '#a > 1'),
    'engine: matches of the string $a are counted',
  )
  assert.equal(
    judgeOf('$a = "first" xor', '$a'),
    'engine-always: the string $a is none that the matcher finds',
  )
  assert.match(judgeOf('$a = "first"', '$a or filesize == 77'), /^engine-always/)
})

test('two bytes at a place are searched for only where a rule has nothing better', () => {
  assert.equal(
    judgeOf(two, 'uint16(0) == 0x5A4D and any of them'),
    'engine: two bytes at a place are left to the rule engine',
  )
  assert.deepEqual(expressionOf(two, 'uint16(0) == 0x5A4D and any of them'), ['0>0 1>0 or'])
  assert.equal(judgeOf(two, 'uint16(0) == 0x5A4D and (any of them or @a < 5)'), 'engine: places of matches')
  assert.deepEqual(expressionOf(two, 'uint16(0) == 0x5A4D and (any of them or @a < 5)'), ['0>0'])
})

test('a condition becomes an expression, and negations stand at its strings', () => {
  assert.deepEqual(expressionOf(two, '$a and $b'), ['0>0 1>0 and'])
  assert.deepEqual(expressionOf(two, '$a and not (#b > 1 and #a != 3)'), ['0>0 1<2 0=3 or and'])
  assert.deepEqual(expressionOf('$a = "aaa" $b = "bbb" $c = "ccc"', '2 of them'), [
    '0>0 1>0 or 2>0 or (>0,2)',
  ])
  assert.deepEqual(expressionOf('$a = "aaa" $b = "bbb" $c = "ccc"', 'any of them and not 2 of them'), [
    '0>0 1>0 or 2>0 or 0<1 1<1 or 2<1 or (=0,2) and',
  ])
  // What cannot be judged is taken for true: what is left must be found whenever the rule holds.
  assert.deepEqual(expressionOf('$a = "aaa" $b = "bbb" $c = /c[d-f]/', '2 of them'), ['0>0 1>0 or'])
  assert.deepEqual(expressionOf('$a = "aaa" $b = "bbb" $c = /c[d-f]/', '$a and not ($b or $c)'), [
    '0>0 1<1 and',
  ])
  assert.deepEqual(expressionOf('$a = "aaa"', '$a at entrypoint'), ['0>0', '0>0', '0>0'])
})

test('strings in all widths and cases are patterns', () => {
  const [rule] = judgedRules('rule A { strings: $a = "Ab\\x43\\n" nocase wide ascii fullword condition: $a }')
  assert.ok(rule !== undefined && !(rule.outcome instanceof Refusal))
  const patterns = rule.outcome.forms[0]?.patterns ?? []
  assert.deepEqual(
    patterns.map(({ parts }) =>
      parts.map(({ edges, elements }) => [elements.length, edges.map((edge) => edge.characterClass)]),
    ),
    [[[1, ['nonAlnum', 'nonAlnum']]], [[1, ['wideNonAlnum', 'wideNonAlnum']]]],
  )
  assert.equal(textHex('"a\\"\\\\\\t\\x00é"'), '61225c0900c3a9')
  assert.throws(() => textHex('"\\q"'), Refusal)
  assert.equal(
    clamHex('{ 01 ?2 [3] (04 | 05 06) [-] 07 [2-5] 08 [4-] 09 [0] 0A // x\n /* y */ [7-7] 0b }'),
    '01?2{3}(04|0506)*07{2-5}08{4-}090A{7}0b',
  )
  assert.throws(() => clamHex('{ 01 ~02 }'), Refusal)
})

test('of a regular expression the bytes are known that each match holds', () => {
  const runs = (text: string, kind: 'regex' | 'hex' = 'regex') => {
    const found = requiredRuns({ id: '$a', kind, text, modifiers: new Set() })
    return kind === 'hex' ? found : found?.map((hex) => Buffer.from(hex, 'hex').toString('latin1'))
  }
  assert.deepEqual(runs('/abc[0-9]defg/'), ['defg'])
  assert.deepEqual(runs('/abcd?e/'), ['abc'])
  assert.deepEqual(runs('/abcd+ef{2}g/'), ['abcd'])
  assert.deepEqual(runs('/(foo|bar)longer\\.x/'), ['longer.x'])
  assert.deepEqual(runs('/first|second.*/i'), ['first', 'second'])
  assert.deepEqual(runs('/a\\/b\\x41\\w+cdef{0,3}/'), ['a/bA'])
  assert.equal(runs('/first|[a-z]+/'), undefined)
  assert.equal(runs('/.*/'), undefined)
  assert.deepEqual(runs('{ 01 02 ?? 03 04 05 ( 06 | 07 ) ~08 09 }', 'hex'), ['030405'])
})

test('a rule that cannot be used is refused with its line and a reason, and those around it are taken', () => {
  const { summary } = compiled(`
rule First { strings: $a = "first" condition: $a }
rule Open { strings: $a = "first" condition: $a and }
include "other.yar"
rule Unknown { strings: $a = "first" condition: $b }
rule Idle { strings: $a = "first" $b = "b" condition: $a }
rule First { strings: $a = "first" condition: $a }
rule Never { strings: $a = "first" condition: $a and false }
rule Everything { condition: true }
rule Costly { condition: for any i in (0..1000000000) : ( i == 3 ) }
this is no rule
rule Ended { strings: $a = "first
 condition: $a }
rule Bad { strings: $a = /fir(st/ condition: $a }
rule Entry { strings: $a = "first" condition: $a at entrypoint and filesize > @a }
rule Big { condition: filesize > 5000MB }
rule Last { strings: $a = "last" condition: $a }
rule NotEnded { strings: $a = "first" condition: $a`)
  assert.deepEqual(
    summary.rules.map(({ name, line }) => [name, line]),
    [
      ['YARA.First', 2],
      ['YARA.Last', 17],
    ],
  )
  assert.deepEqual(
    summary.refused.map(({ line, reason }) => `${line} ${reason}`),
    [
      '3 rule Open: syntax error',
      '4 files are not included in one another; give each by itself',
      '5 rule Unknown: unknown pattern `$b`',
      '6 the condition does not speak of the string $b',
      '7 the rule First stands there twice',
      '8 rule Never: its condition cannot hold',
      '9 rule Everything: harmless contents would match it',
      '10 rule Costly: it costs too much: loop has too many iterations',
      '11 "this" begins no rule',
      '12 line 12: "\\"first\\n condition: $" is no word of a rule',
      '14 rule Bad: a regular expression that is none',
      '15 rule Entry: entrypoint beside what only the rule engine judges: places of matches',
      '16 rule Big: it asks for contents of more than 4 GiB',
      '18 a rule that does not end',
    ],
  )
})

test('a rule speaks of other rules of its file; a private one is told to nobody; a global one is for all', () => {
  const { summary, definitions } = compiled(`import "pe"
private rule Part { strings: $a = "first" condition: $a }
rule Whole { strings: $a = "second" condition: Part and $a }
rule Program { strings: $a = "third" condition: Whole and $a and pe.is_dll() }`)
  assert.deepEqual(summary.refused, [])
  assert.deepEqual(
    summary.rules.map(({ name, judge }) => [name, judge]),
    [
      ['YARA.Part', 'matcher'],
      ['YARA.Whole', 'matcher'],
      ['YARA.Program', 'engine'],
    ],
  )
  assert.equal(definitions.signatureCount, 2)
  const [program] = definitions.rules
  assert.match(program?.text() ?? '', /^import "pe"\nprivate rule Part .*\nrule Whole .*\nrule Program .*\n$/)
  const ruled = compiled(`rule A { strings: $a = "first" condition: $a }
global rule G { strings: $a = "second" condition: $a }`)
  assert.deepEqual(
    ruled.summary.rules.map(({ name, judge }) => [name, judge]),
    [
      ['YARA.A', 'engine'],
      ['YARA.G', 'matcher'],
    ],
  )
})

test('hostile texts end soon', () => {
  const chain = Array.from({ length: 40 }, (_, index) =>
    index === 0
      ? 'rule R0 { strings: $a = "first" condition: $a }'
      : `rule R${index} { strings: $a = "first" condition: $a and R${index - 1} and R${index - 1} }`,
  )
  for (const text of [
    `rule A { condition: ${'('.repeat(100_000)}`,
    `rule A { condition: ${'not '.repeat(50_000)} true }`,
    '/*'.repeat(100_000),
    'rule '.repeat(50_000),
    `rule A { strings: ${'$a = "x" '.repeat(10_000)} condition: $a }`,
    `rule A { strings: $a = "first" condition: ${'for any of them : ( '.repeat(30)} $ ${')'.repeat(30)} }`,
    chain.join('\n'),
    `rule A { condition: filesize ${'| (1) '.repeat(30_000)} > 3 }`,
    `rule A { condition: 1 ${'== 1'.repeat(30_000)} }`,
    `rule A { strings: $a = { ${'( '.repeat(20_000)} } condition: $a }`,
    `rule A { strings: $a = /${'('.repeat(20_000)}/ condition: $a }`,
  ]) {
    assert.ok(compiled(text).bytes.length > 0)
  }
  const { summary } = compiled('rule Next { strings: $a = /next[0-9]/ condition: $a }')
  assert.deepEqual(summary.refused, [], 'the rule library was broken on the way')
})
