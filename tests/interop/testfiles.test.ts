/**
 * ClamAV's 44 test files: one harmless program in as many containers and packers, all of which stock clamscan finds.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type SignatureFile, writeSignatures } from '../../bench/signatures.ts'
import { clamscan, coreward, temporaryFolder, withoutClamscan } from './comparison.ts'

const folder = '/usr/share/clamav-testfiles'
const skip = existsSync(folder) ? withoutClamscan : 'clamav-testfiles is not installed'

/** The program by its MD5 and length. */
const program: SignatureFile = {
  name: 'test-program.hdb',
  text: 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n',
}

/** In these the program is not found yet. What is `clean` here is a container or packer that is not known as one. */
const notFound: Readonly<Record<string, string>> = {
  'clam.ea05.exe': 'clean',
  'clam.ea06.exe': 'clean',
  'clam.sis': 'unscanned unsupported',
  'clam_IScab_ext.exe': 'clean',
  'clam_IScab_int.exe': 'clean',
  'clam_ISmsi_ext.exe': 'clean',
  'clam_ISmsi_int.exe': 'clean',
}

test("the program is found in ClamAV's test files, but for those listed", { skip }, async () => {
  using database = temporaryFolder()
  writeSignatures(database.path, { files: [program], lines: 1, sha256: '' })
  const names = readdirSync(folder)
  const paths = names.map((name) => join(folder, name))
  assert.equal(clamscan(database.path, paths).size, names.length, 'stock clamscan itself misses some')
  const said = await coreward([program], paths)
  const missed = names.filter((name) => said.get(join(folder, name)) !== 'ClamAV-Test-File')
  assert.deepEqual(Object.fromEntries(missed.map((name) => [name, said.get(join(folder, name))])), notFound)
})
