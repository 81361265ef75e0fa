import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { makeZip } from './archives.fixture.ts'
import { holdsDataAddress, unpackDataAddresses } from './html-data.ts'

const marker = 'a benign marker in an address'
const base64 = (content: string | Uint8Array) => Buffer.from(content).toString('base64')
const line = `Marker:0:*:${Buffer.from(marker).toString('hex')}`
const { bytes: set } = compileDefinitions({
  version: '1',
  createdAt: '2026-11-25T00:00:00Z',
  files: [{ name: 'a.ndb', text: line }],
})

/** What comes out of a page, by its labels. */
async function parts(page: string, limits = {}): Promise<string[]> {
  const found: string[] = []
  const budget = createBudget(resolveLimits(limits), () => false)
  for await (const part of unpackDataAddresses(bytesSource(Buffer.from(page, 'latin1')), budget)) {
    const content = part.kind === 'content' ? Buffer.from(part.content.read(0, 1e9)).toString('latin1') : ''
    found.push(
      [part.label, content, part.kind === 'empty' ? '' : part.shortfall?.reason].filter(Boolean).join(': '),
    )
  }
  return found
}

test('contents are decoded, from attributes and styles, in base64 and percent-encoded', async () => {
  assert.deepEqual(await parts(`<img src="data:image/png;base64,${base64('one')}"><a href='data:,t%77o'>`), [
    'data image/png: one',
    'data: two',
  ])
  assert.deepEqual(await parts(`<img src=DATA:a/b;charset=x;BASE64,${base64('one')} alt="x">`), [
    'data a/b: one',
  ])
  assert.deepEqual(await parts(`<style>a{background:url(data:c/d;base64,${base64('one')})}</style>x`), [
    'data c/d: one',
  ])
  assert.deepEqual(await parts(`<p title="data:text/html,<b>(x)</b>">`), ['data text/html: <b>(x)</b>'])
  assert.deepEqual(await parts(`<img src="data:x/y;base64,b2\n5l`), ['data x/y: one'])
})

test('what is no address has no parts', async () => {
  for (const page of [
    'data:a/b;base64,b25l',
    '<p>some data: x</p>',
    '<img src="data:">',
    '<img src="data:a">,',
    '<img src="data:a/b;base64,">',
  ])
    assert.deepEqual(await parts(page), [])
  assert.ok(!holdsDataAddress(bytesSource(Buffer.from('<p>data: x</p>')), () => {}))
})

test('an address is found wherever blocks end, and however long it is', async () => {
  const long = 'x'.repeat(200_000)
  for (const before of [0, 65_520, 65_530, 65_535, 65_536, 131_072]) {
    const page = `${' '.repeat(before)}<img src="data:a/b;base64,${base64(long)}"><img src="data:,%41${'%42'.repeat(50_000)}">`
    assert.deepEqual(await parts(page), [`data a/b: ${long}`, `data: A${'B'.repeat(50_000)}`])
  }
})

test('limits are told', async () => {
  const page = `<img src="data:a/b;base64,${base64('x'.repeat(3000))}">`.repeat(3)
  assert.equal((await parts(page, { maxEntries: 2 })).at(-1), 'too-many-entries')
  assert.match((await parts(page, { maxContentBytes: 1024 }))[0] ?? '', /^data a\/b: x{1024}: too-large$/)
  assert.match((await parts(page, { maxTotalContentBytes: 4000 }))[1] ?? '', /budget-exceeded$/)
})

test('a page is scanned with what its addresses hold; without any it is no container', async () => {
  const zip = makeZip([{ name: 'in.txt', data: Buffer.from(marker) }])
  const page = Buffer.from(`<html><a href="data:application/zip;base64,${base64(zip)}">x</a></html>`)
  assert.match(
    inWords(await scanHere({ bytes: page }, {}, undefined, set)),
    /^infected Marker@data application_?\/?zip/,
  )
  const plain = Buffer.from('<html><p>data: x</p></html>')
  assert.equal(inWords(await scanHere({ bytes: plain }, { maxDepth: 0 }, undefined, set)), 'clean')
})

test('stock finds nothing in addresses that is not found here', { skip: clamscanMissing }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-addresses-'))
  try {
    writeFileSync(join(folder, 'a.ndb'), `${line}\n`)
    const text = base64(`${marker}\0\x01\x02`)
    const values = [
      `"data:image/png;base64,${text}"`,
      `'data:;base64,${text}'`,
      `data:image/png;base64,${text}`,
      `"data:text/html;charset=utf-8;base64,${text.replaceAll('=', '')}"`,
      `"data:text/plain,${marker.replaceAll(' ', '%20')}"`,
      `"data:a/b;base64,${text.slice(0, 8)}\n${text.slice(8)}"`,
    ]
    const pages = values.flatMap((value) => [
      `<html><img src=${value}></html>`,
      `<html><a href=${value}>x</a></html>`,
      `<html><div title=${value}></html>`,
      `<html><p>${value}</p></html>`,
    ])
    let found = 0
    for (const [index, page] of pages.entries()) {
      const path = join(folder, `${index}.html`)
      writeFileSync(path, page)
      const { status } = spawnSync('clamscan', [`--database=${join(folder, 'a.ndb')}`, '--no-summary', path])
      if (status !== 1) continue
      found += 1
      const ours = inWords(await scanHere({ bytes: Buffer.from(page) }, {}, undefined, set))
      assert.match(ours, /infected Marker/, page)
    }
    assert.ok(found >= 12, `${found} found`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a text with a tag in it is a page for this; one without is none', async () => {
  const address = `"data:text/plain;base64,${base64(marker)}"`
  const words = async (text: string) =>
    inWords(await scanHere({ bytes: Buffer.from(text) }, {}, () => {}, set))
  assert.equal(await words(`<a href=${address}>x</a>`), 'infected Marker@data text/plain')
  assert.equal(await words(`some words = ${address}`), 'clean')
})
