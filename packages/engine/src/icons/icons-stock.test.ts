/**
 * Icons beside stock clamscan: what it tells of made icons of every depth and size, and what random signatures find by icons that are alike, more or less.
 * COREWARD_ORACLE_SEEDS is how many programs of each are made.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { compileDefinitions, type IconDescription } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { scanHere } from '../scanner.fixture.ts'
import { describeIcon } from './icon-description.ts'
import { alikeIcon, hashOf } from './icon-hashes.fixture.ts'
import { readIcon } from './icon-picture.ts'
import { iconProgram, makeGroup, makeIcon, programWith, randomIcon } from './icon-programs.fixture.ts'
import { scaleIcon } from './icon-scaling.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 12)
const ICONS = 20
const skip = clamscanMissing

/** Every size that stock treats otherwise, and some that it refuses. */
const lengths = [
  15, 16, 17, 20, 21, 24, 28, 29, 32, 33, 36, 40, 47, 48, 64, 72, 96, 100, 128, 160, 255, 256, 257,
]

function randomSize(random: Random): [width: number, height: number] {
  const width = random.pick(random.chance(0.5) ? [16, 24, 32] : lengths)
  return [width, random.chance(0.7) ? width : Math.ceil(width * (0.7 + random.whole(70) / 100))]
}

function descriptionOf(icon: Buffer): IconDescription | undefined {
  const picture = readIcon(bytesSource(icon), 0)
  const scaled = picture && scaleIcon(picture)
  return scaled && describeIcon(scaled)
}

function clamscan(
  folder: string,
  icons: readonly string[],
  logical: readonly string[],
  contents: readonly Buffer[],
): string {
  mkdirSync(join(folder, 'contents'), { recursive: true })
  writeFileSync(join(folder, 'a.idb'), icons.map((line) => `${line}\n`).join(''))
  writeFileSync(join(folder, 'a.ldb'), logical.map((line) => `${line}\n`).join(''))
  for (const [index, content] of contents.entries())
    writeFileSync(join(folder, 'contents', `${index}`), content)
  const databases = [`--database=${join(folder, 'a.idb')}`, `--database=${join(folder, 'a.ldb')}`]
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [...databases, '--debug', '--allmatch', '--no-summary', '--normalize=no', join(folder, 'contents')],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr.slice(-1000)}`)
  return stdout + stderr
}

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-icons-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('icons are described as stock clamscan describes them', { skip }, (context) => {
  const folder = temporary(context)
  const different: string[] = []
  let compared = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const items = Array.from({ length: ICONS }, () => randomIcon(random, ...randomSize(random)))
    const icons = items.map(makeIcon)
    const none = `A:ONE:TWO:20${'0'.repeat(122)}`
    const asking = `S0;Engine:51-255,IconGroup1:ONE,Target:1;0;4d5a`
    const told = clamscan(join(folder, `${seed}`), [none], [asking], [iconProgram(icons)])
    const pieces = told.split(/cli_scanicon: Icongrp .* \(id=/).slice(1)
    for (const piece of pieces) {
      const item = Number.parseInt(piece, 16) - 1
      const [, theirs] = /IDB SIGNATURE: ICON_NAME:GROUP1:GROUP2:(\w+)/.exec(piece) ?? []
      const ours = descriptionOf(icons[item] as Buffer)
      // What stock describes in a size that no set may hold is nothing that can be found.
      const [expected, made] = [
        theirs && /^(?:10|18|20)/.test(theirs) ? theirs : undefined,
        ours && hashOf(ours),
      ]
      compared += 1
      const { width, height, depth } = items[item] ?? {}
      if (made !== expected)
        different.push(`seed ${seed}: ${width} by ${height}, ${depth} bits: ${made}, not ${expected}`)
    }
    assert.equal(pieces.length, icons.length)
  }
  context.diagnostic(`${compared} compared, ${different.length} different\n${different.join('\n')}`)
  // A value may stand so near a whole number that the last digit of a root decides.
  assert.ok(different.length <= compared / 500, different.join('\n'))
})

/** Lines of icons, some of the program's own and more like them, and lines that ask for them. */
function randomSet(random: Random, own: readonly IconDescription[]): { icons: string[]; logical: string[] } {
  const groups = ['ONE', 'TWO', 'THREE', '']
  const icons = Array.from({ length: 12 }, (_, index) => {
    const alike = alikeIcon(random, random.pick(own), random.whole(9))
    return `N${index}:${random.pick(groups)}:${random.pick(groups)}:${hashOf(alike)}`
  })
  const logical = Array.from({ length: 24 }, (_, index) => {
    const asked = random.pick([['1'], ['2'], ['1', '2']])
    const attributes = asked.map(
      (which) => `IconGroup${which}:${random.pick(['ONE', 'TWO', 'THREE', 'NONE', '*'])}`,
    )
    return `S${index};Engine:51-255,${attributes.join(',')},Target:1;0;${random.pick(['4d5a', '4d5a', '50450000', '6e6f'])}`
  })
  return { icons, logical }
}

/** A program with these icons; now and then one whose resources are of an unusual shape. */
function randomProgram(random: Random, icons: readonly Buffer[]): Buffer {
  const named = icons.map((icon, index) => [index + 1, [icon]] as const)
  const ids = named.map(([id]) => id)
  const item = { plus: random.chance(0.3) }
  const [some, rest] = [makeGroup(ids.slice(0, 2)), makeGroup(ids.slice(2))]
  switch (random.whole(10)) {
    case 0:
      return programWith(
        [
          [3, named],
          [14, [[1, [some, rest]]]],
        ],
        item,
      )
    case 1:
      return programWith(
        [
          [3, named],
          [
            14,
            [
              [1, [some]],
              [2, [rest]],
            ],
          ],
        ],
        item,
      )
    case 2:
      return programWith(
        [
          [14, [[7, [makeGroup([99, ...ids], random.whole(6))]]]],
          [3, named],
        ],
        item,
      )
    case 3:
      return programWith(
        [
          [3, [[1, icons]]],
          [14, [[1, [makeGroup([1])]]]],
        ],
        item,
      )
    case 4: {
      const program = iconProgram(icons, item)
      // IMAGE_FILE_DLL.
      program.writeUInt16LE(0x2102, 0x80 + 22)
      return program
    }
    case 5: {
      const program = programWith(
        [
          [14, [[1, [makeGroup(ids)]]]],
          [3, named],
        ],
        item,
      )
      return program.subarray(0, program.length - random.whole(6000))
    }
    default:
      return iconProgram(icons, item)
  }
}

test('signatures that ask for icons find the programs that stock clamscan finds', {
  skip,
}, async (context) => {
  const folder = temporary(context)
  const different: string[] = []
  let [compared, both] = [0, 0]
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(1000 + seed)
    const made = Array.from({ length: 4 }, () => makeIcon(randomIcon(random, ...randomSize(random))))
    const descriptions = made.map(descriptionOf).filter((each) => each !== undefined)
    if (descriptions.length === 0) continue
    const { icons, logical } = randomSet(random, descriptions)
    const programs = Array.from({ length: 6 }, () => randomProgram(random, made))
    const told = clamscan(join(folder, `${seed}`), icons, logical, programs)
    const found = [...told.matchAll(/\/(\d+): (S\d+)\.UNOFFICIAL FOUND$/gm)]
    const { bytes, summary } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-25T00:00:00Z',
      files: [
        { name: 'a.ldb', text: logical.join('\n') },
        { name: 'a.idb', text: icons.join('\n') },
      ],
    })
    assert.deepEqual([summary.refused, summary.counts], [[], { ldb: logical.length, idb: icons.length }])
    for (const [index, program] of programs.entries()) {
      const { verdict } = await scanHere({ bytes: program }, {}, () => {}, bytes)
      const ours = verdict.outcome === 'infected' ? verdict.detections.map(({ signature }) => signature) : []
      const theirs = new Set(
        found.filter(([, file]) => Number(file) === index).map(([, , name = '']) => name),
      )
      compared += logical.length
      both += ours.filter((name) => theirs.has(name)).length
      if (JSON.stringify([...ours].sort()) !== JSON.stringify([...theirs].sort()))
        different.push(`seed ${seed}, program ${index}: ${ours} and ${[...theirs]}`)
    }
  }
  context.diagnostic(`${compared} compared, ${both} found by both`)
  assert.deepEqual(different, [])
  assert.ok(both > 10 * seeds, 'so little was found that this is no test')
})
