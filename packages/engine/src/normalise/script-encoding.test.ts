import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formsOf } from './html.fixture.ts'
import { encodeScript } from './script-encoding.fixture.ts'
import { ScriptDecoder } from './script-encoding.ts'

const script = 'var Foo = "Hello World" + 1;\r\nif (Foo < 3 && a > b) { x("@"); }\t// caf\r\n'
/** That script, as stock sigtool was seen to decode it. */
const golden =
  "#@~^TwAAAA==-mD~wWKP',J_nV^W~\x7fKDs[rP_,qi@#@&k6~csKW,@!~&~'LPCP@*~4*P`~X`J@$E*i~8i&JP^m0@#@&AAAAAA==^#~@"

/** What a text stands for, and whether its end was seen. */
function decoded(text: string): [string, boolean] {
  const decoder = new ScriptDecoder()
  const bytes = [...Buffer.from(text, 'latin1')].flatMap((byte) => decoder.take(byte))
  return [Buffer.from(bytes).toString('latin1'), decoder.isDone]
}

test('an encoded script is decoded, and what stands around it is kept', () => {
  assert.deepEqual(decoded(golden), [script, true])
  assert.deepEqual(decoded(`##a#@~ ${golden}behind#@~^`), [`##a#@~ ${script}behind#@~^`, true])
  assert.deepEqual(decoded(encodeScript(script)), [script, true])
  const all = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')
  assert.deepEqual(decoded(encodeScript(all.repeat(3))), [all.repeat(3), true])
})

test('what is cut, empty or none has an end of its own', () => {
  assert.deepEqual(decoded(golden.slice(0, 20)), [script.slice(0, 8), false])
  assert.deepEqual(decoded('#@~^AAAAAA==AAAAAA==^#~@x'), ['x', true])
  assert.deepEqual(decoded('#@~^!!!!!!!!AAAAAA==^#~@x'), ['x', true])
  assert.deepEqual(decoded('alert(1)'), ['alert(1)', false])
})

test('bytes above 127 stand for themselves with the byte behind them; an unknown escape is no letter', () => {
  assert.deepEqual(decoded('#@~^AgAAAA==\xe9!\xe8!AAAAAA==^#~@'), ['\xe9!\xe8!', true])
  assert.deepEqual(decoded('#@~^BAAAAA==@@@xAAAAAA==^#~@'), ['\xff\xff', true])
})

test('in a page the decoded script is one of its scripts', () => {
  for (const attribute of [
    'language="JScript.Encode"',
    'LANGUAGE=jscript.encode',
    "language='JSCRIPT.ENCODE'",
  ]) {
    const { withoutComments, scripts } = formsOf(
      `<script ${attribute}>${encodeScript('alert("Hi " + \'you\')')}</script><p>x`,
    )
    assert.match(withoutComments, /<script language="javascript">alert\("hi"\+"you"\)<\/script><p>x$/)
    assert.equal(scripts, '<script>alert("hi you")</script>')
  }
  const plain = formsOf(`<script>${encodeScript('alert(1)')}</script>`)
  assert.doesNotMatch(plain.scripts, /alert/)
})
