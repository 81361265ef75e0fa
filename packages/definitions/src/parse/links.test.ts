import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions } from '../compile.ts'
import { openDefinitions } from '../open.ts'
import { parseGdb, parsePdb, parseWdb, readLinkRule } from './links.ts'
import { Refusal } from './pattern.ts'

test('hosts and expressions are read, and what stands between kind and colon in a .pdb line says nothing', () => {
  assert.deepEqual(parsePdb('H:bank.example'), { kind: 'link', text: 'H:bank.example' })
  assert.deepEqual(parsePdb('R16:.+:.+\\.bank\\.example'), { kind: 'link', text: 'R:.+:.+\\.bank\\.example' })
  assert.deepEqual(parseWdb('M:a.example:b.example'), { kind: 'link', text: 'M:a.example:b.example' })
  const rule = readLinkRule('X:.+\\.example([/?].*)?:.+')
  assert.ok(rule.rule === 'permitted' && rule.regex.test('http://a.example:http://b/'))
  assert.ok(rule.rule === 'permitted' && !rule.regex.test('http://a.example:http://b'))
})

test('lines are for the engines from the first number up to before the second', () => {
  const taken = { kind: 'link', text: 'H:bank.example' }
  assert.deepEqual(parsePdb('H:bank.example:20-'), taken)
  assert.deepEqual(parsePdb('H:bank.example:0-300'), taken)
  assert.deepEqual(parsePdb('H:bank.example:210-211'), taken)
  for (const levels of ['20-30', '300-', '0-210', '0-0'])
    assert.equal(parsePdb(`H:bank.example:${levels}`), 'skipped', levels)
})

test('addresses are listed by SHA-256, and prefixes of hosts say nothing', () => {
  const hex = 'a'.repeat(64)
  assert.deepEqual(parseGdb(`S1:F:${hex}`), { kind: 'address', list: 'blocked', hex })
  assert.deepEqual(parseGdb(`S2:F:${hex.toUpperCase()}:20-`), { kind: 'address', list: 'phishing', hex })
  assert.deepEqual(parseGdb(`S:W:${hex}`), { kind: 'address', list: 'permitted', hex })
  assert.deepEqual(parseGdb('S:P:aabbccdd'), { kind: 'address', list: 'malware', hex: '' })
})

test('what the manual does not know is refused', () => {
  for (const line of [
    'X:a',
    'h:bank.example',
    'H:',
    'H:Bank.example',
    'H:.bank.example',
    'H:bank.example:20',
    'R:',
    'R:[',
    'R:*a',
    'H',
    'H:a:b',
  ])
    assert.throws(() => parsePdb(line), Refusal, line)
  for (const line of ['H:a', 'Y:a.example', 'M:a.example', 'M:a.example:b.example:c', 'X:(', 'X::'])
    assert.throws(() => parseWdb(line), Refusal, line)
  for (const line of ['S3:F:aa', `S1:W:${'a'.repeat(64)}`, 'S1:F:aa', 'S1:P:aa', 'S1:X:aabbccdd', 'S1:F'])
    assert.throws(() => parseGdb(line), Refusal, line)
})

test('one bad line of a file leaves the others in the set, counted by their format', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest()
  const files = [
    { name: 'a.pdb', text: 'H:bank.example\nX:bad\nR:.+:.+' },
    { name: 'a.wdb', text: 'M:a.example:bank.example\n' },
    {
      name: 'a.gdb',
      text: ['S1:F', 'S:F', 'S:W'].map((list) => `${list}:${sha256('x').toString('hex')}\n`).join(''),
    },
  ]
  const { bytes, summary } = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files })
  assert.deepEqual(summary.counts, { pdb: 2, wdb: 1, gdb: 3 })
  assert.deepEqual(
    summary.refused.map(({ file, line }) => [file, line]),
    [['a.pdb', 2]],
  )
  const { links } = openDefinitions(bytes)
  assert.deepEqual(
    links.rules.map(({ rule }) => rule),
    ['watched-host', 'watched', 'permitted-hosts'],
  )
  assert.equal(links.addressCount, 3)
  assert.deepEqual([...links.listsOf(sha256('x'))].sort(), ['blocked', 'malware', 'permitted'])
  assert.deepEqual(links.listsOf(sha256('y')), [])
})
