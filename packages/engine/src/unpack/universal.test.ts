/** Universal Mach-O files, honest and not, with the verdicts of stock clamscan beside ours. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { makeMachO } from '../structure/mach-o.fixture.ts'

function program(marker: string, sections: number): Buffer {
  const background = Buffer.alloc(0x1000)
  background.write(marker, 0x900)
  const section = (_: unknown, index: number) => ({
    address: 0x8000,
    size: 0x100,
    offset: 0x900 + 0x100 * index,
  })
  return makeMachO({ background, segments: [Array.from({ length: sections }, section)] })
}

const one = program('marker-one', 1)
const two = program('marker-two', 2)

interface Lies {
  readonly count?: number
  readonly offsets?: readonly number[]
  readonly sizes?: readonly number[]
}

/** A universal file of both programs (fat_header, fat_arch). */
function universal({ count = 2, offsets = [0x1000, 0x2000], sizes = [0x1000, 0x1000] }: Lies = {}): Buffer {
  const head = Buffer.alloc(0x1000)
  head.writeUInt32BE(0xcafebabe, 0)
  head.writeUInt32BE(count, 4)
  for (const index of [0, 1]) {
    const row = [7, 3, offsets[index] ?? 0, sizes[index] ?? 0, 12]
    row.forEach((value, place) => {
      head.writeUInt32BE(value, 8 + index * 20 + place * 4)
    })
  }
  return Buffer.concat([head, one, two])
}

const files: Readonly<Record<string, Buffer>> = {
  whole: universal(),
  first: universal({ count: 1 }),
  none: universal({ count: 0 }),
  many: universal({ count: 31 }),
  class: universal({ count: 32 }),
  cut: universal().subarray(0, 0x2800),
  same: universal({ offsets: [0x1000, 0x1000] }),
  unsized: universal({ sizes: [0x1000, 0] }),
  long: universal({ sizes: [0x1000, 0x9000] }),
  short: universal({ sizes: [0x800, 0x1000] }),
  inHeaders: universal({ offsets: [0, 4] }),
  outside: universal({ offsets: [0x9000, 0xffffffff] }),
}

const hex = (text: string) => Buffer.from(text).toString('hex')
const lines = [
  `One;Engine:81-255,Target:9;0;S0+0:${hex('marker-one')}`,
  `Two;Engine:81-255,Target:9,NumberOfSections:2-2;0;${hex('marker-two')}`,
  `Within;Engine:81-255,Target:9,Container:CL_TYPE_MACHO_UNIBIN;0;${hex('marker-')}`,
  `Whole;Engine:81-255,Target:9,Container:CL_TYPE_ANY;0;${hex('marker-')}`,
  `Class;Engine:81-255,Target:12;0;${hex('marker-')}`,
]
const set = compileDefinitions({
  version: '1',
  createdAt: '2026-11-25T00:00:00Z',
  files: [{ name: 'a.ldb', text: lines.join('\n') }],
}).bytes

const scan = async (bytes: Buffer) => inWords(await scanHere({ bytes }, {}, undefined, set))

test('each program in a universal file is a content of its own', async () => {
  assert.match(await scan(universal()), /One@program 1, .*Two@program 2/)
  assert.match(await scan(universal({ sizes: [0x1000, 0x9000] })), /unscanned damaged@program 2/)
  assert.match(await scan(universal({ offsets: [0x1000, 0x9000] })), /unscanned damaged@program 2/)
})

test('stock clamscan finds the same in files that lie', { skip: clamscanMissing }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-universal-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const contents = join(folder, 'contents')
  mkdirSync(contents)
  writeFileSync(join(folder, 'a.ldb'), `${lines.join('\n')}\n`)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(contents, name), bytes)
  const { stdout } = spawnSync(
    'clamscan',
    [`--database=${join(folder, 'a.ldb')}`, '--allmatch', '--disable-cache', '--no-summary', contents],
    { encoding: 'utf8' },
  )
  const found = [...stdout.matchAll(/\/(\w+): (\w+)\.UNOFFICIAL FOUND$/gm)]
  assert.ok(found.length > 20)
  for (const [name, bytes] of Object.entries(files)) {
    const theirs = new Set(found.filter(([, file]) => file === name).map(([, , signature]) => signature))
    const ours = new Set(
      [...(await scan(bytes)).matchAll(/infected (\w+)/g)].map(([, signature]) => signature),
    )
    assert.deepEqual([...ours].sort(), [...theirs].sort(), name)
  }
})
