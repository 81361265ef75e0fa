/** Icons of .idb lines: what is read of a hash, and what is refused as clamscan 1.4.6 refuses it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { openDefinitions } from '../open.ts'
import { parseCircumstances } from './circumstances.ts'
import { parseIdb, readKnownIcon } from './idb.ts'
import { Refusal } from './pattern.ts'

/** As clamscan printed it of a made icon: coloured, grey, bright, dark, edges, plain, shares. */
const hash = [
  '20',
  'a3e0201a1e0d07a151607',
  '80c140382e150f847010f',
  'd20a0bce1013cd0000',
  'aa1403b70011b80815',
  '681610610814 5e1503'.replace(' ', ''),
  '3900003f0a00481200',
  '21222054',
].join('')

function compiled(files: Readonly<Record<string, string>>) {
  const given = Object.entries(files).map(([name, text]) => ({ name, text }))
  return compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files: given })
}

test('a hash holds the side, three areas of each kind, and shares of colours', () => {
  const { groups, description } = readKnownIcon(parseIdb(`A:ONE:TWO:${hash.toUpperCase()}`).text)
  assert.deepEqual(groups, ['ONE', 'TWO'])
  assert.deepEqual(description.colour, [
    { value: 2622, x: 2, y: 1 },
    { value: 2590, x: 13, y: 7 },
    { value: 2581, x: 22, y: 7 },
  ])
  assert.deepEqual(description.grey[0], { value: 2060, x: 20, y: 3 })
  assert.deepEqual(description.bright[1], { value: 206, x: 16, y: 19 })
  assert.deepEqual(description.dark[1], { value: 183, x: 0, y: 17 })
  assert.deepEqual(description.edge[2], { value: 94, x: 21, y: 3 })
  assert.deepEqual(description.plain[2], { value: 72, x: 18, y: 0 })
  assert.deepEqual([description.side, description.shares, description.coloured], [32, [33, 34, 32], 84])
})

test('lines that clamscan refuses are refused with the reason', () => {
  const zeros = (side: string) => side + '0'.repeat(122)
  const ending = (digits: string) => zeros('20').slice(0, -digits.length) + digits
  for (const [line, reason] of [
    [`A:ONE:${hash}`, /fields/],
    [`A:ONE:TWO:${hash}:51`, /fields/],
    [`A:ONE:TWO:${hash}0`, /124 digits, and this one 125/],
    [`A:ONE:TWO:${hash.slice(0, -1)}g`, /hexadecimal/],
    [`A:ONE:TWO:${zeros('30')}`, /16, 24 or 32 pixels wide, and not 48/],
    [`A:ONE:TWO:20fe9${'0'.repeat(119)}`, /no colour area of 4073 at 0,0/],
    [`A:ONE:TWO:200001d${'0'.repeat(117)}`, /no colour area of 0 at 29,0/],
    [`A:ONE:TWO:180000016${'0'.repeat(115)}`, /no colour area of 0 at 0,22/],
    [`A:ONE:TWO:${ending('22232300')}`, /34, 35, 35 and 0 percent/],
    [`A:ONE:TWO:${ending('00000065')}`, /0, 0, 0 and 101 percent/],
    [`A:\x07:TWO:${hash}`, /not the name of a group/],
  ] as const) {
    assert.throws(
      () => parseIdb(line),
      (error) => error instanceof Refusal && reason.test(error.message),
      line,
    )
  }
  for (const digits of ['22232200', '00000064']) parseIdb(`A:::${ending(digits)}`)
  parseIdb(`:ONE:TWO:200001c${'0'.repeat(117)}`)
})

test('a set keeps each icon once, counts all, and names the line that it refuses', () => {
  const { bytes, summary } = compiled({
    'a.idb': `# made\nA:ONE:TWO:${hash}\nB:ONE:TWO:${hash.toUpperCase()}\nC:ONE:TWO:00\n`,
    'a.ldb': 'S;Target:1,IconGroup1:ONE;0;4d5a90',
    'a.ign2': 'A',
  })
  assert.deepEqual(summary.counts, { idb: 2, ldb: 1 })
  assert.deepEqual(
    summary.refused.map(({ file, line }) => `${file}:${line}`),
    ['a.idb:4'],
  )
  assert.deepEqual(summary.unsupported, [])
  assert.deepEqual(openDefinitions(bytes).icons, [readKnownIcon(`ONE:TWO:${hash}`)])
})

test('a signature asks for groups by name, or for any', () => {
  const wish = (text: string) => parseCircumstances(text).icon?.groups
  assert.deepEqual(wish('IconGroup1:ONE,IconGroup2:TWO 2'), ['ONE', 'TWO 2'])
  assert.deepEqual(wish('IconGroup2:TWO'), [undefined, 'TWO'])
  assert.deepEqual(wish('IconGroup1:*'), [undefined, undefined])
  assert.equal(wish('EntryPoint:0-1'), undefined)
})
