/**
 * Tests of the catalogues: both languages say the same things, every key that the code uses exists, none is unused, and
 * what comes from the contract (codes, states, kinds, settings) has words.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { EventContent, HealthFinding, ProblemCode, UnscannedReason } from '@coreward/contracts'
import { sections, settings } from '../policies/settings.ts'
import en from './en.json' with { type: 'json' }
import ja from './ja.json' with { type: 'json' }

const source = join(import.meta.dirname, '..')

/** Dotted keys with their texts; the forms of a plural count as one key. */
function flatten(node: object, prefix = ''): Map<string, string[]> {
  const flat = new Map<string, string[]>()
  for (const [name, value] of Object.entries(node)) {
    const key = prefix + name.replace(/_(zero|one|two|few|many|other)$/, '')
    if (typeof value === 'string') flat.set(key, [...(flat.get(key) ?? []), value])
    else for (const [inner, texts] of flatten(value as object, `${key}.`)) flat.set(inner, texts)
  }
  return flat
}

const english = flatten(en)
const japanese = flatten(ja)

/** The code of every component, with what comments say taken out. */
const code = globSync('**/*.{ts,tsx}', { cwd: source })
  .filter((path) => !path.endsWith('.test.ts'))
  .map((path) => ({
    path,
    text: readFileSync(join(source, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
  }))

/** Names of the contract that look like keys. */
const eventTypes = new Set<string>(EventContent.options.map(({ shape }) => shape.type.value))

/** Every key in the code, `*` standing for what is filled in. Keys are recognised by beginning with a catalogue's noun. */
function keysInCode(): readonly { path: string; pattern: string }[] {
  const nouns = Object.keys(en).join('|')
  const written = new RegExp(`(['\`])((?:${nouns})\\.(?:[\\w.-]|\\$\\{(?:[^{}]|\\{[^}]*\\})*\\})+)\\1`, 'g')
  return code
    .flatMap(({ path, text }) =>
      [...text.matchAll(written)].map((match) => ({
        path,
        pattern: (match[2] ?? '').replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '*'),
      })),
    )
    .filter(({ pattern }) => !eventTypes.has(pattern))
}

function matches(pattern: string, key: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '\\.'))
  return new RegExp(`^${parts.join('[\\w.-]+')}$`).test(key)
}

test('there is code to check', () => {
  assert.ok(code.length > 50)
  assert.ok(keysInCode().length > 300)
})

test('both catalogues have the same keys', () => {
  assert.deepEqual([...japanese.keys()].sort(), [...english.keys()].sort())
})

test('both catalogues fill in the same values, and no text is empty or left in English', () => {
  const filledIn = (text: string) => [...new Set(text.match(/\{\{\w+/g))].sort().join()
  for (const [key, texts] of english) {
    const names = filledIn(texts.join(' ')).replace(/(^|,)\{\{count(?=,|$)/, '')
    const theirs = filledIn(japanese.get(key)?.join(' ') ?? '').replace(/(^|,)\{\{count(?=,|$)/, '')
    assert.equal(theirs, names, key)
    for (const text of [...texts, ...(japanese.get(key) ?? [])]) assert.notEqual(text.trim(), '', key)
  }
  const same = [...english].filter(
    ([key, texts]) =>
      texts.length === 1 &&
      /[a-z]{4}/.test(texts[0]?.replace(/\{\{.*?\}\}/g, '') ?? '') &&
      texts[0] === japanese.get(key)?.[0],
  )
  assert.deepEqual(
    same.map(([key]) => key).filter((key) => !key.startsWith('policies.exclusion.example.')),
    [],
  )
})

test('plurals have the forms that their language asks for', () => {
  for (const [language, catalogue] of Object.entries({ en, ja })) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    const check = (node: object, prefix: string) => {
      for (const [name, value] of Object.entries(node)) {
        if (typeof value === 'object') check(value as object, `${prefix}${name}.`)
        const [, stem, form] = /^(.*)_(zero|one|two|few|many|other)$/.exec(name) ?? []
        if (stem === undefined || form === undefined) continue
        assert.ok(forms.includes(form as Intl.LDMLPluralRule), `${language}: ${prefix}${name}`)
        for (const needed of forms)
          assert.ok(`${stem}_${needed}` in node, `${language}: ${prefix}${stem}_${needed}`)
      }
    }
    check(catalogue, '')
  }
})

test('every key in the code exists', () => {
  for (const { path, pattern } of keysInCode())
    assert.ok(
      [...english.keys()].some((key) => matches(pattern, key)),
      `${path}: ${pattern}`,
    )
})

test('no key is unused', () => {
  const patterns = [...new Set(keysInCode().map(({ pattern }) => pattern))]
  const unused = [...english.keys()].filter((key) => !patterns.some((pattern) => matches(pattern, key)))
  assert.deepEqual(unused, [])
})

test('every code, state and setting of the contract has words', () => {
  const needed = [
    ...ProblemCode.options.flatMap((value) => [`problem.${value}.title`, `problem.${value}.remedy`]),
    ...HealthFinding.shape.code.options.flatMap((value) =>
      ['what', 'why', 'remedy'].map((part) => `agents.finding.${value}.${part}`),
    ),
    ...UnscannedReason.options.flatMap((value) => [
      `scans.unscanned.of.${value}.what`,
      `scans.unscanned.of.${value}.remedy`,
    ]),
    ...EventContent.options.map(({ shape }) => `events.type.${shape.type.value}`),
    ...sections.flatMap(({ name }) => [
      `policies.section.${name.split('.').at(-1)}`,
      `policies.about.${name.split('.').at(-1)}`,
    ]),
    ...settings
      .filter(({ kind, path }) => kind !== 'exclusions' && !path.startsWith('actions.'))
      .map(({ name }) => `policies.setting.${name}.title`),
  ]
  assert.deepEqual(
    needed.filter((key) => !english.has(key)),
    [],
  )
})

test('no words stand in the code: not in elements, not in the properties that people read or hear', () => {
  const read =
    /\b(?:label|title|placeholder|description|aria-label|alt|text|remedy|why|nothingFound|act)=(?:"([^"]*)"|\{'([^']*)'\}|\{`([^`]*)`\})/g
  const found = code.flatMap(({ path, text }) =>
    [...text.matchAll(read)]
      .filter((match) => /\p{L}/u.test((match[1] ?? match[2] ?? match[3] ?? '').replace(/\$\{[^}]*\}/g, '')))
      .map((match) => `${path}: ${match[0]}`),
  )
  assert.deepEqual(found, [])
})
