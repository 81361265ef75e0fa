import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openDefinitions } from '@coreward/definitions'
import { DatabaseError, loadDatabases } from './databases.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-databases-'))
after(() => rmSync(folder, { recursive: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

const namesIn = (definitions: Uint8Array) => {
  const opened = openDefinitions(definitions)
  return Array.from({ length: opened.signatureCount }, (_, id) => opened.signature(id).name)
}

test('files and folders are taken together, and what is not a database is passed over', () => {
  write('some/b.ndb', 'Test.B:0:*:6162636465\n')
  write('some/a.hdb', 'aa15bcf478d165efd2065190eb473bcb:544:Test.A\n')
  write('some/README', 'not a database')
  const single = write('c.ndb', 'Test.C:0:*:6162636466\n')
  const { definitions, complaints } = loadDatabases([join(folder, 'some'), single])
  assert.deepEqual(namesIn(definitions), ['Test.A', 'Test.B', 'Test.C'])
  assert.deepEqual(complaints, [])
})

test('a refused line is told with its file, its number and the reason, and the rest is used', () => {
  const path = write('half.ndb', 'Test.Good:0:*:6162636465\nTest.Bad:0:*:zz\n')
  const { definitions, complaints } = loadDatabases([path])
  assert.deepEqual(namesIn(definitions), ['Test.Good'])
  assert.equal(complaints.length, 1)
  assert.match(complaints[0] ?? '', /half\.ndb:2: refused: \S/)
})

test('a format that the compiler does not read is told for the file as a whole', () => {
  const good = write('good.ndb', 'Test.Good:0:*:6162636465\n')
  const { complaints } = loadDatabases([good, write('some.cbc', 'x\n'), write('notes.txt', 'x')])
  assert.match(complaints.join('\n'), /notes\.txt: neither compiled definitions nor a known ending/)
  assert.match(complaints.join('\n'), /some\.cbc: refused: the format \.cbc is not read/)
})

test('compiled definitions are taken as they are, and alone', () => {
  const source = write('source.ndb', 'Test.Source:0:*:6162636465\n')
  const compiled = write('set.definitions', loadDatabases([source]).definitions)
  assert.deepEqual(namesIn(loadDatabases([compiled]).definitions), ['Test.Source'])
  assert.throws(() => loadDatabases([compiled, source]), /stand alone/)
  const cut = write('cut.definitions', loadDatabases([source]).definitions.subarray(0, -1))
  assert.throws(() => loadDatabases([cut]), DatabaseError)
})

test('without a name it is the built-in set; without a signature it is an error', () => {
  assert.ok(loadDatabases([]).signatureCount > 10)
  mkdirSync(join(folder, 'none'))
  for (const path of [
    join(folder, 'none'),
    join(folder, 'missing'),
    write('empty.ndb', ''),
    write('x.txt', 'x'),
  ])
    assert.throws(() => loadDatabases([path]), DatabaseError)
})
