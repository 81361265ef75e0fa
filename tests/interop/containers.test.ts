/**
 * One program in containers of every format that a Debian machine can make, by itself and two deep, beside stock clamscan: nothing may
 * be found by it and not by us.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeSignatures } from '../../bench/signatures.ts'
import { clamscan, coreward, temporaryFolder, withoutClamscan } from './comparison.ts'
import { type MakeContainer, makerCommands, makers } from './container-makers.ts'

const missing = makerCommands.filter((command) => spawnSync('which', [command]).status !== 0)
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : withoutClamscan

const marker = 'a program that is looked for in every container'
/** Long enough for compression to be worth its while, and beginning as a program does. */
const program = Buffer.from(`MZ${'\0'.repeat(100)}${marker}${'between nothing and nothing. '.repeat(200)}`)
const signature = { name: 'one.ndb', text: `Marked:0:*:${Buffer.from(marker).toString('hex')}\n` }

/** Which of `shapes` stock finds the program in, and what we say of those where we do not. */
async function missedOf(shapes: Readonly<Record<string, readonly MakeContainer[]>>) {
  using folder = temporaryFolder()
  const database = join(folder.path, 'database')
  mkdirSync(database)
  writeSignatures(database, { files: [signature], lines: 1, sha256: '' })
  const paths = new Map<string, string>()
  for (const [index, [shape, steps]] of Object.entries(shapes).entries()) {
    const own = join(folder.path, String(index))
    mkdirSync(own)
    let path = join(own, 'program.exe')
    writeFileSync(path, program)
    for (const make of steps) path = make(own, path)
    paths.set(shape, path)
  }
  const theirs = clamscan(database, [...paths.values()])
  const ours = await coreward([signature], [...paths.values()])
  const found = [...paths].filter(([, path]) => theirs.get(path) === 'Marked')
  const missed = found.filter(([, path]) => ours.get(path) !== 'Marked')
  const alone = [...paths].filter(([, path]) => ours.get(path) === 'Marked' && !theirs.has(path))
  return {
    both: found.length - missed.length,
    missed: Object.fromEntries(missed.map(([shape, path]) => [shape, ours.get(path)])),
    alone: alone.map(([shape]) => shape),
    neither: [...paths].flatMap(([shape, path]) =>
      theirs.has(path) || ours.get(path) === 'Marked' ? [] : [[shape, ours.get(path)] as const],
    ),
  }
}

test('what stock finds in a container of any format we find, and what neither finds is not called clean', {
  skip,
}, async (context) => {
  const shapes = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, [make]]))
  const { both, missed, alone, neither } = await missedOf(shapes)
  context.diagnostic(`${both} found by both, ${alone.length} by us alone: ${alone.join('; ')}`)
  assert.deepEqual(missed, {})
  assert.ok(both >= 25)
  assert.deepEqual(
    neither.filter(([, said]) => said === 'clean'),
    [],
  )
})

test('so it is two deep', { skip }, async (context) => {
  const { zip, 'tar, GNU': tar } = makers
  assert.ok(zip !== undefined && tar !== undefined)
  const shapes = Object.fromEntries(
    Object.entries(makers).flatMap(([name, make]) => [
      [`${name} in a zip in a tar`, [make, zip, tar]],
      [`a tar in a zip in ${name}`, [tar, zip, make]],
    ]),
  )
  const { both, missed, alone, neither } = await missedOf(shapes)
  context.diagnostic(`${both} found by both, ${alone.length} by us alone: ${alone.join('; ')}`)
  assert.deepEqual(missed, {})
  assert.ok(both >= 50)
  assert.deepEqual(
    neither.filter(([, said]) => said === 'clean'),
    [],
  )
})
