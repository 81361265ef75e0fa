import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const main = join(import.meta.dirname, 'main.ts')
const run = (...words: string[]) => spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' }).stdout

test('the manual page has every command with its options, the exit codes and no line that troff takes for a request', () => {
  const page = run('man')
  const plain = page.replaceAll('\\-', '-')
  for (const place of [
    'status',
    'scan <quick|full|path>',
    'quarantine list',
    'quarantine restore <id>',
    'quarantine delete <id>',
    'definitions show',
    'definitions update',
    'events',
    'enroll',
    'run',
    'completion <shell>',
  ])
    assert.ok(plain.includes(`.SS "${place}"`), place)
  for (const option of [
    '--even-if-infected',
    '--quarantine',
    '--limit <count>',
    '--output <form>',
    '--server <url>',
  ])
    assert.ok(plain.includes(`\\fB${option}`) || plain.includes(`, ${option}`), option)
  assert.match(plain, /Nothing was detected, but not everything could be scanned\./)
  const requests = page.split('\n').flatMap((line) => /^[.']\s*(\w*)/.exec(line)?.[1] ?? [])
  assert.deepEqual([...new Set(requests)].sort(), ['B', 'RI', 'SH', 'SS', 'TH', 'TP'])
  assert.doesNotMatch(page, /undefined|\[object/)
})

test('the manual page is set by man without a complaint', (context) => {
  const tool = spawnSync('groff', ['-v']).status === 0
  if (!tool) return context.skip('groff is not installed')
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-bcou'], {
    input: run('man'),
    encoding: 'utf8',
  })
  assert.equal(stderr, '')
  assert.match(stdout, /EXIT STATUS/)
})
