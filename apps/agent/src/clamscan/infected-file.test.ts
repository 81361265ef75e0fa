import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFolderWithoutLinks } from '../guard/open-folder.ts'
import { type HeldFile, holdFile } from './held-file.ts'
import { copyFile, moveFile, removeFile } from './infected-file.ts'

const otherFileSystem = '/dev/shm'
const isOther = existsSync(otherFileSystem) && statSync(otherFileSystem).dev !== statSync(tmpdir()).dev

/** A folder with an infected file, opened as for a scan, and a folder to put it into. */
function arrange(keptBelow = tmpdir()) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coreward-put-away-')))
  const kept = realpathSync(mkdtempSync(join(keptBelow, 'coreward-kept-')))
  const path = join(folder, 'bad.sh')
  writeFileSync(path, 'infected', { mode: 0o755 })
  const fd = openSync(path, 'r')
  const file = { path, realPath: path, fd, status: fstatSync(fd, { bigint: true }) }
  const to = openFolderWithoutLinks(kept)
  return {
    folder,
    kept,
    path,
    file,
    to,
    hold: (): HeldFile => holdFile(file, openFolderWithoutLinks),
    [Symbol.dispose]() {
      closeSync(fd)
      to[Symbol.dispose]()
      for (const used of [folder, kept]) rmSync(used, { recursive: true })
    },
  }
}

test('a file is moved as it is, and gets a number when its name is taken', () => {
  using place = arrange()
  for (const name of ['bad.sh', 'bad.sh.001']) writeFileSync(join(place.kept, name), 'was here')
  using held = place.hold()
  assert.equal(moveFile(held, place.to), 'bad.sh.002')
  assert.equal(statSync(join(place.kept, 'bad.sh.002')).mode & 0o777, 0o755)
  assert.equal(existsSync(place.path), false)
  assert.equal(readFileSync(join(place.kept, 'bad.sh'), 'utf8'), 'was here')
})

test('a file is moved onto another file system whole, for nobody else to read', {
  skip: !isOther && `${otherFileSystem} is not another file system`,
}, () => {
  using place = arrange(otherFileSystem)
  writeFileSync(join(place.kept, 'bad.sh'), 'was here')
  using held = place.hold()
  assert.equal(moveFile(held, place.to), 'bad.sh.001')
  assert.equal(readFileSync(join(place.kept, 'bad.sh.001'), 'utf8'), 'infected')
  assert.equal(statSync(join(place.kept, 'bad.sh.001')).mode & 0o777, 0o600)
  assert.equal(existsSync(place.path), false)
  assert.deepEqual(readdirSync(place.kept).sort(), ['bad.sh', 'bad.sh.001'])
})

test('a copy leaves the file in its place and overwrites nothing', () => {
  using place = arrange()
  writeFileSync(join(place.kept, 'bad.sh'), 'was here')
  using held = place.hold()
  assert.equal(copyFile(held, place.to), 'bad.sh.001')
  assert.equal(readFileSync(place.path, 'utf8'), 'infected')
  assert.equal(readFileSync(join(place.kept, 'bad.sh.001'), 'utf8'), 'infected')
})

test('a file that took its place after the scan is neither removed, moved nor copied', () => {
  for (const act of [removeFile, moveFile, copyFile]) {
    using place = arrange()
    using held = place.hold()
    renameSync(place.path, join(place.folder, 'aside'))
    writeFileSync(place.path, 'innocent')
    assert.throws(() => act(held, place.to), /another file stands there now/)
    assert.equal(readFileSync(place.path, 'utf8'), 'innocent')
    assert.deepEqual(readdirSync(place.kept), [])
  }
})

test('a link that took its place leads nowhere', () => {
  using place = arrange()
  using held = place.hold()
  const precious = join(place.folder, 'precious')
  writeFileSync(precious, 'precious')
  rmSync(place.path)
  symlinkSync('precious', place.path)
  assert.throws(() => removeFile(held), /another file stands there now/)
  assert.throws(() => place.hold())
  assert.equal(readFileSync(precious, 'utf8'), 'precious')
})

test('a folder on the way that became a link leads nowhere', () => {
  using place = arrange()
  using held = place.hold()
  const aside = `${place.folder}-aside`
  renameSync(place.folder, aside)
  const elsewhere = `${place.folder}-elsewhere`
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'bad.sh'), 'precious')
  symlinkSync(elsewhere, place.folder)
  try {
    removeFile(held)
    assert.equal(existsSync(join(aside, 'bad.sh')), false)
    assert.equal(readFileSync(place.path, 'utf8'), 'precious')
  } finally {
    for (const used of [aside, elsewhere]) rmSync(used, { recursive: true })
  }
})

test('a file that was reached through a link slipped in on the way is left alone', () => {
  using place = arrange()
  const file = { ...place.file, realPath: join(place.folder, 'inner/bad.sh') }
  assert.throws(() => holdFile(file, openFolderWithoutLinks), /it lies elsewhere now/)
  assert.equal(existsSync(place.path), true)
})

test('a file that was written after its scan is left where it is', () => {
  using place = arrange()
  appendFileSync(place.path, ' and changed')
  assert.throws(() => place.hold(), /has changed since it was scanned/)
  assert.equal(existsSync(place.path), true)
})
