import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeScript } from '../normalise/script-encoding.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { eicar } from './archives.fixture.ts'

const hidden = Buffer.from(encodeScript(`var a = "${eicar().toString()}"`))

test('a script that is encoded by itself is decoded', async () => {
  assert.equal(inWords(await scanHere({ bytes: hidden })), 'infected Eicar-Test-Signature@script')
})

test('what is encoded behind an end is decoded too, and what is cut is scanned as far as it goes', async () => {
  const first = Buffer.from(encodeScript('var nothing = 1'))
  const found = 'infected Eicar-Test-Signature@script'
  assert.equal(inWords(await scanHere({ bytes: Buffer.concat([first, hidden]) })), found)
  assert.equal(inWords(await scanHere({ bytes: hidden.subarray(0, -13) })), found)
})

test('a script longer than its limit is scanned as far as the limit goes, and that is told', async () => {
  const bytes = Buffer.from(encodeScript(`var a = "${eicar().toString()}"${' '.repeat(4000)}`))
  const result = await scanHere({ bytes }, { maxContentBytes: 1024 })
  assert.equal(inWords(result), 'infected Eicar-Test-Signature@script, unscanned too-large@script')
})
