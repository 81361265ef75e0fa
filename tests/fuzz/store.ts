/**
 * What is kept of a target between sessions, in .fuzz/ of the checkout, which git ignores: its corpus, its findings, the input
 * under way, and how often it ran on which day. The only module that knows these files' names.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './trial.ts'

/** What a day's sessions came to and the page does not know yet. */
export interface DayCount {
  executions: number
  seconds: number
  findings: number
}

export interface Counts {
  /** Executions over all sessions of this checkout. */
  total: number
  unreported: Record<string, DayCount>
}

const root = join(import.meta.dirname, '../../.fuzz')

export interface Store {
  corpus(): Uint8Array[]
  keep(input: Uint8Array): void
  /** Writes down what is about to be run, so that it is known if nothing is heard any more. */
  readonly current: { write(input: Uint8Array): void; read(): Uint8Array; close(): void }
  /** Keeps an input that showed a fault, once for each; tells where, or that it was known. */
  addFinding(fault: Fault, input: Uint8Array): { readonly path: string; readonly isNew: boolean }
  counts(): Counts
  setCounts(counts: Counts): void
}

/** The targets that have run here. */
export function storedTargets(): string[] {
  return existsSync(root) ? readdirSync(root).map((name) => name.replace('+', ':')) : []
}

export function openStore(target: string): Store {
  const folder = join(root, target.replace(':', '+'))
  const corpusFolder = join(folder, 'corpus')
  const findingsFolder = join(folder, 'findings')
  const countsPath = join(folder, 'counts.json')
  const currentPath = join(folder, 'current')
  for (const path of [corpusFolder, findingsFolder]) mkdirSync(path, { recursive: true })
  let fd: number | undefined
  const length = Buffer.alloc(4)
  return {
    corpus: () =>
      readdirSync(corpusFolder)
        .sort()
        .map((name) => readFileSync(join(corpusFolder, name))),
    keep: (input) => writeFileSync(join(corpusFolder, digest(input)), input),
    current: {
      write(input) {
        fd ??= openSync(currentPath, 'w')
        length.writeUInt32LE(input.length)
        writeSync(fd, length, 0, 4, 0)
        writeSync(fd, input, 0, input.length, 4)
      },
      read() {
        const bytes = existsSync(currentPath) ? readFileSync(currentPath) : Buffer.alloc(4)
        return bytes.subarray(4, 4 + bytes.readUInt32LE())
      },
      close() {
        if (fd !== undefined) closeSync(fd)
        fd = undefined
      },
    },
    addFinding({ key, detail }, input) {
      const path = join(findingsFolder, digest(Buffer.from(key)))
      const isNew = !existsSync(`${path}.txt`)
      if (isNew) {
        writeFileSync(path, input)
        writeFileSync(`${path}.txt`, `${key}\n${detail}\n`)
      }
      return { path, isNew }
    },
    counts: () =>
      existsSync(countsPath)
        ? (JSON.parse(readFileSync(countsPath, 'utf8')) as Counts)
        : { total: 0, unreported: {} },
    setCounts: (counts) => writeFileSync(countsPath, JSON.stringify(counts)),
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}
