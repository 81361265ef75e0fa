/**
 * PDF beside stock clamscan: a signature for a word in each place of random documents. All that stock finds is found, in honest documents, in spoiled
 * ones and in encrypted ones. COREWARD_ORACLE_SEEDS is how many seeds are tried.
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
import { encryptedBy, qpdfMethods, qpdfMissing } from './qpdf.fixture.ts'
import { type MadeDocument, randomDocument, spoiled } from './random-documents.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 2)
const DOCUMENTS = 25

interface Compared {
  readonly document: MadeDocument
  readonly bytes: Buffer
  readonly theirs: readonly string[]
  readonly ours: readonly string[]
  readonly unscanned: readonly string[]
}

/** Each word as a signature for any content and one for text. */
async function compare(seed: number, change: (bytes: Buffer) => Buffer): Promise<Compared[]> {
  const random = seededRandom(seed)
  const documents = Array.from({ length: DOCUMENTS }, () => randomDocument(random))
  const contents = documents.map(({ bytes }) => change(bytes))
  const words = documents.flatMap((document) => document.words)
  const lines = words.flatMap((word, index) =>
    [0, 7].map((target) => `S${2 * index + (target && 1)}:${target}:*:${Buffer.from(word).toString('hex')}`),
  )
  const set = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ndb', text: lines.join('\n') }],
  }).bytes
  const folder = mkdtempSync(join(tmpdir(), 'coreward-pdf-'))
  try {
    const hits = clamscanHits(lines, contents, folder, 'ndb', true)
    const compared: Compared[] = []
    for (const [index, bytes] of contents.entries()) {
      const { verdict } = await scanHere({ bytes }, {}, undefined, set)
      const found = verdict.outcome === 'infected' ? verdict.detections : []
      compared.push({
        document: documents[index] as MadeDocument,
        bytes,
        theirs: hits[index] ?? [],
        ours: [...new Set(found.map(({ signature }) => signature))],
        unscanned: verdict.outcome === 'clean' ? [] : verdict.unscanned.map(({ reason }) => reason),
      })
    }
    return compared
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function missed({ theirs, ours }: Compared): string[] {
  return theirs.filter((name) => !ours.includes(name))
}

test('in honest documents each word is found, whether stock finds it or not', {
  skip: clamscanMissing,
}, async () => {
  let theirs = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const compared of await compare(seed, (bytes) => bytes)) {
      const { document, ours, unscanned } = compared
      const about = `seed ${seed}\n${document.kinds.join('\n')}`
      assert.deepEqual(missed(compared), [], about)
      assert.deepEqual(unscanned, [], about)
      assert.equal(new Set(ours.map((name) => Number(name.slice(1)) >> 1)).size, document.words.length, about)
      theirs += compared.theirs.length
    }
  }
  assert.ok(theirs > 100 * seeds, `${theirs}`)
})

test('in spoiled documents all is found that stock finds, or damage is told', {
  skip: clamscanMissing,
}, async () => {
  let [theirs, ours] = [0, 0]
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(1000 + seed)
    for (const compared of await compare(seed, (bytes) => spoiled(random, bytes))) {
      theirs += compared.theirs.length
      ours += compared.ours.length
      if (compared.unscanned.length > 0) continue
      assert.deepEqual(missed(compared), [], `seed ${seed}\n${compared.document.kinds.join('\n')}`)
    }
  }
  assert.ok(theirs > 50 * seeds && ours > theirs, `${theirs} ${ours}`)
})

test('in documents encrypted with the empty password all is found that stock finds', {
  skip: clamscanMissing || qpdfMissing,
}, async () => {
  let theirs = 0
  for (const [index, method] of Object.keys(qpdfMethods).entries()) {
    const encrypt = (bytes: Buffer) => encryptedBy(method, bytes, { user: '', owner: 'owner' })
    for (const compared of await compare(500 + index, encrypt)) {
      theirs += compared.theirs.length
      assert.deepEqual(compared.unscanned, [], method)
      assert.deepEqual(missed(compared), [], `${method}\n${compared.document.kinds.join('\n')}`)
    }
  }
  assert.ok(theirs > 100, `${theirs}`)
})
