import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { openRegexLibrary, RegexError, type RegexOutcome, regexOptions } from './regex-library.ts'

const library = openRegexLibrary()

function outcome(
  text: string,
  subject: string,
  options = 0,
  steps = 100_000,
  mustEnd = () => false,
): RegexOutcome {
  const regex = library.compile(Buffer.from(text), options)
  library.subject(subject.length)?.set(Buffer.from(subject, 'latin1'))
  const found = library.match(regex, 0, subject.length, 0, false, { steps, mustEnd })
  library.release(regex)
  return found
}

test('bytes are matched as bytes, and cases of ASCII alone are folded', () => {
  const found = outcome('\\xe9$', 'caf\xe9')
  assert.ok(found.kind === 'match')
  assert.deepEqual([found.start, found.end], [3, 4])
  assert.equal(outcome('\\xe9', '\xc9', regexOptions.caseless).kind, 'none')
  assert.equal(outcome('E', 'e', regexOptions.caseless).kind, 'match')
})

test('what PCRE2 refuses is refused in its words, with the place', () => {
  const wrong: readonly (readonly [text: string, reason: string])[] = [
    ['a(b', 'missing closing parenthesis at character 4'],
    ['[z-a]', 'range out of order in character class at character 4'],
    ['(*UTF)a', 'using UTF is disabled by the application at character 7'],
    ['\\x{100}', 'character code point value in \\x{} or \\o{} is too large at character 7'],
  ]
  for (const [text, reason] of wrong) {
    assert.throws(
      () => library.compile(Buffer.from(text), 0),
      (error) => error instanceof RegexError && error.message === reason,
      text,
    )
  }
})

test('a match has its steps over all places together, and somebody who may end it', () => {
  const short = outcome('(a+)+$', 'aaaaaaa!', 0, 1000)
  assert.equal(short.kind, 'none')
  assert.ok(short.steps > 100 && short.steps < 1000, `${short.steps} steps`)
  assert.deepEqual(outcome('(a+)+$', `${'a'.repeat(30)}!`, 0, 1000), { kind: 'exceeded', steps: 1000 })
  // Few steps at each place, and many places.
  assert.equal(outcome('a.{0,9}?b.{0,9}?xxc', `${'ab'.repeat(500)}xc`, 0, 1000).kind, 'exceeded')
  let asked = 0
  const ended = outcome('(a+)+$', `${'a'.repeat(30)}!`, 0, 1_000_000, () => ++asked === 10)
  assert.deepEqual([ended.kind, ended.steps, asked], ['exceeded', 160, 10])
})

test('compiled expressions and subjects are given back', () => {
  const before = library.memoryBytes
  for (let round = 0; round < 300; round += 1) {
    outcome('(x{100}y|[a-f]{3}){50}', 'z'.repeat(100_000))
  }
  assert.ok(library.memoryBytes - before < 4_000_000)
})

test('a set with an expression that does not compile, or only to something huge, is without that signature', () => {
  const { summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [
      {
        name: 'a.ldb',
        text: [
          'A;Target:0;0&1;616263;0/a(b/',
          'B;Target:0;0&1;616263;0/(((a{99}b){99}){99})/',
          'C;Target:0;0&1;616263;0/ab/',
        ].join('\n'),
      },
    ],
  })
  assert.deepEqual(
    summary.refused.map(({ line, reason }) => [line, reason.replace(/\d{5,}/, 'N')]),
    [
      [1, 'sub-signature 1: the regular expression: missing closing parenthesis at character 4'],
      [2, 'sub-signature 1: the regular expression: regular expression is too large at character 21'],
    ],
  )
  assert.deepEqual(summary.counts, { ldb: 1 })
})
