/**
 * Asks stock clamscan, and our own matcher, where they find bytes: one signature for each place of each file, all tried in
 * one run. Never imported by production code.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { identifyFileType } from '../file-type.ts'
import { createMatcher } from '../match/matcher.ts'
import type { Executable } from './executable.ts'
import { readExecutable } from './read-executable.ts'

/** Why a test that needs clamscan is skipped; false when it is installed. */
export const withoutClamscan =
  spawnSync('clamscan', ['--version']).status === 0 ? false : 'clamscan is not installed'

export interface StockQuestion {
  /** Signature file's extension. */
  readonly kind: 'ldb' | 'ndb' | 'mdb' | 'msb' | 'imp'
  /** The line, `@` in the name's place. */
  readonly line: string
  readonly expected: boolean
}

/**
 * Questions about a file whose structure was read so: the 16 bytes at each place must be found there, and where there is
 * no place nothing may be found. Every 8 bytes of `bytes` should begin with 'AB', and few of them be alike.
 */
export function questionsAbout(
  bytes: Buffer,
  executable: Executable | undefined,
  target: number,
): StockQuestion[] {
  const intact = executable?.damage === undefined ? executable : undefined
  const sections = intact?.sections ?? []
  const places: [string, number | undefined][] = [
    ['EP', intact?.entryPoint],
    ['SL', sections.at(-1)?.offset],
    ...sections.slice(0, 20).map(({ offset }, index): [string, number] => [`S${index}`, offset]),
  ]
  if (sections.length < 20) places.push([`S${sections.length}`, undefined])
  const questions: StockQuestion[] = []
  const ask = (place: string, wanted: string, expected: boolean) =>
    questions.push({ kind: 'ndb', line: `@:${target}:${place}:${wanted}`, expected })
  for (const [place, offset] of places) {
    if (offset === undefined) ask(`${place}+0,64`, '4142', false)
    else if (offset + 16 <= bytes.length) ask(`${place}+0`, bytes.toString('hex', offset, offset + 16), true)
  }
  sections.slice(0, 20).forEach(({ offset, size }, index) => {
    const end = offset + size
    if (size >= 16) ask(`SE${index}`, bytes.toString('hex', end - 16, end), true)
    const behind = bytes.subarray(end + 1, end + 17)
    if (size > 0 && behind.length === 16 && !bytes.subarray(offset, end + 16).includes(behind)) {
      ask(`SE${index}`, behind.toString('hex'), false)
    }
  })
  const entry = intact?.entryPoint
  const conditions: [condition: string, holds: boolean][] = [
    [`EntryPoint:${entry ?? 0}-${entry ?? 0xffffffff}`, entry !== undefined],
    [`EntryPoint:${(entry ?? 0) + 1}-4294967295`, false],
    [`NumberOfSections:${sections.length}-${sections.length}`, intact !== undefined],
    [`NumberOfSections:${sections.length + 1}-4294967295`, false],
  ]
  for (const [condition, expected] of conditions) {
    const line = `@;Engine:81-255,Target:${target},${condition};0;${bytes.toString('hex', 0, 2)}`
    questions.push({ kind: 'ldb', line, expected })
  }
  return questions
}

/** The questions that stock or our matcher answers otherwise than expected, with the file's number. */
export function disagreements(
  files: readonly { readonly bytes: Uint8Array; readonly questions: readonly StockQuestion[] }[],
  folder: string,
): string[] {
  const contents = join(folder, 'contents')
  mkdirSync(contents, { recursive: true })
  // Several files may ask the same; stock reports one name for it.
  const numbers = new Map<string, number>()
  const lines = new Map<string, string[]>()
  files.forEach(({ bytes, questions }, file) => {
    writeFileSync(join(contents, `${file}`), bytes)
    for (const { kind, line } of questions) {
      if (numbers.has(kind + line)) continue
      const of = lines.get(kind) ?? []
      lines.set(kind, of)
      of.push(line.replace('@', `Q${numbers.size}`))
      numbers.set(kind + line, numbers.size)
    }
  })
  const databases = [...lines].map(([kind, of]) => {
    writeFileSync(join(folder, `set.${kind}`), `${of.join('\n')}\n`)
    return `--database=${join(folder, `set.${kind}`)}`
  })
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [...databases, '--allmatch', '--no-summary', contents],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  if (status !== 0 && status !== 1) throw new Error(`clamscan ended with ${status}: ${stderr.slice(0, 1000)}`)
  const found = new Set(
    [...stdout.matchAll(/\/(\d+): Q(\d+)\.UNOFFICIAL FOUND$/gm)].map(
      ([, file, number]) => `${file} ${number}`,
    ),
  )
  const ours = foundByUs(files, lines)
  return files.flatMap(({ questions }, file) =>
    questions.flatMap(({ kind, line, expected }) => {
      const key = `${file} ${numbers.get(kind + line)}`
      return [['stock', found] as const, ['us', ours] as const]
        .filter(([, set]) => set.has(key) !== expected)
        .map(([who]) => `file ${file}: ${line} is ${expected ? 'not ' : ''}found by ${who}`)
    }),
  )
}

/** File and question, by number, that our matcher finds in each other. */
function foundByUs(
  files: readonly { readonly bytes: Uint8Array }[],
  lines: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const { bytes: set, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [...lines].map(([kind, of]) => ({ name: `set.${kind}`, text: of.join('\n') })),
  })
  if (summary.refused.length > 0) throw new Error(`refused: ${JSON.stringify(summary.refused[0])}`)
  const matcher = createMatcher(openDefinitions(set))
  const found = new Set<string>()
  files.forEach(({ bytes }, file) => {
    const source = bytesSource(bytes)
    const { target, name: type } = identifyFileType(bytes)
    const { hits } = matcher.match(source, { target, structure: () => readExecutable(source, type) })
    for (const { name } of hits) found.add(`${file} ${name.slice(1)}`)
  })
  return found
}

/** Content in which every 8 bytes begin with 'AB' and the other six are random. */
export function markedBytes(length: number, whole: (below: number) => number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at += 1) {
    bytes[at] = at % 8 === 0 ? 0x41 : at % 8 === 1 ? 0x42 : whole(256)
  }
  return bytes
}
