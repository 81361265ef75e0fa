/**
 * The containers that logical signatures ask for, and the types that they want contents scanned as, beside stock clamscan: random
 * lines over random archives in archives. COREWARD_ORACLE_SEEDS is how many archives are made.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { scanHere } from '../scanner.fixture.ts'
import { makePe } from '../structure/pe.fixture.ts'
import { makeGzip, makeTar, makeZip } from '../unpack/archives.fixture.ts'
import { clamscanMissing } from './clamscan.fixture.ts'
import { type Random, seededRandom } from './random-signatures.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 40)
const LINES = 600

const markers = ['first-marker', 'second-marker', 'third-marker'].map((text) => Buffer.from(text))
const types = [
  'CL_TYPE_ANY',
  'CL_TYPE_ZIP',
  'CL_TYPE_ZIP',
  'CL_TYPE_GZ',
  'CL_TYPE_POSIX_TAR',
  'CL_TYPE_MSEXE',
]
const handlers = ['MSEXE', 'ELF', 'PDF', 'GZ', 'POSIX_TAR', 'OLD_TAR', 'BINARY_DATA', 'ANY', 'JAVA']

/** Bytes that are neither text nor anything else, with a marker in them. */
const plain = (random: Random) =>
  Buffer.concat([Buffer.from([1, 0, 2, 0]), random.pick(markers), Buffer.alloc(8)])

/** A content, or one in up to four containers. What is in them is compressed, so that no marker shows through. */
async function randomContent(random: Random, depth = random.whole(5)): Promise<Buffer> {
  if (depth === 0) {
    if (random.chance(0.8)) return plain(random)
    return makePe({
      sections: [
        { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: plain(random) },
      ],
    })
  }
  const inner = await randomContent(random, depth - 1)
  const kind = random.whole(5)
  if (kind === 0) return makeGzip(inner)
  if (kind === 1) return makeTar([{ name: 'x', data: makeGzip(inner) }])
  if (kind === 2)
    return makeZip([
      { name: 'x', data: inner },
      { name: 'y', data: plain(random) },
    ])
  if (kind === 3) return makeZip([{ name: random.pick(markers).toString(), data: inner }])
  return Buffer.concat([plain(random), makeZip([{ name: 'x', data: inner }])])
}

function randomLine(random: Random, index: number): string {
  const container = random.chance(0.5) ? `,Container:${random.pick(types)}` : ''
  const layers = Array.from({ length: 1 + random.whole(4) }, () => random.pick(types)).join('>')
  const intermediates = random.chance(0.5) ? `,Intermediates:${layers}` : ''
  const target = random.pick([0, 0, 0, 1, 6, 10])
  const pattern = random.pick(markers).toString('hex')
  return `S${index};Engine:81-255,Target:${target}${container}${intermediates};0;${pattern}`
}

/** The names of signatures that both find in each content, after seeing that they are the same. */
async function compare(
  lines: readonly string[],
  contents: readonly Buffer[],
  folder: string,
): Promise<string[][]> {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.ldb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  mkdirSync(join(folder, 'contents'), { recursive: true })
  const database = join(folder, 'a.ldb')
  writeFileSync(database, `${lines.join('\n')}\n`)
  for (const [index, content] of contents.entries())
    writeFileSync(join(folder, 'contents', `${index}`), content)
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [`--database=${database}`, '--allmatch', '--no-summary', '--normalize=no', join(folder, 'contents')],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  assert.ok(status === 0 || status === 1, `clamscan ended with ${status}: ${stderr}`)
  const found = [...stdout.matchAll(/\/(\d+): (S\d+)\.UNOFFICIAL FOUND$/gm)]
  const all: string[][] = []
  for (const [index, content] of contents.entries()) {
    const { verdict } = await scanHere({ bytes: content }, {}, undefined, bytes)
    const detections = verdict.outcome === 'infected' ? verdict.detections : []
    const ours = [...new Set(detections.map(({ signature }) => signature))].sort()
    const theirs = found.filter(([, file]) => Number(file) === index).map(([, , name = '']) => name)
    assert.deepEqual(ours, [...new Set(theirs)].sort(), `content ${index} of ${folder}`)
    all.push(ours)
  }
  return all
}

test('signatures find what lies in the containers they ask for, as stock does', {
  skip: clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-containers-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const random = seededRandom(1)
  const lines = Array.from({ length: LINES }, (_, index) => randomLine(random, index))
  const contents = await Promise.all(Array.from({ length: seeds }, () => randomContent(random)))
  const found = await compare(lines, contents, folder)
  const hits = found.flat().length
  context.diagnostic(`${hits} found by both, of ${LINES * seeds}`)
  assert.ok(hits > seeds)
})

test('contents are scanned as the type a signature wants, and what is in them then, as stock does', {
  skip: clamscanMissing,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-handlers-'))
  context.after(() => rmSync(folder, { recursive: true }))
  let hits = 0
  for (let seed = 1; seed <= seeds / 3; seed += 1) {
    const random = seededRandom(seed)
    const asked = (index: number) =>
      randomLine(random, index).replace(/,(?:Container|Intermediates):[^,;]+/g, '')
    const lines = [
      ...Array.from({ length: 1 + random.whole(2) }, (_, index) =>
        asked(index).replace(';0;', `,HandlerType:CL_TYPE_${random.pick(handlers)};0;`),
      ),
      ...Array.from({ length: 40 }, (_, index) => randomLine(random, index + 2)),
    ]
    // One in each run of stock, which does not look twice at a content that was clean, whatever surrounds it then.
    for (let content = 1; content <= 4; content += 1) {
      const found = await compare(lines, [await randomContent(random)], join(folder, `${seed}-${content}`))
      hits += found.flat().length
    }
  }
  context.diagnostic(`${hits} found by both`)
  assert.ok(hits > seeds)
})
