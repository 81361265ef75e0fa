/** How much icons are alike: numbers that clamscan 1.4.6 printed for changes of one icon's hash, and what the bounds are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AreaKind, IconArea, IconDescription } from '@coreward/definitions'
import { confidenceOf, isAlike } from './icon-comparison.ts'

const places = (value: number) => [
  { value, x: 1, y: 1 },
  { value, x: 12, y: 1 },
  { value, x: 1, y: 12 },
]
const coloured: IconDescription = {
  side: 32,
  colour: places(2000),
  grey: places(500),
  bright: places(200),
  dark: places(60),
  edge: places(150),
  plain: places(30),
  shares: [33, 34, 32],
  coloured: 84,
}
const grey: IconDescription = {
  ...coloured,
  colour: places(150),
  grey: places(30),
  shares: [0, 0, 0],
  coloured: 0,
}

function changed(of: IconDescription, kind: AreaKind, change: Partial<IconArea>, count = 1): IconDescription {
  return { ...of, [kind]: of[kind].map((area, index) => (index < count ? { ...area, ...change } : area)) }
}

test('an icon is wholly like itself, and one without colours as far as may be', () => {
  for (const side of [16, 24, 32]) {
    assert.equal(confidenceOf({ ...coloured, side }, { ...coloured, side }), 100)
    assert.equal(confidenceOf({ ...grey, side }, { ...grey, side }), 83)
  }
  assert.equal(confidenceOf({ ...coloured, side: 24 }, coloured), 0)
})

test('lost areas and shares cost what clamscan takes for them', () => {
  for (const [kind, costs] of [
    ['colour', [94, 88, 83]],
    ['grey', [96, 92, 88]],
    ['bright', [96, 92, 88]],
    ['dark', [94, 88, 83]],
    ['edge', [94, 88, 83]],
    ['plain', [96, 92, 88]],
  ] as const) {
    costs.forEach((cost, index) => {
      const value = kind === 'colour' || kind === 'grey' ? 4072 : 255
      assert.equal(confidenceOf(changed(coloured, kind, { value }, index + 1), coloured), cost, kind)
    })
  }
  const shares = (red: number) => confidenceOf({ ...coloured, shares: [red, 34, 32] }, coloured)
  assert.deepEqual([32, 28, 23, 0].map(shares), [99, 97, 95, 95])
})

test('areas are the same within a fifth of their value and some pixels of their place', () => {
  const at = (change: Partial<IconArea>) => confidenceOf(changed(coloured, 'edge', change), coloured)
  assert.deepEqual(
    [at({ value: 99 }), at({ value: 98 }), at({ value: 201 }), at({ value: 202 })],
    [100, 94, 100, 94],
  )
  assert.deepEqual(
    [2, 3, 5, 7, 8].map((x) => at({ x })),
    [99, 98, 97, 96, 94],
  )
  assert.equal(at({ x: 6, y: 5 }), 96)
  const colours = (value: number) => confidenceOf(changed(coloured, 'colour', { value }), coloured)
  assert.deepEqual([colours(2814), colours(2815)], [100, 94])
})

test('which of the areas it is does not matter, but each is asked for', () => {
  const [first, ...others] = coloured.edge as [IconArea, IconArea, IconArea]
  assert.equal(confidenceOf({ ...coloured, edge: [...others, first] }, coloured), 100)
  assert.equal(confidenceOf({ ...coloured, edge: [first, first, first] }, coloured), 88)
})

test('icons with and without colours are alike only in what both have', () => {
  assert.equal(confidenceOf({ ...coloured, coloured: 0 }, coloured), 68)
  assert.ok(isAlike({ ...coloured, coloured: 0 }, coloured))
  assert.ok(!isAlike(changed({ ...coloured, coloured: 0 }, 'edge', { value: 0 }), coloured))
  assert.ok(isAlike(changed(grey, 'dark', { value: 255 }, 2), grey))
  assert.ok(!isAlike(changed(grey, 'dark', { value: 255 }, 3), grey))
})
