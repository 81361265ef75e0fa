import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromExtendedRegex } from './extended-regex.ts'

test('expressions mean what POSIX says', () => {
  const cases: readonly [string, string, boolean][] = [
    ['\\.txt$', 'a/b.txt', true],
    ['\\.txt$', 'a/b.txt.gz', false],
    ['^/(proc|sys)/', '/sys/x', true],
    ['[[:digit:]]{2,3}x', 'a12x', true],
    ['[[:digit:]]{2,3}x', 'a1x', false],
    ['[^]a]', 'b', true],
    ['[^]a]', ']a', false],
    ['[a\\]', '\\', true],
    ['\\d', 'd', true],
    ['\\d', '1', false],
    ['a{x', 'a{x', true],
    ['[a-c-]', '-', true],
    ['a.b', 'a\nb', true],
    ['[]-]', ']', true],
    ['x$', 'x\n', false],
    ['(?i)^TWO\\.', 'two.bin', true],
    ['^TWO', 'two.bin', false],
    ['[\xe0-\xff]', '\xe9', true],
    ['^a{2,}(b|c)+$', 'aabcb', true],
  ]
  for (const [pattern, text, expected] of cases)
    assert.equal(fromExtendedRegex(pattern).test(text), expected, `${pattern} on ${JSON.stringify(text)}`)
})

test('a malformed expression is an error', () => {
  for (const pattern of [
    '(',
    '*.txt',
    '[a',
    'a\\',
    '[[:nothing:]]',
    'a**',
    '(?=a)',
    'a*?',
    'a{300}',
    'a{1,256}',
  ])
    assert.throws(() => fromExtendedRegex(pattern), SyntaxError, pattern)
})

test('no expression takes long', () => {
  for (const pattern of ['(a+)+$', '^(a|a)*$', '(a*)*b', '(.*)(.*)(.*)(.*)(.*)c'])
    assert.equal(fromExtendedRegex(pattern).test(`${'a'.repeat(2000)}!`), false, pattern)
})
