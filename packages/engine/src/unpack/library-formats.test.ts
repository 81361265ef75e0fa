import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeGzip, randomText } from './archives.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'
import { makeLha, makeRar5 } from './stored-archives.fixture.ts'

/** Other formats are tested with archives of other tools, in tests/interop/archives.test.ts. */

const found = 'infected Eicar-Test-Signature'
const words = async (bytes: Uint8Array) => inWords(await scanHere({ bytes }))

test('RAR and LHA are opened', async () => {
  const packed = makeGzip(eicar())
  assert.equal(await words(makeRar5('dir/bad.gz', packed)), `${found}@dir/bad.gz/content`)
  assert.equal(await words(makeLha('bad.gz', packed)), `${found}@bad.gz/content`)
})

test('a RAR whose content is not what its sum says is damaged, and scanned all the same', async () => {
  const archive = makeRar5('a', Buffer.concat([makeGzip(eicar()), Buffer.from('tail')]))
  const changed = Buffer.from(archive)
  changed[archive.indexOf('tail')] = 0
  assert.equal(await words(changed), `${found}@a/content, unscanned damaged@a`)
})

test('WIM images are opened', async () => {
  const archive = await packWithLibrary('a.wim', { 'bad.gz': makeGzip(eicar()), b: randomText(1, 3000) })
  assert.equal(await words(archive), `${found}@bad.gz/content`)
})

test('names that would leave a folder are labels and nothing more', async () => {
  const archive = makeRar5('../../etc/passwd', makeGzip(eicar()))
  assert.match(await words(archive), /Eicar-Test-Signature@.*etc\/passwd\/content$/)
})
