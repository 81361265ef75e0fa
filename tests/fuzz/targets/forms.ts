/** The normalised forms: of text, of pages with their scripts, plain and encoded, and of all that has any. */

import { ByteOutput } from '../../../packages/engine/src/normalise/byte-output.ts'
import { normalisedForms } from '../../../packages/engine/src/normalise/forms.ts'
import { formsOf } from '../../../packages/engine/src/normalise/html.fixture.ts'
import { normaliseScript } from '../../../packages/engine/src/normalise/script.ts'
import { encodeScript } from '../../../packages/engine/src/normalise/script-encoding.fixture.ts'
import { unpackEncodedScript } from '../../../packages/engine/src/unpack/encoded-script.ts'
import { checkedSource, fuzzBudget, isTimeOut } from '../checked-source.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const script =
  'var a = unescape("%41%u4142"); function b(c) { return String.fromCharCode(65, 0x42) + \'x\' } /* d */ b(a) // e\n'
const pages = [
  `<!DOCTYPE html><html><head><title>A &amp; b&#65;&#x42;</title><script>${script}</script></head></html>`,
  '<html><!-- comment --><body onload="a()"><a href="http://a.example/%41">text</a><textarea>x</textarea>',
  `<script language="JScript.Encode">${encodeScript('alert(1)')}</script>`,
]

/** Forms are at most twice as long as the page, and what is written around scripts. */
const LONGER = 4
const LONGER_BYTES = 64

export const targets: readonly FuzzTarget[] = [
  {
    name: 'forms:html',
    seeds: () => pages.map((page) => Buffer.from(page, 'latin1')),
    words: [
      '<script>',
      '</script>',
      '<!--',
      '-->',
      '&#x',
      '&#',
      '&lt;',
      'unescape(',
      'String.fromCharCode(',
      '#@~^',
    ],
    run(input) {
      const page = Buffer.from(input).toString('latin1')
      const whole = formsOf(page)
      const half = page.length >> 1
      const cut = formsOf(page.slice(0, half), page.slice(half))
      mustHold(whole.withoutComments === cut.withoutComments, 'it matters where the page is cut')
      mustHold(whole.withoutTags === cut.withoutTags, 'it matters for the text where the page is cut')
      mustHold(whole.scripts === cut.scripts, 'it matters for the scripts where the page is cut')
      return `${whole.withoutComments}\n${whole.withoutTags}\n${whole.scripts}`
    },
  },
  {
    name: 'forms:script',
    seeds: () => [
      Buffer.from(script),
      Buffer.from('eval("a"+"b");for(;;){x=/re"g/}'),
      Buffer.from("a='\\x41\\u0042\\'';"),
    ],
    words: ['unescape("', 'String.fromCharCode(', 'function ', 'var ', '/*', '*/', '//', '\\u', '\\x', '%u'],
    run(input) {
      const output = new ByteOutput(1 << 22)
      normaliseScript(Buffer.from(input).toString('latin1'), output)
      return Buffer.from(output.bytes()).toString('latin1')
    },
  },
  {
    name: 'forms:all',
    seeds: () => [
      ...pages.map((page) => Buffer.from(page, 'latin1')),
      Buffer.from('A  text\r\nwith lines'),
      Buffer.from('wide text <html>', 'utf16le'),
    ],
    run(input) {
      const outcome: string[] = []
      try {
        for (const type of ['text', 'html', 'data', 'gif'] as const) {
          for (const { content, target } of normalisedForms(checkedSource(input), type, fuzzBudget().check)) {
            mustHold(
              content.size <= LONGER * input.length + LONGER_BYTES * 64,
              `a form of ${content.size} bytes`,
            )
            outcome.push(`${target}${Buffer.from(content.read(0, content.size)).toString('latin1')}`)
          }
        }
      } catch (error) {
        isTimeOut(error)
        return undefined
      }
      return outcome.join('\n')
    },
  },
  {
    name: 'forms:encoded-script',
    seeds: () => [Buffer.from(encodeScript('alert("a script that was encoded")'), 'latin1')],
    words: ['#@~^', '^#~@', '@#', '@&', '@!'],
    run: (input) => runUnpacker(unpackEncodedScript, input),
  },
]
