import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

/** Rows of the promises' table: a test is named as `path` “sentence”, several are joined by a semicolon. */
function promises(document: string): { promise: string; shownBy: string }[] {
  const table = document.slice(
    document.indexOf('\n## Promises'),
    document.indexOf('\n## What is not there yet'),
  )
  return [...table.matchAll(/^\| [A-Z ]+ \| (.+?) \| (.+) \|$/gm)].flatMap(([, promise, shownBy]) =>
    promise === undefined || shownBy === undefined ? [] : [{ promise, shownBy }],
  )
}

/** What is wrong with the tests that a promise names; nothing is, when it says that it is not yet shown. */
function complaintsOf(shownBy: string): string[] {
  if (shownBy.startsWith('**not yet shown**')) return []
  const named = [...shownBy.matchAll(/`([^`]+)` “([^”]+)”/g)]
  if (named.length === 0) return ['names no test and does not say **not yet shown**']
  return named.flatMap(([, path = '', sentence = '']) => {
    if (!existsSync(join(root, path))) return [`there is no ${path}`]
    return readFileSync(join(root, path), 'utf8').includes(sentence)
      ? []
      : [`${path} has no test “${sentence}”`]
  })
}

test('each promise of the threat model names a test that exists, or says that it is not yet shown', () => {
  const rows = promises(readFileSync(join(root, 'docs/threat-model.md'), 'utf8'))
  assert.ok(rows.length > 10, `only ${rows.length} promises were found in docs/threat-model.md`)
  const complaints = rows.flatMap(({ promise, shownBy }) =>
    complaintsOf(shownBy).map((text) => `“${promise}”: ${text}`),
  )
  assert.deepEqual(complaints, [])
})

test('a promise that names a missing file or sentence, or nothing at all, is complained of', () => {
  assert.match(complaintsOf('`tests/none.test.ts` “a sentence”')[0] ?? '', /there is no/)
  assert.match(
    complaintsOf(`\`tests/architecture.test.ts\` “a sentence ${'nobody'} wrote”`)[0] ?? '',
    /has no test/,
  )
  assert.match(complaintsOf('surely')[0] ?? '', /names no test/)
})
