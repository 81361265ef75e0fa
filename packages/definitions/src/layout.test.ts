/** The layout in code beside docs/formats/definitions.md: who changes one must change the other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CERTIFICATE_HASH_BYTES, certificate } from './certificate-layout.ts'
import {
  anchor,
  condition,
  conditionKinds,
  edges,
  element,
  elementKinds,
  filter,
  fringe,
  HEADER_BYTES,
  hashBytes,
  hashEntry,
  hashTableNames,
  hashTables,
  header,
  LAYOUT_VERSION,
  logical,
  MAGIC,
  operation,
  operationKinds,
  part,
  pattern,
  place,
  relations,
  sectionNames,
  sections,
  severities,
  signature,
  signatureKinds,
  stem,
} from './layout.ts'
import { rule } from './rule-layout.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/formats/definitions.md'), 'utf8')

/** The rows of the table whose heading row begins so, as cells. */
function table(heading: string): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex(
    (line, index) => line.startsWith(heading) && lines[index + 1]?.startsWith('| -'),
  )
  assert.notEqual(start, -1, `the page has no table "${heading}"`)
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1),
  )
}

/** The table of words below a section's heading, by field. */
function fieldsBelow(name: string): Record<string, number> {
  const from = page.indexOf(`\n### ${name}\n`)
  assert.notEqual(from, -1, `the page has no section ${name}`)
  const rows = page.slice(from).split('\n| word | field | holds |\n')[1]?.split('\n\n')[0] ?? ''
  return Object.fromEntries(
    [...rows.matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, word, field]) => [field, Number(word)]),
  )
}

function without(record: Readonly<Record<string, number>>): Record<string, number> {
  const { words: _, ...fields } = record
  return fields
}

test('the page has the header of the code', () => {
  const rows = table('| byte | bytes | field |').map(([byte, bytes, field]) => [
    field,
    Number(byte),
    Number(bytes),
  ])
  assert.deepEqual(rows, [
    ['magic', header.magic, MAGIC.length],
    ['layoutVersion', header.layoutVersion, 4],
    ['fileLength', header.fileLength, 4],
    ['version', header.version, header.versionBytes],
    ['createdAt', header.createdAt, header.createdAtBytes],
    ['digest', header.digest, header.digestBytes],
    ['residentLength', header.residentLength, 4],
    ['sectionTable', header.sectionTable, header.sectionEntryBytes * sectionNames.length],
  ])
  assert.ok(page.includes(`This is layout **${LAYOUT_VERSION}**.`))
  assert.ok(page.includes(`\`${MAGIC}\` in ASCII`))
  assert.ok(page.includes(`They stand in this order from byte ${HEADER_BYTES},`))
})

test('the page has the sections of the code, in their order', () => {
  const rows = table('| # | section |').map(([index, name, bytes]) => [Number(index), name, Number(bytes)])
  assert.deepEqual(
    rows,
    sectionNames.map((name, index) => [index, name, sections[name]]),
  )
})

test('the page has the fields of every record', () => {
  const records = {
    signatures: signature,
    stems: stem,
    patterns: pattern,
    places: place,
    parts: part,
    fringes: fringe,
    elements: element,
    logicals: logical,
    operations: operation,
    conditions: condition,
    filters: filter,
    anchors: anchor,
    rules: rule,
  }
  for (const [name, record] of Object.entries(records)) {
    assert.deepEqual(fieldsBelow(name), without(record), name)
    assert.equal(record.words * 4, sections[name as keyof typeof records], name)
    assert.equal(Object.keys(without(record)).length, record.words, name)
  }
  assert.deepEqual(fieldsBelow('certificates'), without(certificate))
  assert.equal(certificate.words * 4, sections.certificates)
  assert.equal(4 * certificate.serial + CERTIFICATE_HASH_BYTES, sections.certificates)
  for (const name of hashTableNames) {
    assert.equal(hashBytes[hashTables[name]] + hashEntry.tailBytes, sections[name])
  }
})

test('the page has the kinds, severities and edges of the code', () => {
  const numbered = (heading: string) =>
    Object.fromEntries(table(heading).map(([number, name]) => [name, Number(number)]))
  assert.deepEqual(numbered('| kind | element |'), elementKinds)
  assert.deepEqual(numbered('| bit | edge |'), edges)
  assert.deepEqual(
    table('| kind | operation |').map(([number, name]) => [Number(number), name]),
    operationKinds.map((name, index) => [index, name]),
  )
  assert.deepEqual(
    table('| kind | condition |').map(([number, name]) => [Number(number), name]),
    conditionKinds.map((name, index) => [index, name]),
  )
  const compared = relations.map((name, index) => `${index} ${name}`).join(', ')
  assert.ok(page.includes(`| relation | ${compared};`), compared)
  const kinds = signatureKinds.map((kind, index) => `${index} ${kind}`).join(', ')
  assert.ok(page.includes(`Kinds: ${kinds} `), kinds)
  const levels = severities.map((severity, index) => `${index} ${severity}`).join(', ')
  assert.ok(page.includes(`Severities: ${levels}.`), levels)
})
