import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fillCodeCache, processCommand, processEnvironment } from './process-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-code-'))
after(() => rmSync(folder, { recursive: true }))

test('code is compiled once for a version, by processes that do nothing else', async (context) => {
  if (process.env.NODE_COMPILE_CACHE !== undefined)
    return context.skip('whoever runs the tests has a cache of code')
  await fillCodeCache(folder, ['guard'], join(folder, 'nowhere'))
  const [mark, ...others] = readdirSync(folder).filter((name) => name.startsWith('guard-'))
  assert.ok(mark !== undefined)
  assert.deepEqual(others, [])
  const [compiled] = readdirSync(folder).filter((name) => name !== mark)
  assert.ok(compiled !== undefined && readdirSync(join(folder, compiled)).length > 20)
  const { mtimeMs } = statSync(join(folder, mark))
  await fillCodeCache(folder, ['guard'], join(folder, 'nowhere'))
  assert.equal(statSync(join(folder, mark)).mtimeMs, mtimeMs)
  assert.equal(processEnvironment(folder).NODE_COMPILE_CACHE, folder)
  assert.match(processCommand('guard').at(-1) ?? '', /guard\/main\.ts$/)
})
