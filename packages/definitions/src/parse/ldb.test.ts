import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCircumstances } from './circumstances.ts'
import { parseLdb } from './ldb.ts'
import { Refusal } from './pattern.ts'

test('a line is read whole: description, expression, offsets and patterns', () => {
  const parsed = parseLdb('A.B-1;Engine:51-255,Target:6,FileSize:10-2000;0&1;EOF-10,5:616263;646566')
  assert.ok(parsed !== 'skipped')
  assert.equal(parsed.name, 'A.B-1')
  assert.equal(parsed.target, 6)
  assert.deepEqual(parsed.fileSize, { min: 10, max: 2000 })
  assert.deepEqual(
    parsed.patterns.map(({ sub, target, offset }) => ({ sub, target, offset })),
    [
      { sub: 0, target: 6, offset: { kind: 'end', distance: 10, maxShift: 5 } },
      { sub: 1, target: 6, offset: { kind: 'any' } },
    ],
  )
})

test('circumstances are read in whatever order they stand, and written in one', () => {
  const parsed = parseLdb(
    'A;Engine:51-255,Container:CL_TYPE_ZIP,NumberOfSections:2-3,Target:1,EntryPoint:0-9;0;616263',
  )
  assert.ok(parsed !== 'skipped')
  assert.equal(parsed.circumstances, 'EntryPoint:0-9,NumberOfSections:2-3,Container:CL_TYPE_ZIP')
  const nested = parseLdb('A;Target:0,HandlerType:CL_TYPE_GZ,Intermediates:CL_TYPE_ANY>CL_TYPE_ZIP;0;616263')
  assert.ok(nested !== 'skipped')
  assert.deepEqual(parseCircumstances(nested.circumstances ?? ''), {
    entryPoint: undefined,
    sectionCount: undefined,
    container: undefined,
    intermediates: ['CL_TYPE_ANY', 'CL_TYPE_ZIP'],
    icon: undefined,
    handler: 'CL_TYPE_GZ',
  })
})

test('a line for other functionality levels is skipped, whatever else it holds', () => {
  assert.equal(parseLdb('A;Engine:211-255,Target:0;0;616263'), 'skipped')
  assert.equal(parseLdb('A;Engine:51-209,Target:2,Foo:1;0&;!'), 'skipped')
  assert.notEqual(parseLdb('A;Engine:210-210,Target:0;0;616263'), 'skipped')
})

test('what cannot be judged yet and what is no logical signature is refused by name', () => {
  const wrong: readonly (readonly [line: string, reason: string])[] = [
    ['A;Target:0;0', '3 fields where 4 to 67 belong'],
    ['A B;Target:0;0;616263', 'the name is empty or holds other than visible ASCII characters'],
    ['A;;0;616263', '"" is not an attribute with a value'],
    ['A;Engine:51-255;0;616263', 'the attribute Target is missing'],
    ['A;Target:0,Engine:51-255;0;616263', 'the attribute Engine does not stand first'],
    ['A;Engine:51,Target:0;0;616263', 'the Engine "51" is not a range'],
    ['A;Target:0,FileSize:20-10;0;616263', 'the FileSize "20-10" is not a range'],
    ['A;Target:0,FileSize:0-4294967296;0;616263', 'the FileSize "0-4294967296" is not a range'],
    ['A;Target:0,Target:1;0;616263', 'the attribute Target stands there twice'],
    ['A;Target:0,constructor:1;0;616263', 'the attribute constructor is not known'],
    ['A;Target:*;0;616263', '"*" is not a target from 0 to 12'],
    [
      'A;Target:0,EntryPoint:1-2;0;616263',
      'EntryPoint and NumberOfSections belong to executables, and target 0 is none',
    ],
    ['A;Target:1,NumberOfSections:2;0;616263', 'the NumberOfSections "2" is not a range'],
    ['A;Target:0,Container:CL_TYPE_SIP;0;616263', '"CL_TYPE_SIP" is not a file type'],
    ['A;Target:0,Intermediates:CL_TYPE_ZIP>;0;616263', '"" is not a file type'],
    [
      `A;Target:0,Intermediates:${Array(17).fill('CL_TYPE_ZIP').join('>')};0;616263`,
      'more than 16 containers in one another',
    ],
    [
      'A;Target:0,HandlerType:CL_TYPE_EGG;0;616263',
      'the HandlerType CL_TYPE_EGG is a type that this version does not open',
    ],
    [
      'A;Target:0,IconGroup1:X;0;616263',
      'IconGroup1 and 2 belong to PE files, and target 0 is something else',
    ],
    ['A;Target:0;0;616263;646566', '2 sub-signatures where the expression speaks of 1'],
    ['A;Target:0;0&1;616263;', 'sub-signature 1: the pattern is empty'],
    ['A;Target:0;0;616263::ix', 'sub-signature 0: "x" is not a modifier'],
    ['A;Target:0;0;616263::i::w', 'sub-signature 0: has "::" twice'],
    ['A;Target:0;0;616263(B)::w', 'sub-signature 0: the modifier w beside a negation, a class or [x-y]'],
    ['A;Target:0;0;616263!(64)::i', 'sub-signature 0: the modifier i beside a negation that holds letters'],
    ['A;Target:0;0;616263!(W)::f', 'sub-signature 0: the modifier f beside a !(W) at an end'],
    ['A;Target:0;0;0:1:616263', 'sub-signature 0: has more than one offset'],
    [
      'A;Target:5;0;fuzzy_img#af2ad01ed42993c7#1',
      'sub-signature 0: a distance between fuzzy image hashes above 0, which ClamAV does not take either',
    ],
    [
      'A;Target:5;0;fuzzy_img#af2ad01ed42993c7#',
      'sub-signature 0: "" is not a distance between fuzzy image hashes',
    ],
    [
      'A;Target:5;0;fuzzy_img#af2ad01ed42993c#0',
      'sub-signature 0: "af2ad01ed42993c" is not a fuzzy image hash of 16 hexadecimal digits',
    ],
  ]
  for (const [line, reason] of wrong) {
    assert.throws(
      () => parseLdb(line),
      (error) => error instanceof Refusal && error.message === reason,
      line,
    )
  }
})
