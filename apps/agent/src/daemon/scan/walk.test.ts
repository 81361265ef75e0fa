import assert from 'node:assert/strict'
import { linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FolderListings } from '../../guard/folder-listings.ts'
import { EntryPage } from '../../verbs/entry-page.ts'
import type { FileVerbs } from '../../verbs/file-verbs.ts'
import { VerbError } from '../../verbs/verb-error.ts'
import { walk } from './walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-walk-'))
after(() => rmSync(folder, { recursive: true }))

/** The guard's listings behind the verb; `onList` may make a call fail. */
function verbsWith(onList: (call: number, what: readonly string[] | string) => void = () => {}) {
  let listings = new FolderListings()
  let calls = 0
  const verbs: Pick<FileVerbs, 'list' | 'stat'> = {
    async list(what) {
      calls += 1
      try {
        onList(calls, what)
      } catch (error) {
        listings.close()
        listings = new FolderListings()
        throw error
      }
      return listings.page(what)
    },
    async stat(path) {
      const status = lstatSync(path, { bigint: true, throwIfNoEntry: false })
      if (status === undefined) return null
      const numbers = { mode: Number(status.mode), uid: 0, gid: 0, links: Number(status.nlink) }
      const { dev, ino, size, mtimeNs, ctimeNs } = status
      const identity = {
        device: String(dev),
        inode: String(ino),
        size: Number(size),
        mtimeNs: String(mtimeNs),
        ctimeNs: String(ctimeNs),
        ...numbers,
      }
      return { kind: status.isDirectory() ? 'folder' : 'file', identity }
    },
  }
  return { verbs, calls: () => calls }
}

async function walked(
  verbs: Pick<FileVerbs, 'list' | 'stat'>,
  roots: readonly string[],
  pruned: (path: string) => boolean = () => false,
) {
  const paths: string[] = []
  let bytes = 0
  const { signal } = new AbortController()
  for await (const page of walk({ verbs, roots, pruned, signal })) {
    for (const [place, at] of page.files.entries()) {
      paths.push(page.path(place).slice(folder.length + 1))
      bytes += EntryPage.size(page.words, at)
    }
  }
  return { paths, bytes }
}

describe('a walk', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  const expected: string[] = []
  before(() => {
    for (let at = 0; at < 400; at += 1) {
      const below = join('tree', String(at % 7), `folder-${at}`)
      mkdirSync(join(folder, below), { recursive: true })
      for (const name of ['a', 'b']) {
        writeFileSync(join(folder, below, name), 'four')
        expected.push(join(below, name))
      }
    }
    mkdirSync(join(folder, 'tree', 'large'))
    for (let at = 0; at < 2500; at += 1) {
      writeFileSync(join(folder, 'tree', 'large', `file-${at}`), 'four')
      expected.push(join('tree', 'large', `file-${at}`))
    }
    expected.sort()
  })

  test('comes to every file once, with its size, in few calls', async () => {
    const { verbs, calls } = verbsWith()
    const { paths, bytes } = await walked(verbs, [join(folder, 'tree')])
    assert.deepEqual(paths.toSorted(), expected)
    assert.equal(bytes, 4 * expected.length)
    assert.ok(calls() < 20, String(calls()))
  })

  test('goes on where it was when the listing is lost, whichever call it is lost at', async () => {
    const { verbs: undisturbed, calls } = verbsWith()
    await walked(undisturbed, [join(folder, 'tree')])
    for (let lost = 1; lost <= calls(); lost += 1) {
      const { verbs } = verbsWith((call) => {
        if (call === lost) throw new VerbError('guard-gone', 'killed')
      })
      const { paths } = await walked(verbs, [join(folder, 'tree')])
      assert.deepEqual(paths.toSorted(), expected, `lost at call ${lost}`)
    }
  })

  test('passes over pruned folders and other names of what it has seen, and takes a file for a root', async () => {
    mkdirSync(join(folder, 'small', 'left-out'), { recursive: true })
    for (const name of ['one', 'two', 'left-out/three']) writeFileSync(join(folder, 'small', name), name)
    linkSync(join(folder, 'small', 'one'), join(folder, 'small', 'one-again'))
    const roots = ['small', 'small/two', 'nowhere', 'tree/0/folder-0/a'].map((name) => join(folder, name))
    const { paths } = await walked(verbsWith().verbs, roots, (path) => path.endsWith('left-out'))
    assert.equal(paths.filter((path) => path.startsWith('small/one')).length, 1)
    assert.deepEqual(
      paths.filter((path) => !path.startsWith('small/one')),
      ['small/two', 'small/two', 'tree/0/folder-0/a'],
    )
  })
})
