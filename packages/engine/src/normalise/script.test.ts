import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteOutput } from './byte-output.ts'
import { normaliseScript } from './script.ts'

function form(...scripts: readonly string[]): string {
  const output = new ByteOutput(1 << 24)
  for (const script of scripts) normaliseScript(script, output)
  return Buffer.from(output.bytes()).toString('latin1')
}

/** Scripts and what `sigtool --html-normalise` 1.4.6 makes of them, without the tags around. */
const pairs: readonly (readonly [script: string, normalised: string])[] = [
  ['var Foo = "Hello " + \'World\';', 'var n000="hello world";'],
  ['if (A == b && !c) { a++; --b; d >>>= 2 }', 'if(a==b&&!c){a++;--b;d>>>=2}'],
  ['a /* b "c */ d // e\nf', 'a d e f'],
  ['return  new  Foo ( ) ; typeof x', 'return new foo();typeof x'],
  ['x = 0x1F; y = 1.50; z = 1e10; v = 017; u = 100000000000', 'x=0 x1f;y=1.5;z=1 e10;v=17;u=1215752192'],
  ['4294967295; 99999999999999999999; 123456789.5; 0.00001; 1..2', '-1;-1;1.23457e+08;1e-05;1.2'],
  ['"\\x41\\u0042\\u3042\\n\\\'\\\\\\q\\0"', '"ab\xe3\x81\x82 \'\\q\x01"'],
  ['a + "b" + "c" + d + \'e"f\'', 'a+"bc"+d+"e"f"'],
  [
    'function f(A, b) { var c = A + b; return c } f(A)',
    'function n000(n001,n002){var n003=n001+n002;return n003}f(a)',
  ],
  ['var a; a.a = b.a; x = {a: a}', 'var n000;n000.a=b.a;x={n000:n000}'],
  ['x = a; var a, b = [c, d], e; d e', 'x=n000;var n000,n001=[c,d],n002;d n002'],
  ['(function(F){ G(F) })(1); F', '(function(n000){g(n000)})(1);f'],
  ['var x; var y; var x; x y', 'var n002;var n001;var n002;n002 n001'],
  [
    'document.write(unescape("%3Cb%3E%u0041")); w.unescape("%41")',
    'document.write("<b>a");w.unescape("%41")',
  ],
  ['eval("a  = 1;"); b; x = eval("(" + "y" + ")")', 'a=1;b;x=(y)'],
  ['eval(unescape("var%20q;q")); eval(z)', 'var n000;n000 eval(z)'],
  [
    "eval(function(p,a,c,k,e,d){return p}('1 0=\"2\";3(0)',4,4,'x|var|Hi|alert'.split('|'),0,{}));next",
    'eval(function(n000,n001,n002,n003,n004,n005){return n000}(var n006="hi";alert(n006)));next',
  ],
  ['@a#b`c`\\d\xe9', 'a b c d'],
  ['"open', '"open</script>"'],
]

test('scripts have the form that stock ClamAV makes of them', () => {
  for (const [script, normalised] of pairs)
    assert.equal(form(script), `<script>${normalised}</script>`, script)
})

test('the scripts of a file stand one behind the other, each with names of its own', () => {
  assert.equal(
    form('var a', 'var b; a', ''),
    '<script>var n000</script>\n<script>var n000;a</script>\n<script></script>',
  )
})

test('an end that a string hid belongs to the script no more than it does to the string', () => {
  assert.equal(form('a</SCRIPT>'), '<script>a</script>')
})

test('scripts in scripts end somewhere: what they come to is bounded by the script', () => {
  const packed = (script: string, words: string) =>
    `eval(function(p){}('${script}',10,9,'${words}'.split('|'),0,{}))`
  const growing = packed('0 '.repeat(2000), packed('0 0 0 0', 'x'.repeat(4000)).replaceAll("'", "\\'"))
  assert.ok(form(growing).length < 10 * (64 * 1024 + 4 * growing.length))
  let nested = 'end'
  for (let depth = 0; depth < 12; depth += 1) nested = `eval("${nested.replaceAll(/["\\]/g, '\\$&')}")`
  assert.match(form(nested), /end/)
})

test('odd scripts do no harm', () => {
  for (const script of [
    '',
    '"',
    "'\\",
    '/*',
    '/',
    '}'.repeat(1000),
    'function '.repeat(5000),
    '9'.repeat(100_000),
    '1.'.repeat(1000),
  ]) {
    assert.ok(form(script).startsWith('<script>'), script.slice(0, 20))
  }
  assert.equal(
    form('constructor; __proto__; var toString; toString'),
    '<script>constructor;__proto__;var n000;n000</script>',
  )
})
