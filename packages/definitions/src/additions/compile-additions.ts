/**
 * A set, and beside it small sets of what is new in it since each of the last ones: what was clean under one of those and has nothing of
 * the additions is clean under the set. Where that would not be the truth there are no additions. The flow: compile → each line that is
 * taken is looked for among the former sets' → those missing in one are kept → encoded as sets of their own, nested in one another.
 */
import { createHash } from 'node:crypto'
import { type CompileInput, type CompileSummary, compileDefinitions } from '../compile.ts'
import { joinSections } from '../join-sections.ts'
import { LAYOUT_VERSION } from '../layout.ts'
import type { MacroGroups } from '../macro-groups.ts'
import { createSetEncoder, type Detecting } from '../set-encoder.ts'
import { type FormerSets, noFormerSets, withSet } from './former-sets.ts'
import {
  ALLOW_BIT,
  createDigestIndex,
  DigestCollector,
  digestOf,
  hashDigestOf,
  hashSecretOf,
  type LineDigest,
} from './line-digests.ts'
import { keyOf, type TakenLine } from './signature-key.ts'

/** What is new since some sets. */
export interface Additions {
  /** Names this file and no set. */
  readonly version: string
  /** A definitions file like any other, with the new signatures alone. */
  readonly bytes: Uint8Array
  /** SHA-256 of the sets since the oldest of which this is all that is new, the oldest first. */
  readonly since: readonly string[]
  readonly signatures: number
}

export interface AdditionsInput {
  /** The sets before; undefined for the first. */
  readonly former: FormerSets | undefined
  /** Names the program that compiles: another one may understand the same lines otherwise. */
  readonly program: string
}

export interface CompiledWithAdditions {
  readonly bytes: Uint8Array
  readonly summary: CompileSummary
  /** Those since the oldest sets first. */
  readonly additions: readonly Additions[]
  /** For the next time. */
  readonly former: FormerSets
}

/** More than that is not searched for apart: it would be a second set in each agent's memory. */
const ADDED_MAX = 50_000
/** Above the first number, more than that part of a set is no addition to another one. */
const ADDED_FREELY = 1000
const SHARE_MAX = 0.5

const VERSION_MAX_CHARACTERS = 64

interface Added {
  readonly line: Detecting
  /** The newest former set that lacks it. */
  readonly newest: number
}

/** Compiles as compileDefinitions does, and throws as it does. */
export function compileWithAdditions(
  input: CompileInput,
  { former = noFormerSets(), program }: AdditionsInput,
): CompiledWithAdditions {
  const comparison = new Comparison(former)
  const { bytes, summary } = compileDefinitions({ ...input, onTaken: (taken) => comparison.take(taken) })
  const { version, createdAt, sha256, counts } = summary
  const settled = comparison.settled(program)
  const digests = comparison.digests()
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const oldest = Math.max(
    comparison.oldestWithin(total),
    1 + former.sets.findLastIndex((set) => set.settled !== settled),
    comparison.oldestAllowing(),
  )
  const additions: Additions[] = []
  let before = -1
  for (const [place, set] of former.sets.entries()) {
    const added = comparison.since(place)
    // The same as since the set before, which is said of this one too.
    if (place < oldest || added.length === before) continue
    before = added.length
    const own = `${version}-since-${set.version}`
    if (own.length > VERSION_MAX_CHARACTERS) continue
    const encoded = comparison.encode(added, { ...input, version: own, createdAt })
    if (encoded === undefined) continue
    const since = [...new Set(former.sets.slice(place).map((each) => each.sha256))]
    additions.push({ version: own, bytes: encoded, since, signatures: added.length })
  }
  return { bytes, summary, additions, former: withSet(former, { version, sha256, settled }, digests) }
}

/** A set that is compiled, beside the former ones. */
class Comparison {
  readonly #former: FormerSets
  readonly #numberOf: (digest: LineDigest) => number
  readonly #all: number
  readonly #digests = new DigestCollector()
  readonly #hashSecret: Int32Array
  readonly #settled = createHash('sha256')
  /** What the others' meaning depends on: how types are told, and which icons there are. */
  readonly #shared: Detecting[] = []
  readonly #allowed = new Set<number>()
  #groups: MacroGroups = new Map()
  #added: Added[] = []
  /** Of the former sets, the first whose additions are still kept. */
  #oldest = 0

  constructor(former: FormerSets) {
    this.#former = former
    this.#hashSecret = hashSecretOf(former.secret)
    this.#numberOf = createDigestIndex(former.digests)
    this.#all = (1 << former.sets.length) - 1
  }

  take(taken: TakenLine): void {
    const { line, groups } = taken
    this.#groups = groups
    if (line.kind === 'type' || line.kind === 'icon') this.#shared.push(line)
    const judged = keyOf(taken)
    if (judged.role === 'covered') return
    if (judged.role === 'settled') {
      this.#settled.update(`${judged.key}\n`)
      return
    }
    const allows = judged.role === 'allow'
    const { secret } = this.#former
    const digest =
      'key' in judged ? digestOf(secret, judged.key) : hashDigestOf(this.#hashSecret, judged.hash, allows)
    this.#digests.add(digest)
    const number = this.#numberOf(digest)
    if (allows) {
      this.#allowed.add(number)
      return
    }
    const missing = this.#all & ~(number === -1 ? 0 : (this.#former.masks[number] as number))
    const newest = 31 - Math.clz32(missing)
    if (newest < this.#oldest || missing === 0) return
    this.#added.push({ line, newest })
    // The oldest set lacks most: it is given up first.
    while (this.#added.length > ADDED_MAX) {
      this.#oldest += 1
      this.#added = this.#added.filter((added) => added.newest >= this.#oldest)
    }
  }

  digests(): Uint32Array {
    return this.#digests.sorted()
  }

  settled(program: string): string {
    return this.#settled.update(JSON.stringify([program, LAYOUT_VERSION])).digest('hex')
  }

  /** All that is in this set and not in each of the former ones from this place on. */
  since(place: number): readonly Added[] {
    return this.#added.filter(({ newest }) => newest >= place)
  }

  /** The first former set since which not too much is new. */
  oldestWithin(total: number): number {
    let oldest = this.#oldest
    const isMuch = (count: number) => count > ADDED_FREELY && count > total * SHARE_MAX
    while (oldest < this.#former.sets.length && isMuch(this.since(oldest).length)) oldest += 1
    return oldest
  }

  /** The first former set since which nothing that was allowed is no longer. */
  oldestAllowing(): number {
    const { digests, masks } = this.#former
    let lost = 0
    for (let number = 0; number < masks.length; number += 1) {
      if (((digests[2 * number] as number) & ALLOW_BIT) === 0 || this.#allowed.has(number)) continue
      lost |= masks[number] as number
    }
    return lost === 0 ? 0 : 32 - Math.clz32(lost)
  }

  /** The additions as a set; undefined when one of them cannot stand in a set of its own. */
  encode(
    added: readonly Added[],
    { version, createdAt, descriptions = {} }: CompileInput,
  ): Uint8Array | undefined {
    const set = createSetEncoder(descriptions, this.#groups)
    for (const line of [...this.#shared, ...added.map((each) => each.line)]) {
      if (set.add(line) !== undefined) return undefined
    }
    return joinSections(version, createdAt, set.sections())
  }
}
