/** Texts of signatures, a target for each format: every line is a signature, for others, or refused with a reason. */
import { Refusal } from '../../../packages/definitions/src/parse/pattern.ts'
import { judgedLines } from '../../../packages/definitions/src/parse/signature-file.ts'
import { type FuzzTarget, mustHold, type Outcome } from '../fuzz-target.ts'

const [md5, sha256] = ['44d88612fea8a8f36de82e1278abb02f', '27'.repeat(32)]
const body = '4d5a??90{3}0?0300{4-8}(B)fffe(61|6263|64??)65!(00|01)66*7a[1-4]6364(W)'

/** A good text of each format. */
const texts: Readonly<Record<string, string>> = {
  hdb: `${md5}:68:Test.A\n${md5}:*:Test.B:73`,
  hsb: `${sha256}:68:Test.A\n${sha256}:*:Test.B:73:255`,
  mdb: `512:${md5}:Test.A\n*:${md5}:Test.B:73`,
  msb: `512:${sha256}:Test.A`,
  imp: `${md5}:68:Test.A`,
  ndb: `Test.A:1:EP+5,64:${body}\nTest.B:0:*:6162636465:51:255\nTest.C:6:SL-4:${body}\nTest.D:1:VI:4100420043`,
  sdb: 'Test.A:0:EOF-16,8:6162636465',
  db: 'Test.A=6162??636465',
  ldb: [
    `Test.A;Engine:51-255,Target:1,FileSize:1-99,EntryPoint:0-9,NumberOfSections:1-9,Container:CL_TYPE_ZIP;0&(1|2)>2,1;${body};0,64:74776f::iwaf;7468726565`,
    'Test.B;Engine:81-255,Target:0;0&1&2;6162636465;0/^a(b|c)+d$/i;0(>>4#ile4#>10)',
    'Test.C;Engine:150-255,Target:5;0;fuzzy_img#0123456789abcdef#0',
    'Test.E;Engine:51-255,Target:1,IconGroup1:ONE,IconGroup2:*;0;6162636465',
    'Test.D;Engine:51-255,Target:0;0=2,3;6162636465;\x24{6-7}12$',
  ].join('\n'),
  cdb: 'Test.A:CL_TYPE_ZIP:*:(?i)^[a-z]+\\.exe$:*:1-99:1:*:ff00:*\nTest.B:*:5:.*:*:*:*:*:*:*:73:255',
  crb: `Test.A;1;${'5a'.repeat(20)};${'6b'.repeat(20)};${'c7'.repeat(128)};010001;1;1;1;7;`,
  ftm: '0:0:4d5a:MZ:CL_TYPE_ANY:CL_TYPE_MSEXE\n1:0,64:3c68(54|74)6d6c*3e{1-9}3c:H:CL_TYPE_TEXT_ASCII:CL_TYPE_HTML:1',
  pdb: 'H:bank.example\nR:.+:.+\\.bank\\.example',
  wdb: 'M:a.example:bank.example\nX:.+:.+\\.example',
  gdb: `S1:F:${'1f'.repeat(32)}\nS:W:${'2e'.repeat(32)}`,
  idb: `Test.A:ONE:TWO:20${'0'.repeat(122)}\nTest.B::TWO:${'10'.repeat(58)}00000064`,
  fp: `${md5}:68:Test.A`,
  sfp: `${sha256}:68:Test.A`,
  ign2: `Test.A\nTest.B:${md5}`,
  yar: 'rule a : b { meta: c = "d" strings: $a = "text" nocase wide $b = { 61 62 ?? [2-4] (63 | 64) } $c = /re(g|x)+/i condition: ($a or #b > 2) and filesize < 5KB }',
}

function run(format: string, input: Uint8Array): Outcome {
  const half = input.length >> 1
  const text = () => [input.subarray(0, half), input.subarray(half)]
  const outcome: string[] = []
  for (const { source, outcome: judged } of judgedLines({ name: `a.${format}`, text })) {
    mustHold(source.number >= 0, 'a line has no number')
    if (judged instanceof Refusal) {
      mustHold(judged.message !== '', 'a line is refused without a reason')
      outcome.push(`${source.number} ${judged.message}`)
    } else outcome.push(`${source.number} ${judged === 'skipped' ? judged : judged.kind}`)
  }
  return outcome.join('\n')
}

export const targets: readonly FuzzTarget[] = Object.entries(texts).map(([format, text]) => ({
  name: `definition-lines:${format}`,
  longest: 2048,
  seeds: () => [Buffer.from(text), ...text.split('\n').map((line) => Buffer.from(line))],
  words: [
    ':',
    ';',
    '{',
    '}',
    '(',
    ')',
    '|',
    '*',
    '??',
    '!(',
    '{-5}',
    '{4-}',
    '[1-3]',
    '::i',
    '>',
    '=',
    ',',
    '/',
    '(?i)',
    '\n',
  ],
  run: (input) => run(format, input),
}))
