import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readIfExists, readTextIfExists, writeDurably } from './durable-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-durable-'))
after(() => rmSync(folder, { recursive: true }))

test('a file is replaced whole, with the mode asked for and nothing left beside it', async () => {
  const path = join(folder, 'state.json')
  writeDurably(path, 'one')
  writeDurably(path, new Uint8Array([0x74, 0x77, 0x6f]), 0o640)
  assert.equal(readFileSync(path, 'utf8'), 'two')
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.deepEqual(readdirSync(folder), ['state.json'])
  assert.equal(await readTextIfExists(path), 'two')
})

test('a missing file is undefined, and a missing folder is an error that names the file', async () => {
  assert.equal(await readIfExists(join(folder, 'none')), undefined)
  assert.throws(() => writeDurably(join(folder, 'no', 'file'), 'x'), {
    name: 'HostError',
    code: 'missing',
    message: /no\/file/,
  })
})

test('a folder that may not be written is a permission error', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, () => {
  chmodSync(folder, 0o500)
  try {
    assert.throws(() => writeDurably(join(folder, 'file'), 'x'), { code: 'permission' })
  } finally {
    chmodSync(folder, 0o700)
  }
})
