import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDefinitions } from '../open.ts'
import { compileWithAdditions } from './compile-additions.ts'
import { decodeFormerSets, encodeFormerSets, type FormerSets } from './former-sets.ts'

const createdAt = '2026-11-25T00:00:00Z'
const hex = (text: string) => Buffer.from(text).toString('hex')
const plain = (name: string, target = 0) => `${name}:${target}:*:${hex(`words of ${name}`)}\n`
const md5 = (digit: string) => digit.repeat(32)

/** A set's files by their names. */
type Texts = Readonly<Record<string, string>>

function compile(texts: Texts, former?: FormerSets, version = '2', program = 'test') {
  const files = Object.entries(texts).map(([name, text]) => ({ name, text }))
  return compileWithAdditions({ version, createdAt, files }, { former, program })
}

const namesIn = (bytes: Uint8Array) => {
  const set = openDefinitions(bytes)
  return Array.from({ length: set.signatureCount }, (_, id) => set.signature(id).name)
}

/** What is new in the second set since the first; undefined when that is not told. */
function added(before: Texts, after: Texts, program = 'test') {
  const first = compile(before, undefined, '1')
  const { additions } = compile(after, first.former, '2', program)
  assert.ok(additions.length < 2)
  const [only] = additions
  if (only === undefined) return undefined
  assert.deepEqual(only.since, [first.summary.sha256])
  assert.equal(only.version, '2-since-1')
  return namesIn(only.bytes)
}

test('what is new is told, whatever went or moved', () => {
  const before = { 'a.ndb': plain('A') + plain('B'), 'a.hdb': `${md5('a')}:10:H\n` }
  const after = { 'b.hdb': `${md5('b')}:10:I\n${md5('A')}:10:Renamed\n`, 'b.ndb': plain('C') + plain('A') }
  assert.deepEqual(added(before, after), ['I', 'C'])
  assert.deepEqual(added(before, before), [])
  assert.deepEqual(added(before, { 'a.hdb': `${md5('a')}:*:H:73\n` }), ['H'])
  assert.deepEqual(added(before, { 'a.fp': `${md5('a')}:10:F\n` }), [])
})

test('a name that is ignored no longer is new', () => {
  const texts = { 'a.ndb': plain('A') }
  assert.deepEqual(added({ ...texts, 'a.ign2': 'A\n' }, texts), ['A'])
})

test('nothing is told when less is allowed, or types are told otherwise, or another program compiles', () => {
  const texts = {
    'a.ndb': plain('A'),
    'a.fp': `${md5('a')}:10:F\n`,
    'a.ftm': `0:0:${hex('zz')}:T:CL_TYPE_ANY:CL_TYPE_ELF\n`,
  }
  assert.deepEqual(added(texts, texts), [])
  assert.equal(added(texts, { ...texts, 'a.fp': '' }), undefined)
  assert.equal(added(texts, { ...texts, 'a.fp': `${md5('a')}:11:F\n` }), undefined)
  assert.equal(added(texts, { ...texts, 'a.ign2': 'F\n' }), undefined)
  assert.equal(added(texts, { ...texts, 'a.ftm': '' }), undefined)
  assert.equal(added(texts, texts, 'another'), undefined)
})

test('nothing is told when what is new is of a kind that does not only find more', () => {
  const texts = { 'a.ndb': plain('A') }
  for (const other of [{ 'a.wdb': 'M:one.example:two.example\n' }, { 'a.pdb': 'H:one.example\n' }]) {
    const { summary } = compile({ ...texts, ...other }, undefined, '1')
    assert.equal(summary.refusedCount, 0)
    assert.equal(added(texts, { ...texts, ...other }), undefined)
    assert.deepEqual(added({ ...texts, ...other }, { ...other, 'b.ndb': plain('B') }), ['B'])
  }
})

test('types are told in the additions as in the set', () => {
  const texts = { 'a.ftm': `0:0:${hex('zz')}:T:CL_TYPE_ANY:CL_TYPE_ELF\n` }
  const { former } = compile(texts, undefined, '1')
  const { additions } = compile({ ...texts, 'a.ndb': plain('A', 6) }, former)
  const [only] = additions
  assert.equal(openDefinitions(only?.bytes ?? new Uint8Array()).typeRules.length, 1)
})

test('icons are in the additions as in the set, and nothing is told when they are others', () => {
  const icon = (side: string) => `A:ONE:TWO:${side}${'0'.repeat(122)}\n`
  const asking = `S;Target:1,IconGroup1:ONE;0;${hex('words')}\n`
  const first = compile({ 'a.idb': icon('20') }, undefined, '1')
  const { bytes, additions } = compile({ 'a.idb': icon('20'), 'a.ldb': asking }, first.former)
  const [only] = additions
  assert.ok(only !== undefined)
  assert.deepEqual(namesIn(only.bytes), ['S'])
  assert.equal(openDefinitions(only.bytes).icons.length, 1)
  assert.deepEqual(openDefinitions(only.bytes).icons, openDefinitions(bytes).icons)
  assert.equal(added({ 'a.idb': icon('20') }, { 'a.idb': icon('18'), 'a.ldb': asking }), undefined)
})

test('a signature with a macro is new when its group is', () => {
  const ldb = `L;Engine:81-255,Target:0;0&1;${hex('aaa')};\${6-7}12$\n`
  const member = (name: string) => `${name}:0:$12:${hex(name)}\n`
  const before = { 'a.ldb': ldb, 'a.ndb': member('bbb') }
  assert.deepEqual(added(before, before), [])
  assert.deepEqual(added(before, { ...before, 'a.ndb': member('bbb') + member('ccc') }), ['L'])
})

test('a rule is new when another one that it speaks of is, or a global one stands beside it', () => {
  const helper = (text: string) => `private rule helper { strings: $b = "${text}" condition: $b }\n`
  const rule = 'rule own { strings: $a = "some words" condition: $a and helper }\n'
  const plainRule = 'rule other { strings: $a = "other words" condition: $a }\n'
  const before = { 'a.yar': helper('first') + rule + plainRule }
  assert.deepEqual(added(before, before), [])
  assert.deepEqual(added(before, { 'a.yar': helper('second') + rule + plainRule }), ['YARA.own'])
  const global = 'global rule everywhere { condition: filesize > 3 }\n'
  const after = { 'a.yar': global + helper('first') + rule + plainRule }
  assert.deepEqual(
    added(before, after)?.filter((name) => name !== 'YARA.everywhere'),
    ['YARA.own', 'YARA.other'],
  )
})

test('additions since older sets hold those since newer ones, and a set that was gone back to', () => {
  const texts = [plain('A'), plain('A') + plain('B'), plain('A'), plain('A') + plain('B') + plain('C')]
  const shas: string[] = []
  let former: FormerSets | undefined
  let last: ReturnType<typeof compile> | undefined
  for (const [index, text] of texts.entries()) {
    last = compile({ 'a.ndb': text }, former, `${index}`)
    former = decodeFormerSets(encodeFormerSets(last.former))
    shas.push(last.summary.sha256)
  }
  // B was in the second set and not in the third, so it is new to what was clean under either.
  assert.deepEqual(
    last?.additions.map(({ since, bytes }) => [since, namesIn(bytes)]),
    [[shas.slice(0, 3), ['B', 'C']]],
  )
})

test('eight sets are known, and a set that differs in what must not differ ends what is told of older ones', () => {
  const sets = Array.from({ length: 12 }, (_, index) =>
    Array.from({ length: index + 1 }, (_, each) => plain(`S${each}`)).join(''),
  )
  let former: FormerSets | undefined
  let since: number[] = []
  for (const [index, text] of sets.entries()) {
    const compiled = compile(
      { 'a.ndb': text, ...(index < 7 ? { 'a.fp': `${md5('a')}:10:F\n` } : {}) },
      former,
      `${index}`,
    )
    former = compiled.former
    since = compiled.additions.map((each) => each.since.length)
    assert.deepEqual(
      compiled.additions.map(({ signatures }) => signatures),
      since,
    )
    if (index === 6) assert.deepEqual(since, [6, 5, 4, 3, 2, 1])
    if (index === 7) assert.deepEqual(since, [])
    if (index === 10) assert.deepEqual(since, [3, 2, 1])
  }
  assert.equal(former?.sets.length, 8)
})

test('a set that is mostly new has no additions', () => {
  const many = Array.from(
    { length: 2000 },
    (_, index) => `${index.toString(16).padStart(32, '0')}:10:H${index}\n`,
  )
  const first = compile({ 'a.hdb': many.slice(0, 100).join('') }, undefined, '1')
  assert.deepEqual(compile({ 'a.hdb': many.join('') }, first.former).additions, [])
  const half = compile({ 'a.hdb': many.slice(0, 1500).join('') }, undefined, '1')
  assert.equal(compile({ 'a.hdb': many.join('') }, half.former).additions.length, 1)
})

test('a damaged or foreign file of former sets is none', () => {
  const bytes = encodeFormerSets(compile({ 'a.ndb': plain('A') }, undefined, '1').former)
  assert.ok(decodeFormerSets(bytes) !== undefined)
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = bytes.slice()
    changed[at] = (changed[at] as number) ^ 1
    assert.equal(decodeFormerSets(changed), undefined)
    assert.equal(decodeFormerSets(bytes.slice(0, at)), undefined)
  }
})
