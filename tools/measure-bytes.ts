/**
 * Measures how often bytes follow one another in the files of a system, and writes what the compiler chooses anchors by:
 * `node tools/measure-bytes.ts [FOLDER]` (/usr when none is named) → packages/definitions/src/byte-costs.ts. Programs and texts count
 * alike, whatever the machine has more of.
 */
import { execFileSync } from 'node:child_process'
import { type Dirent, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Bytes that differ in the bit 0x20 only are one: 128 kinds. */
const KINDS = 128
/** Of each file so much is counted, and of each kind of file. */
const FILE_BYTES = 256 * 1024
const SORT_BYTES = 400e6

const folder = process.argv[2] ?? '/usr'
const target = join(import.meta.dirname, '../packages/definitions/src/byte-costs.ts')

const kindOf = (byte: number) => (byte & 0x1f) | ((byte & 0xc0) >> 1)

interface Counts {
  bytes: number
  readonly pairs: Float64Array
}

const programs: Counts = { bytes: 0, pairs: new Float64Array(KINDS * KINDS) }
const texts: Counts = { bytes: 0, pairs: new Float64Array(KINDS * KINDS) }
walk(folder)

const pairs = programs.pairs.map(
  (count, index) => count / programs.bytes + (texts.pairs[index] as number) / texts.bytes,
)
const rows = Array.from({ length: KINDS }, (_, kind) => pairs.subarray(kind * KINDS, (kind + 1) * KINDS))
const sums = rows.map((row) => row.reduce((sum, share) => sum + share, 0))
writeFileSync(target, moduleText([line(sums), ...rows.map(line)]))
execFileSync(join(import.meta.dirname, '../node_modules/.bin/biome'), ['format', '--write', target])
console.log(`${programs.bytes} bytes of programs and ${texts.bytes} of texts below ${folder}`)

function walk(path: string): void {
  for (const entry of sorted(path)) {
    const place = join(path, entry.name)
    if (entry.isDirectory()) walk(place)
    else if (entry.isFile() && statSync(place).size >= 64) count(readFileSync(place).subarray(0, FILE_BYTES))
  }
}

function sorted(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Compressed files are like no others and say nothing: they hold all bytes alike. */
function count(content: Uint8Array): void {
  const isProgram = content[0] === 0x7f && content[1] === 0x45
  if (!isProgram && content.subarray(0, 4096).includes(0)) return
  const into = isProgram ? programs : texts
  if (into.bytes >= SORT_BYTES) return
  into.bytes += content.length
  let before = kindOf(content[0] as number)
  for (let at = 1; at < content.length; at += 1) {
    const kind = kindOf(content[at] as number)
    const index = before * KINDS + kind
    into.pairs[index] = (into.pairs[index] as number) + 1
    before = kind
  }
}

/** For each kind, half bits of information, as a digit of base64. What was not seen is as rare as one in a million. */
function line(shares: ArrayLike<number>): string {
  const list = Array.from(shares)
  const total = list.reduce((sum, share) => sum + share, 0) + KINDS * 1e-9
  const digits = list.map((share) => {
    const bits = -Math.log2(Math.max(1e-6, (share + 1e-9) / total))
    return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[
      Math.min(63, Math.round(2 * bits))
    ]
  })
  return digits.join('')
}

function moduleText(lines: readonly string[]): string {
  const day = new Date().toISOString().slice(0, 10)
  return `/**
 * How much each byte says, and each byte behind another one, in half bits of information: written by tools/measure-bytes.ts, on ${day}
 * over ${folder} of a Debian 12 (${programs.bytes} bytes of programs, ${texts.bytes} of texts). Bytes that differ in the bit 0x20
 * only are one. The first line has the bytes themselves, then there is a line for each byte that may stand before.
 */

/** Digits of base64. */
export const byteCosts: readonly string[] = [
${lines.map((each) => `  '${each}',`).join('\n')}
]
`
}
