import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { FolderReader, stateOf } from './folder-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-folder-'))
after(() => rmSync(folder, { recursive: true }))

const reader = process.platform === 'linux' ? new FolderReader() : undefined

function readAll(path: string) {
  assert.ok(reader !== undefined)
  const fd = openSync(path, 'r')
  reader.begin(fd)
  const found = new Map<string, { isFolder: boolean; links: number; state: number[] }>()
  while (reader.next()) {
    const name = Buffer.from(reader.names.subarray(reader.nameFrom, reader.nameTo)).toString('latin1')
    assert.ok(!found.has(name), `${name} came twice`)
    found.set(name, { isFolder: reader.isFolder, links: reader.links, state: [...reader.state] })
  }
  closeSync(fd)
  return found
}

describe('reading folders', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  test('files and folders come with the state that Node tells of them, and nothing else comes', () => {
    const here = join(folder, 'mixed')
    mkdirSync(join(here, 'sub'), { recursive: true })
    writeFileSync(join(here, 'a'), 'hello')
    linkSync(join(here, 'a'), join(here, 'b'))
    writeFileSync(join(here, '..c'), 'x')
    utimesSync(join(here, '..c'), 1, -12345.678)
    writeFileSync(Buffer.concat([Buffer.from(`${here}/`), Buffer.from([0xff, 0x80])]), '')
    symlinkSync('/etc', join(here, 'link'))
    assert.equal(spawnSync('mkfifo', [join(here, 'pipe')]).status, 0)
    const found = readAll(here)
    assert.deepEqual([...found.keys()].toSorted(), ['..c', 'a', 'b', 'sub', '\xff\x80'].toSorted())
    for (const [name, { isFolder, links, state }] of found) {
      const path = Buffer.concat([Buffer.from(`${here}/`), Buffer.from(name, 'latin1')])
      const status = lstatSync(path, { bigint: true })
      assert.equal(isFolder, status.isDirectory(), name)
      assert.equal(links, Number(status.nlink), name)
      assert.deepEqual(state, [...stateOf(status)], name)
    }
    assert.equal(found.get('a')?.links, 2)
  })

  test('folders of other file systems have their own device', () => {
    for (const [name, { state }] of readAll('/'))
      assert.deepEqual(state[0], stateOf(lstatSync(`/${name}`, { bigint: true }))[0], name)
  })

  test('every entry of a large folder comes once', () => {
    const large = join(folder, 'large')
    mkdirSync(large)
    for (let at = 0; at < 3000; at += 1) writeFileSync(join(large, `${at}-${'n'.repeat(at % 200)}`), '')
    assert.equal(readAll(large).size, 3000)
  })

  test('each part of a state is in its words', () => {
    const base = { dev: 2049n, ino: 7n, size: 5n, mtimeNs: 1_700_000_000_123_456_789n, ctimeNs: 1n }
    const seen = new Set([stateOf(base).join()])
    for (const change of [
      { dev: 2050n },
      { dev: 2049n + (1n << 20n) },
      { dev: 2305n },
      { ino: 8n },
      { ino: 7n + (1n << 40n) },
      { size: 6n },
      { size: 5n + (1n << 32n) },
      { mtimeNs: base.mtimeNs + 1n },
      { mtimeNs: base.mtimeNs + (1n << 33n) * 1_000_000_000n },
      { mtimeNs: -1n },
      { ctimeNs: 2n },
    ]) {
      const words = stateOf({ ...base, ...change }).join()
      assert.ok(!seen.has(words), words)
      seen.add(words)
    }
  })

  test('what is no folder is an error', () => {
    const fd = openSync('/dev/null', 'r')
    const broken = new FolderReader()
    broken.begin(fd)
    assert.throws(() => broken.next(), { name: 'HostError' })
    closeSync(fd)
  })
})
