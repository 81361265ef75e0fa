import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar, makeZip, randomBytes, randomText } from './archives.fixture.ts'
import { packWithLibrary } from './library-archives.fixture.ts'

const found = 'infected Eicar-Test-Signature'

test('what lies in a 7z archive is found, under the path that it has there', async () => {
  const archive = await packWithLibrary('a.7z', {
    'clean.txt': randomText(1, 5000),
    'folder/inner/bad.com': eicar(),
    empty: new Uint8Array(0),
  })
  assert.equal(inWords(await scanHere({ bytes: archive })), `${found}@folder/inner/bad.com`)
})

test('every method that 7z archives are packed with is opened', async () => {
  const program = Buffer.concat([randomBytes(3, 100_000), eicar()])
  const plain = ['Copy', 'LZMA', 'LZMA2', 'PPMd', 'BZip2', 'Deflate', 'Deflate64'].map((name) => [
    `-m0=${name}`,
  ])
  for (const options of [...plain, ['-mf=BCJ'], ['-mf=ARM64'], ['-mf=Delta:4']]) {
    const archive = await packWithLibrary('a.7z', { p: program }, options)
    // Matched in the archive's own bytes too where it is not packed.
    assert.match(inWords(await scanHere({ bytes: archive })), /Eicar-Test-Signature@p$/, options[0])
  }
})

test('archives in one another are opened, the inner one while the outer one is still being read', async () => {
  const inner = await packWithLibrary('a.7z', { 'bad.com': eicar() })
  const middle = await packWithLibrary('a.7z', {
    'inner.7z': inner,
    'b.zip': makeZip([{ name: 'c', data: eicar() }]),
  })
  const outer = await packWithLibrary(
    'a.7z',
    {
      a: randomBytes(1, 9_000_000),
      b: randomBytes(2, 9_000_000),
      'middle.7z': middle,
      'z.com': eicar(),
    },
    ['-m0=Copy'],
  )
  const words = inWords(await scanHere({ bytes: outer }))
  for (const path of ['middle.7z/inner.7z/bad.com', 'middle.7z/b.zip/c', 'z.com'])
    assert.match(words, new RegExp(`${path}(?:,|$)`))
  assert.doesNotMatch(words, /unscanned/)
})

test('an encrypted archive is opened with a password of the list, and is unscanned otherwise', async () => {
  for (const header of [[], ['-mhe=on']]) {
    const archive = await packWithLibrary('a.7z', { 'bad.com': eicar(), b: randomText(1, 500) }, [
      '-psesame',
      ...header,
    ])
    const locked = inWords(await scanHere({ bytes: archive }))
    assert.equal(
      locked,
      header.length === 0 ? 'unscanned encrypted@b, unscanned encrypted@bad.com' : 'unscanned encrypted',
    )
    const passwords = ['wrong', 'sesame']
    const opened = await scanHere({ bytes: archive }, {}, () => {}, undefined, { passwords })
    assert.equal(inWords(opened), `${found}@bad.com`)
  }
  const usual = await packWithLibrary('a.7z', { 'bad.com': eicar() }, ['-pinfected'])
  assert.equal(inWords(await scanHere({ bytes: usual })), `${found}@bad.com`)
})

test('a damaged entry keeps what came before the damage, and hides no other', async () => {
  const files = { a: randomText(1, 400_000), b: Buffer.concat([eicar(), randomText(2, 400_000)]), c: eicar() }
  const archive = await packWithLibrary('a.7z', files, ['-ms=off', '-m0=LZMA'])
  const middle = Math.floor(archive.length * 0.75)
  archive.fill(0x55, middle, middle + 8)
  assert.equal(inWords(await scanHere({ bytes: archive })), `${found}@b, ${found}@c, unscanned damaged@b`)
})

test('a damaged or cut archive is unscanned', async () => {
  const archive = await packWithLibrary('a.7z', { a: randomText(1, 4000) })
  assert.equal(inWords(await scanHere({ bytes: archive.subarray(0, -10) })), 'unscanned damaged')
  const [start, header] = [Buffer.from(archive), Buffer.from(archive)]
  start[9] = (start[9] ?? 0) ^ 1
  header[header.length - 4] = (header[header.length - 4] ?? 0) ^ 0x10
  assert.equal(inWords(await scanHere({ bytes: start })), 'unscanned damaged')
  assert.equal(inWords(await scanHere({ bytes: header })), 'unscanned damaged')
})

test('limits end a branch and say so', async () => {
  const archive = await packWithLibrary('a.7z', { a: randomText(1, 400_000), b: eicar() }, [
    '-ms=off',
    '-m0=LZMA',
  ])
  const scan = async (limits: object) => inWords(await scanHere({ bytes: archive }, limits))
  assert.equal(await scan({ maxContentBytes: 10_000 }), `${found}@b, unscanned too-large@a`)
  assert.equal(
    await scan({ maxTotalContentBytes: 10_000 }),
    'unscanned budget-exceeded@a, unscanned budget-exceeded',
  )
  assert.equal(await scan({ maxEntries: 1 }), 'unscanned too-many-entries')
  assert.equal(await scan({ maxDepth: 0 }), 'unscanned too-deep')
})

test('a bomb is ended by the ratio', async () => {
  const bomb = await packWithLibrary('a.7z', { zeros: new Uint8Array(32 * 1024 * 1024) }, ['-mx=1'])
  const words = inWords(await scanHere({ bytes: bomb }))
  assert.equal(words, 'unscanned compression-ratio@zeros, unscanned compression-ratio')
})
