/**
 * One content against all definitions. The flow: the content slides by once in a window; each block is hashed as far as
 * hashes are wanted, and searched by the filters; each candidate's part is matched where it stands; parts make up
 * patterns, patterns are hits or what logical signatures count; conditions are looked at last. DESIGN.md explains why this finds everything in memory that does not depend on the size.
 */
import {
  type Definitions,
  type HandlerType,
  type HashAlgorithm,
  logical,
  pattern,
  patternTarget,
  reach,
  type Severity,
} from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'
import { contentIcons } from '../icons/content-icons.ts'
import type { ImageHash } from '../images/image-hasher.ts'
import type { Executable } from '../structure/executable.ts'
import { ConditionSearch, type Undecided } from './condition-search.ts'
import { noHashes, startContentHashes } from './content-hashes.ts'
import { ContentWindow, windowLength } from './content-window.ts'
import { ExpressionEvaluator } from './expression-evaluator.ts'
import { GramKernel, type SharedTables } from './kernel.ts'
import type { HoldingSignature } from './logical-search.ts'
import { PatternSearch } from './pattern-search.ts'
import { createStructureHashes } from './structure-hashes.ts'

/** A signature that was found. */
export interface Hit {
  readonly signatureId: number
  readonly name: string
  readonly severity: Severity
  readonly category: string
  /** Undefined when nobody wrote one. */
  readonly description: string | undefined
  /** Where its pattern begins, in bytes; 0 for a hash. Of several places, one of the first. */
  readonly offset: number
}

export interface MatchOptions {
  /** The content's ClamAV target: signatures for it and for target 0 are tried. */
  readonly target: number
  /** Gets each hash of the content that was computed on the way, in lower-case hexadecimal. */
  readonly onHash?: (algorithm: HashAlgorithm, hex: string) => void
  /** Reads the content's structure, for offsets that depend on it; called once at most. Absent: it has none. */
  readonly structure?: () => Executable | undefined
  /** The content's fuzzy hash as an image; called once at most. One that is not known leaves signatures undecided. Absent: it is no image. */
  readonly image?: () => ImageHash
  /** Whether hash signatures are tried; true when absent. */
  readonly isHashed?: boolean
  /** ClamAV's types of the containers around the content, the outermost first. */
  readonly containers?: readonly string[]
  /** Whether the content is being scanned as another type because a signature wanted that. */
  readonly isHandled?: boolean
  /** Gets each place at which an archive or a program may begin inside the content. Absent: they are not searched for. */
  readonly onMark?: (offset: number) => void
  /** Called every few milliseconds; throws to end the match, whose hits are then lost. */
  readonly check?: () => void
}

export interface MatchResult {
  /** Each signature at most once, in the order of their ids. */
  readonly hits: readonly Hit[]
  /** Ids of the rules of which everything was found that the matcher can look for: the rule engine is to judge them. */
  readonly rules: readonly number[]
  /**
   * The type that the content is to be scanned as once more, because a signature wants that; it and others like it are found
   * there. Never for a content that is being scanned so.
   */
  readonly handler: HandlerType | undefined
  /** The work one content may cost was used up: there may be more hits. Such a content is never clean. */
  readonly budgetExceeded: boolean
  /** A hash in the set allows this content: it has no hits, whatever matched. */
  readonly allowed: boolean
}

export interface Matcher {
  /** Whether the set holds anything that could be found in a normalised form: patterns for any target, for HTML or for text, or hashes. */
  readonly matchesForms: boolean
  /** Matches a content of any size, reading each byte once from first to last. What the source throws passes through. */
  match(source: ByteSource, options: MatchOptions): MatchResult
}

export interface MatcherOptions {
  /** Bytes searched at a time. Smaller ones are for tests, which must see every border. */
  readonly windowBytes?: number
  /** Steps of matching that any content may cost, and more for each of its bytes. */
  readonly workBase?: number
  readonly workPerByte?: number
  /** Memory in which these definitions were opened, for threads that share them. Absent: the matcher copies what its search needs. */
  readonly shared?: SharedTables
}

/** Fits a core's second cache together with the filters, and is long enough that reading it costs little. */
const WINDOW_BYTES = 256 * 1024

/**
 * Up to a second and a half for the smallest content, since a step costs 3 ns (a choice of lengths) to 70 ns (a candidate
 * that leads nowhere), and at worst somewhat over a second for each further MB. Files of clean systems
 * cost at most 0.05 steps a byte, against 100,000 patterns too (DESIGN.md).
 */
const WORK_BASE = 20_000_000
const WORK_PER_BYTE = 16

/** A byte near a part may stand 32 bytes outside it; a filter's anchor may begin 3 bytes before the place it probes. */
const MARGIN_BYTES = 64

/**
 * Prepares matching with `definitions`, which it keeps. A matcher serves one content at a time; make one for each thread.
 *
 * @example createMatcher(openDefinitions(bytes)).match(descriptorSource(fd), { target: 0 }).hits
 */
export function createMatcher(definitions: Definitions, options: MatcherOptions = {}): Matcher {
  const { windowBytes = WINDOW_BYTES, workBase = WORK_BASE, workPerByte = WORK_PER_BYTE, shared } = options
  const tables = definitions.patternTables
  const shape = {
    step: windowBytes,
    lead: (tables.reach[reach.back] as number) + MARGIN_BYTES,
    trail: (tables.reach[reach.ahead] as number) + MARGIN_BYTES,
  }
  const kernel = new GramKernel(tables, windowLength(shape), shared)
  const window = new ContentWindow(shape, kernel.window)
  const evaluator = new ExpressionEvaluator(tables)
  const search = new PatternSearch(tables, window, kernel, evaluator)
  const conditions = new ConditionSearch(tables, evaluator)
  const structureHashes = createStructureHashes(definitions)
  const judged = new Set(definitions.rules.map(({ signature }) => signature))
  const hitOf = (signatureId: number, offset: number): Hit => {
    const { name, severity, category, description } = definitions.signature(signatureId)
    return { signatureId, name, severity, category, description, offset }
  }

  return {
    matchesForms: matchesForms(definitions),
    match(source, options) {
      const { target, containers = [], isHashed = true, isHandled = false } = options
      const { onHash = () => {}, onMark, check = () => {} } = options
      const structure = once(options.structure ?? (() => undefined))
      const hashes = isHashed ? startContentHashes(definitions, source.size) : noHashes
      search.begin(target, workBase + workPerByte * source.size, check, structure)
      let searching = true
      window.slide(
        source,
        (fresh) => {
          check()
          hashes.update(fresh)
        },
        (from, to) => {
          for (const place of onMark === undefined ? [] : kernel.marks(from, to))
            onMark?.(window.base + place)
          searching = searching && search.step(from, to)
          return searching || onMark !== undefined
        },
      )
      while (!search.exceeded && search.beginLater())
        window.slideAgain(source, check, (from, to) => search.step(from, to))
      let undecided: Undecided | undefined
      if (!search.exceeded) {
        const account = {
          get stepsLeft() {
            return search.workLeft
          },
          spend: (steps: number) => search.spend(steps),
          check,
        }
        const { places } = search
        const content = { source, target, places, account, image: options.image }
        undecided = conditions.settle(search.logicals, content)
        search.exceeded = undecided === 'work'
      }
      const offsets = new Map<number, number>()
      for (const [found, offset] of search.found) {
        offsets.set(tables.patterns[found * pattern.words + pattern.owner] as number, offset)
      }
      const icons = contentIcons(source, structure, definitions.icons, check)
      const around = { target, size: source.size, structure, containers, icons }
      let handling: HoldingSignature | undefined
      for (const holding of search.logicals.holding(around, search.exceeded || undecided !== undefined)) {
        offsets.set(holding.id, holding.offset)
        if (holding.handler !== undefined && holding.id < (handling?.id ?? Number.POSITIVE_INFINITY))
          handling = holding
      }
      if (handling !== undefined && !isHandled) offsets.delete(handling.id)
      for (const [id, offset] of structureHashes.signatures(target, structure)) offsets.set(id, offset)
      const hashed = hashes.signatures(onHash)
      if (hashed.some((id) => definitions.signature(id).kind === 'allow')) {
        return { hits: [], rules: [], handler: undefined, budgetExceeded: false, allowed: true }
      }
      for (const id of hashed) offsets.set(id, 0)
      const inOrder = [...offsets].sort(([a], [b]) => a - b)
      const hits = inOrder.filter(([id]) => !judged.has(id)).map(([id, offset]) => hitOf(id, offset))
      const rules = inOrder.map(([id]) => id).filter((id) => judged.has(id))
      const handler = isHandled ? undefined : handling?.handler
      return { hits, rules, handler, budgetExceeded: search.exceeded, allowed: false }
    },
  }
}

/** The targets of normalised forms, and the one that stands for all. */
const formTargets = [0, 3, 7]

function matchesForms({ patternTables, hashes }: Definitions): boolean {
  const { patterns, patternCount, logicals, logicalCount } = patternTables
  const isFor = (target: number | undefined) => formTargets.includes(target as number)
  for (let index = 0; index < patternCount; index += 1) {
    if (isFor(patternTarget(patterns[index * pattern.words + pattern.packed] as number))) return true
  }
  for (let index = 0; index < logicalCount; index += 1) {
    if (isFor(logicals[index * logical.words + logical.target])) return true
  }
  return hashes.fileMd5.length + hashes.fileSha1.length + hashes.fileSha256.length > 0
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
