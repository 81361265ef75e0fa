import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeZip, randomText } from './archives.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'

const found = 'infected Eicar-Test-Signature'
const program = Buffer.concat([randomText(7, 20_000), eicar(), randomText(8, 20_000)])
const words = async (bytes: Uint8Array, limits = {}, passwords?: readonly string[]) =>
  inWords(
    await scanHere({ bytes }, limits, () => {}, undefined, passwords === undefined ? {} : { passwords }),
  )

test('methods of zip that node:zlib does not have are opened', async () => {
  for (const method of ['Deflate64', 'BZip2', 'LZMA', 'PPMd', 'xz']) {
    const archive = await packWithLibrary('a.zip', { 'dir/p': program, empty: Buffer.alloc(0) }, [
      `-mm=${method}`,
    ])
    assert.equal(await words(archive), `${found}@dir/p`, method)
  }
})

test('an unknown method hides no other entry', async () => {
  const archive = makeZip([
    { name: 'a', data: program, method: 77 },
    { name: 'b', data: eicar() },
  ])
  assert.equal(await words(archive), `${found}@b, unscanned unsupported@a`)
})

test('encrypted entries are opened with a password of the list, each with its own', async () => {
  for (const method of ['ZipCrypto', 'AES128', 'AES256']) {
    const archive = await packWithLibrary('a.zip', { p: program }, [`-mem=${method}`, '-psesame'])
    assert.equal(await words(archive), 'unscanned encrypted@p', method)
    assert.equal(await words(archive, {}, ['wrong', 'sesame']), `${found}@p`, method)
    assert.equal(await words(archive, {}, []), 'unscanned encrypted@p', method)
  }
  const usual = await packWithLibrary('a.zip', { p: program, q: eicar() }, ['-pinfected'])
  assert.equal(await words(usual), `${found}@p, ${found}@q`)
})

test('limits hold for entries that a library opens', async () => {
  const archive = await packWithLibrary('a.zip', { p: randomText(1, 200_000), q: eicar() }, ['-mm=BZip2'])
  assert.match(await words(archive, { maxContentBytes: 10_000 }), /Signature@q, unscanned too-large@p$/)
  assert.match(await words(archive, { maxTotalContentBytes: 10_000 }), /unscanned budget-exceeded@p/)
})
