import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from './compile.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')
const macro = (range: string, group: number | string) => `$\{${range}}${group}$`

function summaryOf(ldb: readonly string[], ndb: readonly string[], ign2 = '') {
  return compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [
      { name: 'a.ldb', text: ldb.join('\n') },
      { name: 'a.ndb', text: ndb.join('\n') },
      { name: 'a.ign2', text: ign2 },
    ],
  }).summary
}

test('what is no macro, or stands where none can, is refused with the reason', () => {
  const form = 'a macro that is not $, a range in braces, a group and $'
  const wrong: readonly (readonly [subs: string, reason: string])[] = [
    [`${hex('aaa')};$12$`, form],
    [`${hex('aaa')};${macro('6', 12)}`, form],
    [`${hex('aaa')};${macro('6-7', 12)}::i`, form],
    [`${hex('aaa')};${macro('7-6', 12)}`, '"7-6" is not a range'],
    [`${hex('aaa')};${macro('6-7', 32)}`, '"32" is not a macro group from 0 to 31'],
    [`${hex('aaa')};${macro('6-7', 13)}`, 'macro group 13 has no patterns'],
    [`${hex('aaa')};${macro('2-7', 12)}`, 'a macro that may begin within the pattern before it'],
    [`${hex('aaa')}*${hex('bbb')};${macro('6-7', 12)}`, 'a macro behind a pattern of no fixed length'],
    [`${hex('aaa')}(61|6262);${macro('9-9', 12)}`, 'a macro behind a pattern of no fixed length'],
  ]
  const { refused } = summaryOf(
    wrong.map(([subs], index) => `S${index};Engine:51-255,Target:0;0&1;${subs}`),
    [`D:0:$12:${hex('bbb')}`],
  )
  assert.deepEqual(
    refused.map(({ reason }) => reason),
    wrong.map(([, reason]) => `sub-signature 1: ${reason}`),
  )
  const first = summaryOf([`S;Engine:51-255,Target:0;0;${macro('6-7', 12)}`], [`D:0:$12:${hex('bbb')}`])
  assert.equal(first.refused[0]?.reason, 'sub-signature 0: a macro that does not stand behind a pattern')
})

test('a pattern of a group is no signature; malformed ones are refused and ignored ones left out', () => {
  const line = `S;Engine:51-255,Target:0;0&1;${hex('aaa')};${macro('6-7', 12)}`
  const taken = summaryOf([line], [`D:0:$12:${hex('bbb')}`, 'E:0:$12:zz', `F:0:$x:${hex('bbb')}`])
  assert.deepEqual(taken.counts, { ldb: 1, ndb: 1 })
  assert.deepEqual(
    taken.refused.map(({ file, line }) => `${file}:${line}`),
    ['a.ndb:2', 'a.ndb:3'],
  )
  const ignored = summaryOf([line], [`D:0:$12:${hex('bbb')}`], 'D')
  assert.equal(ignored.refused[0]?.reason, 'sub-signature 1: macro group 12 has no patterns')
})
