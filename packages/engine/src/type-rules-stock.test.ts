/**
 * File types by generated .ftm lines beside stock clamscan: each content holds one marker, for which there is a signature for every
 * target, and the signature that is found tells which type the content was taken for. Contents have no magic of their own: a set whose rules
 * are few makes stock forget the types it knows by itself, and us not (DESIGN.md).
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { clamscanMissing } from './match/clamscan.fixture.ts'
import { identifyByRules } from './type-rules.ts'

const ROUNDS = 20
const CONTENTS = 30

let state = 1125
function whole(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const oneOf = <Value>(values: readonly Value[]): Value => values[whole(values.length)] as Value

const words = ['ALFA', 'BRAVO', 'CHARLY', 'DELTA']
/** For programs alone: which of two magics at one place comes last, stock has by chance. */
const PROGRAM_WORD = 'ECHOES'
const MARKER = 'MARKERMARKER'
/** Those whose signatures stock tries on the content as it is. */
const targets = [1, 4, 5, 6, 9, 10, 11, 12]
const types = 'MSEXE GRAPHICS ELF MACHO PDF SWF JAVA PNG TIFF RTF PS SIS LNK BINARY_DATA TEXT_ASCII'.split(
  ' ',
)

/** `far` puts markers also where only mail is still looked for, by stock alone. */
function randomContent(far: boolean): Buffer {
  // Most other bytes stock may take for UTF-16.
  const filler = oneOf([' some words\n', '\0\0\0\0'])
  const pieces = Array.from({ length: 1 + whole(3) }, () => [
    filler.repeat(oneOf([0, 0, 1, 2, 5, far ? 255 : 12, far ? 80 : 20])),
    oneOf([...words, PROGRAM_WORD]),
  ])
  return Buffer.from(`${pieces.flat().join('')}${filler}${MARKER}${filler}`, 'latin1')
}

function randomRule(far: boolean): string {
  const type = oneOf(far ? types : [...types, 'MAIL', 'MAIL'])
  const last = type === 'MSEXE' ? PROGRAM_WORD : oneOf(words)
  const hex = Buffer.from(last).toString('hex')
  const first = Buffer.from(oneOf(words)).toString('hex')
  const pattern = oneOf([
    hex,
    `${first}*${hex}`,
    `${first}{-40}${hex}`,
    `${first}{10-1500}${hex}`,
    `${hex.slice(0, -2)}??`,
    `${hex.slice(0, -2)}(${hex.slice(-2)}|ff)`,
  ])
  const magic = oneOf([
    `0:${oneOf([0, 0, 0, 4, 11, 12, 20])}:${hex}`,
    `1:${oneOf(['*', '*', '0', '0,30', '4', '20,400'])}:${pattern}`,
    `1:*:${pattern}`,
  ])
  const from = magic.startsWith('1') ? oneOf(['ANY', 'ANY', 'TEXT_ASCII', 'BINARY_DATA']) : 'ANY'
  return `${magic}:My:CL_TYPE_${from}:CL_TYPE_${type}${oneOf(['', '', ':1', ':300', ':1:300', '::100'])}`
}

test('a content has the type that stock gives it', { skip: clamscanMissing, timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-types-'))
  const signatures = targets.map(
    (target) => `T${target}:${target}:*:${Buffer.from(MARKER).toString('hex')}\n`,
  )
  writeFileSync(join(folder, 't.ndb'), signatures.join(''))
  let told = 0
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const far = round % 2 === 0
      const rules = Array.from({ length: 3 + whole(10) }, () => randomRule(far))
      const contents = Array.from({ length: CONTENTS }, () => randomContent(far))
      const paths = contents.map((content, index) => {
        const path = join(folder, `${index}`)
        writeFileSync(path, content)
        return path
      })
      writeFileSync(join(folder, 'a.ftm'), rules.join('\n'))
      const databases = ['t.ndb', 'a.ftm'].map((name) => `--database=${join(folder, name)}`)
      const options = ['--allmatch', '--no-summary', '--normalize=no', ...databases, ...paths]
      const { status, stdout } = spawnSync('clamscan', options, { encoding: 'utf8' })
      const { bytes, summary } = compileDefinitions({
        version: '1',
        createdAt: '2026-11-25T00:00:00Z',
        files: [{ name: 'a.ftm', text: rules.join('\n') }],
      })
      assert.deepEqual(summary.refused, [])
      // Stock refuses a file of which no line is for it.
      if (status === 2 && summary.skipped === rules.length) continue
      const { typeRules } = openDefinitions(bytes)
      for (const [index, path] of paths.entries()) {
        const { target } = identifyByRules(contents[index] as Buffer, typeRules)
        const ours = targets.includes(target) ? [`T${target}`] : []
        const lines = [...stdout.matchAll(/^(.*): (T\d+)\.UNOFFICIAL FOUND$/gm)]
        const theirs = new Set(lines.filter(([, file]) => file === path).map(([, , name]) => name))
        assert.deepEqual(
          ours,
          [...theirs],
          `${rules.join('\n')}\non ${JSON.stringify(contents[index]?.toString('latin1'))}`,
        )
        told += ours.length
      }
    }
    assert.ok(told > 40, `${told} types were told`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
