/** Verdicts that are carried over to sets that follow, beside those of whole scans with these sets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compileDefinitions,
  compileWithAdditions,
  decodeFormerSets,
  encodeFormerSets,
  type FormerSets,
  type HashAlgorithm,
  openDefinitions,
  type Reach,
  type Rereading,
  reachOf,
  surfaceBits,
} from '@coreward/definitions'
import { seededRandom } from './match/random-signatures.fixture.ts'
import { filesOf, followingSet, possibleLines, randomFiles, randomSet } from './random-sets.fixture.ts'
import { inWords, scanHere } from './scanner.fixture.ts'
import type { Surface } from './surface.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 15)
const createdAt = '2026-11-25T00:00:00Z'

/** As an agent does it, which keeps the first bytes of hashes. */
function rereading(reach: Reach, size: number, surface: Surface): Rereading {
  return reach.rereading({
    size,
    bits: surface.bits,
    hash: (algorithm: HashAlgorithm) => {
      const hex = surface[algorithm]
      if (hex === undefined) return undefined
      const bytes = Buffer.from(hex, 'hex')
      return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)]
    },
  })
}

test(`${seeds} chains of random sets: what is carried over is what a whole scan says`, async (t) => {
  const counts = { answered: 0, against: 0, whole: 0, found: 0, foundByAdditions: 0, without: 0 }
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const files = await randomFiles(random)
    const lines = possibleLines(random, files)
    let set = randomSet(random, lines, random.pick([0.05, 0.2]))
    let former: FormerSets | undefined
    /** For each file, the last set under which it was judged clean, and its surface. */
    const known = new Map<Buffer, { sha256: string; surface: Surface }>()
    for (let version = 1; version <= 4; version += 1) {
      const input = { version: `${seed}.${version}`, createdAt, files: filesOf(set) }
      const compiled = compileWithAdditions(input, { former, program: 'test' })
      assert.deepEqual(compiled.bytes, compileDefinitions(input).bytes)
      former = decodeFormerSets(encodeFormerSets(compiled.former))
      const { sha256 } = compiled.summary
      for (const file of files) {
        const where = `seed ${seed}, version ${version}, file ${files.indexOf(file)}`
        const whole = await scanHere({ bytes: file }, {}, undefined, compiled.bytes)
        const before = known.get(file)
        const additions = compiled.additions.findLast(({ since }) => since.includes(before?.sha256 ?? ''))
        known.delete(file)
        // A set may be skipped, as by a host that was off.
        if (before !== undefined && random.chance(0.3)) {
          known.set(file, before)
          continue
        }
        if (before !== undefined && additions === undefined) counts.without += 1
        if (before !== undefined && additions !== undefined) {
          const asked = rereading(reachOf(openDefinitions(additions.bytes)), file.length, before.surface)
          if (asked === 'nothing') {
            counts.answered += 1
            assert.equal(inWords(whole), 'clean', `${where} was answered from what is stored`)
            known.set(file, { ...before, sha256 })
            continue
          }
          const added = await scanHere({ bytes: file }, {}, undefined, additions.bytes)
          const isHandled = ((added.surface?.bits ?? 0) & surfaceBits.handled) !== 0
          if (asked === 'additions' && inWords(added) === 'clean' && !isHandled) {
            counts.against += 1
            assert.equal(inWords(whole), 'clean', `${where} was read against the additions`)
            known.set(file, { ...before, sha256 })
            continue
          }
          counts.whole += 1
          if (whole.verdict.outcome === 'infected') counts.foundByAdditions += 1
        }
        if (whole.verdict.outcome === 'infected') counts.found += 1
        if (whole.surface !== undefined) known.set(file, { sha256, surface: whole.surface })
      }
      set = followingSet(random, set, lines)
    }
  }
  t.diagnostic(JSON.stringify(counts))
  for (const [what, count] of Object.entries(counts)) assert.ok(count > seeds / 4, `${what}: ${count}`)
})
