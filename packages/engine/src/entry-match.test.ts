import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { compileDefinitions } from '@coreward/definitions'
import { inWords, scanHere } from './scanner.fixture.ts'
import { eicar, makeTar, makeZip, randomText } from './unpack/archives.fixture.ts'

const text = randomText(5, 600)
const zip = makeZip([
  { name: 'dir/one.txt', data: text },
  { name: 'two.bin', data: Buffer.alloc(10), stored: true },
  { name: 'empty', data: Buffer.alloc(0), stored: true },
  { name: 'secret.doc', data: text, encrypted: true },
  { name: 'caf\u00e9.exe', data: Buffer.from('x') },
])

/** What of the archive a .cdb line finds: the paths of the entries. */
async function found(conditions: string, archive: Uint8Array = zip): Promise<string> {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.cdb', text: `T:${conditions}\n` }],
  })
  assert.deepEqual(summary.refused, [])
  const said = inWords(await scanHere({ bytes: archive }, {}, undefined, bytes))
  return [...said.matchAll(/infected T@([^,]+)/g)].map(([, path]) => path).join(' ')
}

test('an entry is found by its name, read as bytes', async () => {
  assert.equal(await found('CL_TYPE_ZIP:*:\\.(bin|exe)$:*:*:*:*:*:*'), 'two.bin caf\u00e9.exe')
  assert.equal(await found('*:*:^dir/:*:*:*:*:*:*'), 'dir/one.txt')
  assert.equal(await found('*:*:(?i)^TWO:*:*:*:*:*:*'), 'two.bin')
  assert.equal(await found('*:*:f\u00e9\\.:*:*:*:*:*:*'), 'caf\u00e9.exe')
  assert.equal(await found('CL_TYPE_POSIX_TAR:*:two:*:*:*:*:*:*'), '')
})

test('an entry is found by its sizes, its place, its encryption and its CRC', async () => {
  assert.equal(await found('*:*:*:*:600:*:*:*:*'), 'dir/one.txt secret.doc')
  assert.equal(await found('*:*:*:*:599-600:0:*:*:*'), 'dir/one.txt')
  assert.equal(await found('*:*:*:10:*:*:*:*:*'), 'two.bin')
  assert.equal(await found('*:*:*:0-9:*:*:*:*:*'), 'empty caf\u00e9.exe')
  assert.equal(await found('*:*:*:*:*:1:*:*:*'), 'secret.doc')
  assert.equal(await found('*:*:*:*:*:*:2-3:*:*'), 'two.bin empty')
  assert.equal(await found(`*:${zip.length}:two:*:*:*:*:*:*`), 'two.bin')
  assert.equal(await found(`*:${zip.length + 1}-99999:two:*:*:*:*:*:*`), '')
  const crc = crc32(text).toString(16)
  assert.equal(await found(`CL_TYPE_ZIP:*:*:*:*:0:*:${crc}:*`), 'dir/one.txt')
  assert.equal(await found(`CL_TYPE_ZIP:*:two:*:*:0:*:${crc}:*`), '')
})

test('entries of tar archives, also of empty files and within other archives, are found', async () => {
  const tar = await makeTar([
    { name: 'dir/one.txt', data: text },
    { name: 'empty', data: Buffer.alloc(0) },
    { name: 'two.bin', data: Buffer.alloc(9) },
  ])
  assert.equal(await found('CL_TYPE_POSIX_TAR:*:*:0-9:*:*:*:*:*', tar), 'empty two.bin')
  assert.equal(await found('*:*:*:*:*:*:3:*:*', tar), 'two.bin')
  assert.equal(await found('CL_TYPE_OLD_TAR:*:two:*:*:*:*:*:*', tar), '')
  const nested = makeZip([{ name: 'a.tar', data: tar }])
  assert.equal(await found(`CL_TYPE_POSIX_TAR:${tar.length}:two:*:*:*:*:*:*`, nested), 'a.tar/two.bin')
})

test('an entry is judged though its content cannot be read, and beside what is found in it', async () => {
  const archive = makeZip([
    { name: 'odd.x', data: text, method: 99 },
    { name: 'eicar.x', data: eicar() },
  ])
  assert.equal(await found('*:*:\\.x$:*:*:*:*:*:*', archive), 'odd.x eicar.x')
})

test('a name of any length costs little', async () => {
  const archive = makeZip([{ name: 'a'.repeat(60_000), data: text }])
  assert.equal(await found('*:*:^(a+)+b$:*:*:*:*:*:*', archive), '')
})
