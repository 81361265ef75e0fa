import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fillCodeCache, processCommand, processEnvironment } from './process-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-code-'))
after(() => rmSync(folder, { recursive: true }))

test('code is compiled once for a version, by processes that do nothing else', async (context) => {
  if (process.env.NODE_COMPILE_CACHE !== undefined)
    return context.skip('whoever runs the tests has a cache of code')
  const nowhere = join(folder, 'nowhere')
  const mark = join(folder, 'guard.compiled')
  await fillCodeCache(folder, ['guard'], nowhere)
  const { mtimeMs } = statSync(mark)
  const [compiled, ...others] = readdirSync(folder).filter((name) => name !== 'guard.compiled')
  assert.ok(compiled !== undefined && readdirSync(join(folder, compiled)).length > 20)
  assert.deepEqual(others, [])
  await fillCodeCache(folder, ['guard'], nowhere)
  assert.equal(statSync(mark).mtimeMs, mtimeMs)
  assert.equal(processEnvironment(folder).NODE_COMPILE_CACHE, folder)
  writeFileSync(mark, 'of another version')
  await fillCodeCache(folder, ['guard'], nowhere)
  assert.notEqual(statSync(mark).size, 'of another version'.length)
})

test('processes are run from where the launcher is, or from a build that is named', () => {
  assert.match(processCommand('guard').at(-1) ?? '', /src\/guard\/main\.ts$/)
  assert.equal(processCommand('guard', '/a/build').at(-1), '/a/build/guard/main.js')
})
