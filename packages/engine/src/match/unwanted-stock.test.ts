/**
 * Signatures of programs that may be unwanted beside stock clamscan with `--detect-pua`: which names a category takes. Where several
 * categories are given the two differ on purpose.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions, type UnwantedCategories } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanMissing } from './clamscan.fixture.ts'
import { createMatcher } from './matcher.ts'
import { seededRandom } from './random-signatures.fixture.ts'

const content = Buffer.from('some words that every signature looks for')
const hex = Buffer.from('every signature').toString('hex')

test('the categories of unwanted programs take the names that they take in stock clamscan', {
  skip: clamscanMissing,
}, (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-stock-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const random = seededRandom(1)
  const piece = () => random.pick(['PUA', 'Win', 'Unix', 'Packer', 'Tool', 'win', 'W', ''])
  const names = new Set(
    Array.from({ length: 200 }, () => {
      const pieces = Array.from({ length: 1 + random.whole(4) }, piece)
      return (random.chance(0.8) ? ['PUA', ...pieces] : pieces).join('.')
    }).filter((name) => name !== ''),
  )
  const line = (name: string, index: number) =>
    index % 2 === 0 ? [`${name}:0:*:${hex}`] : [`${name};Engine:81-255,Target:0;0;${hex}`]
  const lines = [...names].flatMap(line)
  const files = [
    { name: 'set.ndu', text: lines.filter((text) => !text.includes(';')).join('\n') },
    { name: 'set.ldu', text: lines.filter((text) => text.includes(';')).join('\n') },
  ]
  for (const { name, text } of files) writeFileSync(join(folder, name), `${text}\n`)
  writeFileSync(join(folder, 'content'), content)
  const asked: readonly (readonly [option: string | undefined, unwanted: UnwantedCategories])[] = [
    [undefined, {}],
    ...['Win', 'Packer', 'Win.Packer', 'PUA', 'W', 'Tool.Win'].flatMap((category) => [
      [`--include-pua=${category}`, { only: [category] }] as const,
      [`--exclude-pua=${category}`, { without: [category] }] as const,
    ]),
  ]
  for (const [option, unwanted] of asked) {
    const { stdout } = spawnSync(
      'clamscan',
      [
        ...files.map(({ name }) => `--database=${join(folder, name)}`),
        '--detect-pua',
        '--allmatch',
        '--no-summary',
        ...(option === undefined ? [] : [option]),
        join(folder, 'content'),
      ],
      { encoding: 'utf8' },
    )
    const theirs = [...stdout.matchAll(/: (\S+)\.UNOFFICIAL FOUND$/gm)].map(([, name]) => name).sort()
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-24T00:00:00Z',
      files,
      unwanted,
    })
    assert.deepEqual(summary.refused, [])
    const { hits } = createMatcher(openDefinitions(bytes)).match(bytesSource(content), { target: 0 })
    assert.deepEqual(hits.map(({ name }) => name).sort(), [...new Set(theirs)], option)
    assert.ok(option !== undefined || theirs.length > 50, 'stock found so little that this is no test')
  }
})
