/**
 * Definitions and file descriptors for the scanner's tests. Never imported by production code.
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { createBudget } from './budget.ts'
import { createDecoders } from './decoders/decoders.ts'
import { createImageHasher } from './images/image-hasher.ts'
import { openLibraries } from './libraries.ts'
import { type Limits, resolveLimits } from './limits.ts'
import { createLinkJudge } from './links/link-judge.ts'
import { createMatcher } from './match/matcher.ts'
import { createRuleJudge } from './rules/rule-judge.ts'
import type { LoadedDefinitions } from './scan-content.ts'
import { scanFile } from './scan-file.ts'
import { eicar } from './unpack/archives.fixture.ts'
import type { ScanResult } from './verdict.ts'
import type { ScanInput, ScanWishes } from './worker-messages.ts'

/** What the second set knows and the first does not. */
export const MARKER = 'coreward-marker-for-the-second-set'

/** Holds EICAR, and its hash stands on the allow list of every test set. */
export const allowedContent = Buffer.concat([eicar(), Buffer.from(' in a course on antivirus software')])

/** EICAR by pattern; the second set also knows the marker. */
export function testDefinitions(set: 1 | 2 = 1): Uint8Array {
  const lines = [`Eicar-Test-Signature:0:*:${eicar().toString('hex')}`]
  if (set === 2) lines.push(`Test.Marker:0:*:${Buffer.from(MARKER).toString('hex')}`)
  const allowed = `${createHash('md5').update(allowedContent).digest('hex')}:${allowedContent.length}:Course\n`
  const files = [
    { name: 'test.ndb', text: `${lines.join('\n')}\n` },
    { name: 'test.fp', text: allowed },
  ]
  return compileDefinitions({ version: `test-${set}`, createdAt: '2026-11-24T00:00:00Z', files }).bytes
}

/** A folder for one test, removed with everything in it. */
export function temporaryFolder(): Disposable & { file(content: Uint8Array): { path: string; fd: number } } {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-engine-'))
  const opened: number[] = []
  return {
    file(content) {
      const path = join(folder, `${opened.length}`)
      writeFileSync(path, content)
      const fd = openSync(path, 'r')
      opened.push(fd)
      return { path, fd }
    },
    [Symbol.dispose]() {
      for (const fd of opened) closeSync(fd)
      rmSync(folder, { recursive: true })
    },
  }
}

/** A verdict on one line, for asserting: `infected Name@path, unscanned reason@path`. */
export function inWords({ verdict }: ScanResult): string {
  const at = (innerPath: string | undefined) => (innerPath === undefined ? '' : `@${innerPath}`)
  const words: string[] = []
  if (verdict.outcome === 'infected') {
    words.push(...verdict.detections.map((found) => `infected ${found.signature}${at(found.innerPath)}`))
  }
  if (verdict.outcome !== 'clean') {
    words.push(...verdict.unscanned.map((part) => `unscanned ${part.reason}${at(part.innerPath)}`))
  }
  return words.length === 0 ? 'clean' : words.join(', ')
}

const libraries = openLibraries()
const images = createImageHasher(libraries.images)
/** Their one thread serves all tests of a file. */
export const decoders = createDecoders(libraries.decoders)

function load(set: Uint8Array): LoadedDefinitions {
  const definitions = openDefinitions(set)
  const rules = createRuleJudge(definitions, libraries.rules)
  return {
    definitions,
    matcher: createMatcher(definitions),
    rules,
    images,
    decoders,
    links: createLinkJudge(definitions.links),
  }
}

const loadedTestDefinitions = load(testDefinitions())

/**
 * Scans in this thread, as a worker would. `onCheck` runs each time the scan asks whether it should end. `set` are
 * definitions other than the first test set.
 */
export function scanHere(
  input: ScanInput,
  limits: Partial<Limits> = {},
  onCheck = () => {},
  set?: Uint8Array,
  wishes: ScanWishes = {},
  heldBytes?: number,
): Promise<ScanResult> {
  const budget = createBudget(
    resolveLimits(limits),
    () => {
      onCheck()
      return false
    },
    heldBytes,
  )
  const loaded = set === undefined ? loadedTestDefinitions : load(set)
  return scanFile(input, loaded, budget, wishes)
}
