/**
 * Mails beside stock clamscan: a signature for a word in each part of random mails. Honest ones give the same on both sides; of spoiled ones
 * everything that stock finds is found. COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanHits, clamscanMissing } from '../match/clamscan.fixture.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { scanHere } from '../scanner.fixture.ts'
import { randomMail, spoiledMail } from './mails.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 2)
const MAILS = 40

async function compare(seed: number, spoiled: boolean) {
  const random = seededRandom(seed)
  const words: string[] = []
  const mails = Array.from({ length: MAILS }, () => {
    const made = randomMail(random)
    words.push(...made.words)
    return Buffer.from(spoiled ? spoiledMail(random, made.mail) : made.mail, 'latin1')
  })
  const lines = words.map((word, index) => `S${index}:0:*:${Buffer.from(word).toString('hex')}`)
  const set = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ndb', text: lines.join('\n') }],
  }).bytes
  const folder = mkdtempSync(join(tmpdir(), 'coreward-mails-'))
  try {
    const theirs = clamscanHits(lines, mails, folder, 'ndb', true)
    const ours: string[][] = []
    // What a lost line does to an archive is not a matter of mail.
    const damaged = new Set<number>()
    for (const bytes of mails) {
      const { verdict } = await scanHere({ bytes }, {}, undefined, set)
      if (verdict.outcome !== 'clean' && verdict.unscanned.length > 0) damaged.add(ours.length)
      const found = verdict.outcome === 'infected' ? verdict.detections : []
      ours.push([...new Set(found.map(({ signature }) => signature))])
    }
    return { mails, theirs, ours, damaged, words: words.length }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what is in the parts of honest mails is found where stock finds it', {
  skip: clamscanMissing,
}, async () => {
  let hits = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { mails, theirs, ours, words } = await compare(seed, false)
    assert.equal(ours.flat().length, words, `seed ${seed}: not every part was seen`)
    for (const [index, found] of ours.entries()) {
      hits += found.length
      assert.deepEqual(found.sort(), theirs[index]?.sort(), `seed ${seed}\n${mails[index]}`)
    }
  }
  assert.ok(hits > 50 * seeds, `${hits} hits`)
})

test('of spoiled mails all is found that stock finds, or something in them is told to be damaged', {
  skip: clamscanMissing,
}, async () => {
  let hits = 0
  let more = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { mails, theirs, ours, damaged } = await compare(seed, true)
    for (const [index, found] of theirs.entries()) {
      const missed = found.filter((name) => !ours[index]?.includes(name))
      if (!damaged.has(index)) assert.deepEqual(missed, [], `seed ${seed}\n${mails[index]}`)
      hits += found.length
      more += (ours[index]?.length ?? 0) - found.length
    }
  }
  assert.ok(hits > 30 * seeds, `${hits} hits, ${more} more`)
})
