import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { formsOf } from './html.fixture.ts'

/** HTML, its form without comments, its form without tags: as `sigtool --html-normalise` 1.4.6 gives them. */
const pairs: readonly (readonly [html: string, withoutComments: string, withoutTags: string])[] = [
  ['Hello  World <B>Bold</B> text', 'hello world <b>bold</b>text', 'hello world bold text'],
  [' x y ', 'x y', 'x y '],
  ['\n\n<p>\n x \n</p>\n y', '<p>x </p>y', ' x y'],
  ['a<!-- c --> b <!--c--><p>x</p>', 'ab <p>x</p>', 'a b x '],
  ['<!-- a > b --> c', 'b --> c', ' b --> c'],
  ['<!DOCTYPE html PUBLIC "x">a', 'a', ' a'],
  ['a < b > c <1> < p> <p', 'a <b>c <1><p><p', 'a c '],
  ['<br/><hr / ></P  ></ p>', '<br/><hr /></p></ p>', ' '],
  ["<div class=A b=C D e='F  G'>", '<div class=a b=c d e="f g">', ' '],
  ['<a b = c><a =b><a b==c><a b="" c=\'\'>', '<a b=c><a=b><a b==c><a b="" c="">', ' '],
  ['<a b="c"d="e"><a b="c"/>', '<a b="c" d="e"><a b="c" />', ' '],
  [`<a b="c'd" e=f'g'>`, '<a b="c"d" e=f"g">', ' '],
  ['<a b="c>d" e>f', '<a b="c>d" e>f', ' f'],
  ['<a b="x y>z" c=d>w  v', '<a b="x y>z" c=d>w v', ' z" c=d>w v'],
  [`<a b="('A', 'B C', 'D')">`, `<a b="("a", "b c', 'd')">`, ' '],
  [
    '<A HREF="HTTP://X.Y/Z?a=1&amp;b=2">Q</A>',
    '<a href="http://x.y/z?a=1&b=2">q</a>',
    ' HTTP://X.Y/Z?a=1&b=2 q ',
  ],
  ['<img alt="X" src=Foo.GIF><p href=Z>', '<img alt="x" src=foo.gif><p href=z>', ' Foo.GIF '],
  ['<a href=" A">z<a href="A B C">', '<a href=" a">z<a href="a b c">', '  A z A  '],
  ['<a href="data:text/html;base64,QQ==">x', '<a href="data">x', ' x'],
  ['&lt;b&gt; &amp; &nbsp;x &eacute; &#65;&#x42;', '<b> & \xa0x \xe9 ab', ' b x '],
  ['&#300; &hellip; &unknown; &AMP; &#68 & z', '&#x012c; &#x2026; &unknown; &amp; D & z', ' z'],
  ['%41 caf\xc3\xa9 \xe9x a\x00b\x01c', '%41 caf\xc3\xa9 \xe9x ab\x01c', '%41 caf\xc3\xc3 \x00x ab c'],
  ['\xe3\x81\x82\xe3\x81\x84x', '\xe3\x81\x82\xe3\x81\x84x', '\xe3\x81\x81\xe3\x81\x81x'],
  ["<script>a  'b' &lt; c</script> d", '<script>a"b"<c</script>d', ' d'],
  ['<style>A<B> { c }</style> D', '<style>a<b>{c}</style>d', ' d'],
  ['<script>a</script\n>b', '<script>a</script>b', ' >b'],
  ['<script>a<!-- </script> > b</script> c', '<script>a<!--</script>>b</script>c', ' c'],
  ['<textarea>A  <b>B</textarea>', '<textarea>a <b>b</textarea>', ' a b '],
]

test('HTML has the forms that stock ClamAV makes of it', () => {
  for (const [html, withoutComments, withoutTags] of pairs) {
    const forms = formsOf(html)
    assert.equal(forms.withoutComments, withoutComments, html)
    assert.equal(forms.withoutTags, withoutTags, html)
  }
})

test('where the bytes are cut does not matter', () => {
  for (const [html, withoutComments] of pairs) {
    for (let cut = 1; cut < html.length; cut += 1) {
      assert.equal(formsOf(html.slice(0, cut), html.slice(cut)).withoutComments, withoutComments, html)
    }
  }
})

test('no form is longer than twice the HTML, whatever that is', () => {
  const random = seededRandom(7)
  const pieces = [
    '<',
    '>',
    '&',
    '#',
    ';',
    '&#256;',
    '&Gt;',
    '"c"d',
    '=',
    ' ',
    '<script>',
    '</script>',
    '<a href=',
    "'",
    '\xff',
  ]
  for (let round = 0; round < 200; round += 1) {
    const html = Array.from({ length: 200 }, () => random.pick(pieces)).join('')
    const { withoutComments, withoutTags } = formsOf(html)
    assert.ok(withoutComments.length <= 2 * html.length, html)
    assert.ok(withoutTags.length <= 2 * html.length, html)
  }
})
