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

/** A set that sigtool 1.4.6 built of a .hdb and a .ndb file: header, and the body in base64. */
const setHeader =
  'ClamAV-VDB:25 Nov 2026 12-43 +0000:7:2:216:8f93a59a24deee8ce430df7f0a7157a6:X:me:1795610580'
const setBody = [
  'H4sIAAAAAAACA+2WPWscQQyGXftXXB1zh6TRx4y6xMHBjZPCGKdc7czgg/Masot/v4ukzAUC4Q6cfUoVekHiEbr++u377d2X',
  'i3OA8Ps6AIrRxcoJOOzHNs3tcp3E/8nS5mW3n/rLGbIT2RH/iVXX3ZyC68Pw/PFh+/D5k5Ns7l5eNwSkG6Qtp80VAICbkxOq',
  'P/qjPzdHK6IIkuFyafOye6rhwq51SJRbb2OlZMSAkFkBAzs2zqZYBDnXgTENhpBrty6aUiQTIPzZbKrhQp5hCKCRx46lDEkS',
  'UckpIqkgc+6tUeuFI1EvJDaWqAyRgpUyUPB6zv7K/6ca58g+5jgA0bHfYOXfMgwoMXa2XFGl9UqgggVasKUYw4XZfx2J+zYv',
  '25v9Yf0W3pn/05n85z/4z+tuTsF9m5fd7TS1Hw7+wRUJjI1UVAjMtBhrJtBRRdFUxdJq/zviDYEi5rQAEAAA',
].join('')
const signatureSet = Buffer.concat([Buffer.from(setHeader.padEnd(512)), Buffer.from(setBody, 'base64')])

test('files and folders are taken together, and what is not a database is passed over', async () => {
  write('some/b.ndb', 'Test.B:0:*:6162636465\n')
  write('some/a.hdb', 'aa15bcf478d165efd2065190eb473bcb:544:Test.A\n')
  write('some/README', 'not a database')
  const single = write('c.ndb', 'Test.C:0:*:6162636466\n')
  const { definitions, complaints } = await loadDatabases([join(folder, 'some'), single])
  assert.deepEqual(namesIn(definitions), ['Test.A', 'Test.B', 'Test.C'])
  assert.deepEqual(complaints, [])
})

test('a refused line is told with its file, its number and the reason, and the rest is used', async () => {
  const path = write('half.ndb', 'Test.Good:0:*:6162636465\nTest.Bad:0:*:zz\n')
  const { definitions, complaints } = await loadDatabases([path])
  assert.deepEqual(namesIn(definitions), ['Test.Good'])
  assert.equal(complaints.length, 1)
  assert.match(complaints[0] ?? '', /half\.ndb:2: refused: \S/)
})

test('a format that the compiler does not read is told for the file as a whole', async () => {
  const good = write('good.ndb', 'Test.Good:0:*:6162636465\n')
  const { complaints } = await loadDatabases([good, write('some.cbc', 'x\n'), write('notes.txt', 'x')])
  assert.match(complaints.join('\n'), /notes\.txt: neither compiled definitions nor a known ending/)
  assert.match(complaints.join('\n'), /^\.cbc: 1 not supported: .*some\.cbc\)$/m)
})

test('compiled definitions are taken as they are, and alone', async () => {
  const source = write('source.ndb', 'Test.Source:0:*:6162636465\n')
  const compiled = write('set.definitions', (await loadDatabases([source])).definitions)
  assert.deepEqual(namesIn((await loadDatabases([compiled])).definitions), ['Test.Source'])
  await assert.rejects(loadDatabases([compiled, source]), /stand alone/)
  const cut = write('cut.definitions', (await loadDatabases([source])).definitions.subarray(0, -1))
  await assert.rejects(loadDatabases([cut]), DatabaseError)
})

test('without a name it is the built-in set; without a signature it is an error', async () => {
  assert.ok((await loadDatabases([])).signatureCount > 10)
  mkdirSync(join(folder, 'none'))
  for (const path of [
    join(folder, 'none'),
    join(folder, 'missing'),
    write('empty.ndb', ''),
    write('x.txt', 'x'),
  ])
    await assert.rejects(loadDatabases([path]), DatabaseError)
})

test("ClamAV's sets are opened, alone and in a folder, and told when nobody signed them or they are damaged", async () => {
  const path = write('sets/test.cud', signatureSet)
  const { definitions, complaints } = await loadDatabases([path])
  assert.deepEqual(namesIn(definitions), ['ClamAV-Test-File', 'Test.Inner'])
  assert.deepEqual(complaints, [`${path}: not verified: it carries no signature`])
  write('sets/damaged.cvd', signatureSet.subarray(0, -1))
  write('sets/own.ndb', 'Test.Own:0:*:6162636465\nTest.Bad:0:*:zz\n')
  const together = await loadDatabases([join(folder, 'sets')])
  assert.deepEqual(namesIn(together.definitions), ['Test.Own', 'ClamAV-Test-File', 'Test.Inner'])
  assert.match(together.complaints.join('\n'), /damaged\.cvd: refused: its MD5 is not that of its content/)
  assert.match(together.complaints.join('\n'), /own\.ndb:2: refused/)
})

test('certificates of signers are left out when they are not wanted', async () => {
  const certificate = `Test.Signer;0;${'5a'.repeat(20)};;${'c7'.repeat(128)};;0;0;0;0;\n`
  const paths = [write('certs/a.crb', certificate), write('certs/b.ndb', 'Test.B:0:*:6162636465\n')]
  const { definitions } = await loadDatabases(paths)
  assert.deepEqual(namesIn(definitions), ['Test.Signer', 'Test.B'])
  assert.deepEqual(namesIn((await loadDatabases(paths, { certificates: true })).definitions), ['Test.B'])
  const compiled = write('with.definitions', definitions)
  await assert.rejects(loadDatabases([compiled], { certificates: true }), /--nocerts needs the texts/)
})

test('lines for links, and signatures named after phishing, are left out when they are not wanted', async () => {
  const names = ['HTML.Phishing.A', 'Email.Phishing.B', 'Html.Phishing.C', 'Phishing.D']
  const paths = [
    write('links/a.pdb', 'H:bank.example\n'),
    write('links/b.ndb', names.map((name) => `${name}:0:*:6162636465\n`).join('')),
  ]
  const { links } = openDefinitions((await loadDatabases(paths)).definitions)
  assert.equal(links.rules.length, 1)
  const { definitions } = await loadDatabases(paths, { links: true, phishingNames: true })
  assert.equal(openDefinitions(definitions).links.rules.length, 0)
  assert.deepEqual(namesIn(definitions), ['Html.Phishing.C', 'Phishing.D'])
  const compiled = write('links.definitions', (await loadDatabases(paths)).definitions)
  await assert.rejects(loadDatabases([compiled], { links: true }), /--phishing-scan-urls=no needs the texts/)
})
