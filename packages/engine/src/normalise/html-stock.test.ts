/**
 * The forms of HTML and scripts beside stock sigtool, on random pieces of markup that is broken more often than not.
 * COREWARD_ORACLE_SEEDS is how many are tried. Contents of malformed scripts and bytes above 127 beside references differ
 * a little; DESIGN.md says how.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { type FormTexts, formsOf } from './html.fixture.ts'
import { encodeScript } from './script-encoding.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 20)
const sigtoolMissing = spawnSync('sigtool', ['--version']).status === 0 ? false : 'sigtool is not installed'

const markup = [
  ...[
    '<',
    '>',
    '<a ',
    '<a href=',
    '<img src=',
    '<b>',
    '</b>',
    '<script>',
    '</script>',
    '<style>',
    '</style>',
    '<!--',
  ],
  ...[
    '-->',
    '"',
    "'",
    '=',
    ' ',
    '  ',
    '\n',
    '\t',
    '\r\n',
    '\x01',
    '\0',
    'x',
    'Ab',
    'foo',
    '/',
    '!',
    '?',
    ';',
    ':',
    '(',
  ],
  ...[
    '&lt;',
    '&amp;',
    '&',
    '&#65;',
    '&#x42;',
    '&nbsp;',
    '&#300;',
    'c="d"',
    "e='f g'",
    'href="U V"',
    ' src="W"',
    'T=t',
  ],
  ...['<P CLASS="A">', '</P>', '<br/>', 'http://Foo.Bar/', '<!x>', '</scr', 'text', '%41', '<?x', '<title>'],
]

const statements = [
  ...[
    'var a = 1;',
    'var b, c;',
    'a = b + c;',
    'function f(a, b) { return a + b; }',
    'f("x", \'Y z\');',
    '"a" + "b";',
  ],
  ...[
    '(function(q) { var r = q; r })(a);',
    'if (a == b) { c } else d;',
    'for (var i = 0; i < 9; i++) { i }',
    'x.a = a;',
  ],
  ...[
    'unescape("%41%u0042");',
    'eval("a=1;");',
    '/* A */',
    '// B\n',
    '2.50; 0x1F; 017;',
    '"\\x41\\n\\u00e9";',
    '[a, b];',
  ],
  ...[
    '{c: 1}',
    'new Foo(a)',
    'try { a } catch (e) { b }',
    '\n',
    '  ',
    'document.write("<b>");',
    'a <b> c;',
    "'&lt;';",
  ],
]

function sigtoolForms(html: string, folder: string): FormTexts {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  writeFileSync(join(folder, 'in'), Buffer.from(html, 'latin1'))
  spawnSync('sigtool', ['--html-normalise=in'], { cwd: folder })
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'latin1') : ''
  return {
    withoutComments: read('nocomment.html'),
    withoutTags: read('notags.html'),
    scripts: read('javascript'),
  }
}

function pieces(random: Random, from: readonly string[], most: number): string {
  return Array.from({ length: 1 + random.whole(most) }, () => random.pick(from)).join('')
}

/** Compares `seeds` random files and lists what differs. */
function differences(make: (random: Random) => string, keys: readonly (keyof FormTexts)[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-html-'))
  const different: string[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    const html = make(seededRandom(seed))
    const [ours, stock] = [formsOf(html), sigtoolForms(html, join(folder, 'forms'))]
    for (const key of keys) {
      if (ours[key] === stock[key]) continue
      different.push(`seed ${seed}, ${key} of ${JSON.stringify(html)}:\n${ours[key]}\n${stock[key]}`)
    }
  }
  rmSync(folder, { recursive: true })
  return different
}

test('broken markup has the forms that stock makes of it', { skip: sigtoolMissing }, (context) => {
  const different = differences(
    (random) => `${pieces(random, markup, 16)}end <p>tail</p> ok`,
    ['withoutComments', 'withoutTags'],
  )
  context.diagnostic(`${seeds} files, ${different.length} different forms`)
  assert.ok(different.length <= seeds / 200, different.join('\n'))
})

test('scripts of whole statements have the form that stock makes of them', {
  skip: sigtoolMissing,
}, (context) => {
  const different = differences(
    (random) => `<p>A</p><script>${pieces(random, statements, 12)};</script> b`,
    ['withoutComments', 'withoutTags', 'scripts'],
  )
  context.diagnostic(`${seeds} files, ${different.length} different forms`)
  assert.ok(different.length <= seeds / 200, different.join('\n'))
})

test('encoded scripts have the form that stock makes of them', { skip: sigtoolMissing }, (context) => {
  const encodable = statements.filter((text) => !/&|eval/.test(text))
  const different = differences(
    (random) =>
      `<p>A</p><script language=${random.pick(['JScript.Encode', '"jscript.encode"'])}>${encodeScript(`${pieces(random, encodable, 12)};`)}</script> b`,
    ['withoutComments', 'withoutTags', 'scripts'],
  )
  context.diagnostic(`${seeds} files, ${different.length} different forms`)
  assert.ok(different.length <= seeds / 200, different.join('\n'))
})
