import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { parseHexPattern } from './hex.ts'

/** What becomes of one .ndb line: its refusal's place and reason, or `taken` or `skipped`. */
function fate(line: string): string {
  const { summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'local.ndb', text: `# a comment\n${line}\n` }],
  })
  const [refusal, ...more] = summary.refused
  assert.deepEqual(more, [])
  if (refusal !== undefined) {
    assert.equal(summary.counts.ndb, undefined, 'a refused line was counted as a signature')
    return `${refusal.file}:${refusal.line}: ${refusal.reason}`
  }
  return summary.skipped === 1 ? 'skipped' : `taken ${summary.counts.ndb}`
}

test('offsets in executables are taken for every kind of executable', () => {
  for (const target of [1, 6, 9]) {
    for (const offset of [
      'EP+0',
      'EP-16',
      'EP+10,20',
      'S0+0',
      'S2+128,64',
      'SE1',
      'SL+0',
      'SL+4,2',
      'VI',
      'VI,9',
    ]) {
      assert.equal(fate(`Win.Test.Name:${target}:${offset}:6162636465`), 'taken 1', offset)
    }
  }
  assert.match(fate('Win.Test.Name:1:SE1,5:6162636465'), /all of a section has no shift$/)
  assert.match(fate('Win.Test.Name:1:S16777216+0:6162636465'), /no program has so many sections$/)
})

test('offsets in executables are refused where the target is no executable, or the offset none', () => {
  assert.match(
    fate('Any.Test.Name:0:EP+0:6162636465'),
    /:2: the offset "EP\+0" belongs to executables, and target 0 is none$/,
  )
  for (const offset of [
    'EP0',
    'EP',
    'S+1',
    'SEx',
    'SL',
    '-1',
    'EOF+1',
    'EOF',
    '1,2,3',
    '1,',
    ',1',
    '0x10',
    '4294967296',
  ]) {
    assert.match(fate(`Any.Test.Name:1:${offset}:6162636465`), /:2: "[^"]*" is not an offset$/, offset)
  }
})

test('what is no target is refused', () => {
  for (const target of ['13', '-1', 'PE', '']) {
    assert.match(fate(`A:${target}:*:6162636465`), /:2: "[^"]*" is not a target from 0 to 12$/, target)
  }
})

test('offsets and targets that need nothing but the bytes are taken', () => {
  for (const target of ['*', '0', '1', '2', '3', '4', '5', '6', '7', '9', '10', '11', '12']) {
    for (const offset of ['*', '0', '512', '512,100', 'EOF-1', 'EOF-1024,64']) {
      assert.equal(fate(`A:${target}:${offset}:6162636465`), 'taken 1')
    }
  }
})

test('lines for other functionality levels are skipped and counted, not refused', () => {
  assert.equal(fate('A:1:EP+0:6162636465:255'), 'skipped')
  assert.equal(fate('A:0:*:6162636465:10:20'), 'skipped')
  assert.equal(fate('A:0:*:6162636465:10:255'), 'taken 1')
})

test('a gap whose upper bound is 0 has none, as in clamscan', () => {
  for (const gap of ['{0-0}', '{-0}', '{0}', '{00-00}', '{0-}']) {
    assert.deepEqual(parseHexPattern(`616263${gap}6465`), parseHexPattern('616263*6465'), gap)
  }
  assert.deepEqual(parseHexPattern('616263{5-0}6465'), parseHexPattern('616263{5-}6465'))
})

test('patterns that would match nearly everything, or have no fixed bytes to search by, are refused', () => {
  assert.match(fate('A:0:*:6162'), /fewer than 3 fixed bytes/)
  assert.match(fate('A:0:*:61??62??63'), /a part without two fixed bytes in a row/)
  assert.match(fate('A:0:*:616263*??'), /a part without two fixed bytes in a row/)
  assert.match(fate('A:0:*:'), /the pattern is empty/)
})

test('malformed patterns are refused with what is wrong in them', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['616', /an odd number/],
    ['61zz62', /unexpected "z"/],
    ['6162(63|64', /a parenthesis is not closed/],
    ['616263{5-2}6465', /ends before it begins/],
    ['616263{-}6465', /is not a gap/],
    ['*616263', /a gap with nothing before or after it/],
    ['616263*', /a gap with nothing before or after it/],
    ['616263(|64)', /an empty alternative/],
    ['616263!(64|6566)6768', /different lengths/],
    ['616263[1-33]64', /is not a range/],
    ['616263[1-3]6465', /stands elsewhere/],
  ]
  for (const [hex, reason] of wrong) assert.match(fate(`A:0:*:${hex}`), reason, hex)
})
