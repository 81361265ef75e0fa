/**
 * The second engine: YARA rules that the matcher cannot judge by itself. It is asked about a content only when the matcher found
 * what a rule must hold, or when a rule says nothing that could be looked for. Its thread is started at the first question, ended
 * when it overstays or has grown, and when nobody has asked for a while.
 */
import { type Definitions, RULE_PREFIX, type RuleRecord } from '@coreward/definitions'
import type { ByteSource } from '../byte-source.ts'
import type { UnscannedReason } from '../verdict.ts'
import type { RuleLibrary } from './rule-library.ts'
import type { RuleGroup } from './rule-program.ts'
import { RuleThread } from './rule-thread.ts'

/** A content is judged in memory, where it lies twice. */
const RULE_CONTENT_MAX_BYTES = 64 * 1024 * 1024

/** What rules may take for one content: a hundred times what honest ones need for the largest. */
const CONTENT_MILLISECONDS = 10_000

/** What a rule may take more when it is to be compiled first: three are the rule, on a slow machine. */
const COMPILE_MILLISECONDS = 50

/** A thread that has taken so much begins anew: the library gives no memory back. */
const MEMORY_MAX_BYTES = 256 * 1024 * 1024

/** A thread that nobody asks is ended. It takes fifty megabytes, and a tenth of a second to start. */
const IDLE_MILLISECONDS = 60_000

/** The key of those that are asked about every content; the others are groups of one, whose key is the rule's number. */
const ALWAYS = -1

export interface RuleVerdict {
  /** Ids of the signatures that hold. */
  readonly found: readonly number[]
  /** Why not all was judged. */
  readonly unscanned?: { readonly reason: UnscannedReason; readonly detail: string }
}

export interface RuleJudge {
  /**
   * Judges a content by the rules that are asked about every content, and those of `candidates`, which are ids of signatures. What
   * `check` throws and what reading throws passes through. One content at a time.
   */
  judge(source: ByteSource, candidates: readonly number[], check: () => void): Promise<RuleVerdict>
}

const nothing: RuleVerdict = { found: [] }

/** Tests alone give times of their own. */
export interface RuleJudgeOptions {
  readonly contentMilliseconds?: number
  readonly idleMilliseconds?: number
}

/** Prepares judging by the rules of a set; undefined when it has none. */
export function createRuleJudge(
  definitions: Definitions,
  library: RuleLibrary,
  options: RuleJudgeOptions = {},
): RuleJudge | undefined {
  const { rules } = definitions
  if (rules.length === 0) return undefined
  const { contentMilliseconds = CONTENT_MILLISECONDS, idleMilliseconds = IDLE_MILLISECONDS } = options
  const bySignature = new Map(rules.map(({ signature }, index) => [signature, index]))
  const always = [...rules.keys()].filter((index) => rules[index]?.always)
  let thread: RuleThread | undefined
  let compiled = new Set<number>()
  let idle: NodeJS.Timeout | undefined

  async function end(): Promise<void> {
    const former = thread
    thread = undefined
    compiled = new Set()
    await former?.[Symbol.asyncDispose]()
  }

  /** The groups to ask about a content of a size. */
  function keysFor(size: number, candidates: readonly number[]): number[] {
    const fits = (index: number) => {
      const { sizeMin, sizeMax } = rules[index] as RuleRecord
      return size >= sizeMin && size <= sizeMax
    }
    const asked = candidates.map((id) => bySignature.get(id)).filter((index) => index !== undefined)
    return [...(always.some(fits) ? [ALWAYS] : []), ...asked.filter(fits)]
  }

  function groupOf(key: number): RuleGroup {
    if (compiled.has(key)) return { key }
    const members = key === ALWAYS ? always : [key]
    return { key, texts: members.map((index) => [index, (rules[index] as RuleRecord).text()]) }
  }

  function signaturesOf(found: readonly (readonly [number, string])[]): number[] {
    return found.flatMap(([index, name]) => {
      const id = rules[index]?.signature
      // A text holds rules that the one it is for speaks of; they have texts of their own.
      return id !== undefined && definitions.signature(id).name === `${RULE_PREFIX}${name}` ? [id] : []
    })
  }

  return {
    async judge(source, candidates, check) {
      const keys = keysFor(source.size, candidates)
      if (keys.length === 0) return nothing
      if (source.size > RULE_CONTENT_MAX_BYTES) {
        const detail = `rules are judged up to ${RULE_CONTENT_MAX_BYTES} bytes`
        return { found: [], unscanned: { reason: 'too-large', detail } }
      }
      clearTimeout(idle)
      thread ??= new RuleThread(library)
      const groups = keys.map(groupOf)
      const fresh = groups.reduce((sum, { texts = [] }) => sum + texts.length, 0)
      const milliseconds = contentMilliseconds + COMPILE_MILLISECONDS * fresh
      try {
        const answer = await thread.ask({ content: copyOf(source), groups }, milliseconds, check)
        if (answer === undefined || typeof answer === 'string') {
          await end()
          return { found: [], unscanned: shortfall(answer, milliseconds) }
        }
        for (const key of keys) compiled.add(key)
        if (answer.memory > MEMORY_MAX_BYTES) await end()
        return { found: signaturesOf(answer.found) }
      } catch (error) {
        await end()
        throw error
      } finally {
        idle = setTimeout(() => void end(), idleMilliseconds).unref()
      }
    },
  }
}

function shortfall(cause: string | undefined, milliseconds: number): NonNullable<RuleVerdict['unscanned']> {
  if (cause === undefined) {
    return { reason: 'timed-out', detail: `the rules were not judged within ${milliseconds} ms` }
  }
  return { reason: 'crashed', detail: `the rules were not judged: ${cause}`.slice(0, 300) }
}

const READ_BYTES = 1024 * 1024

function copyOf(source: ByteSource): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(source.size)
  for (let at = 0; at < content.length; at += READ_BYTES) {
    content.set(source.read(at, Math.min(READ_BYTES, content.length - at)), at)
  }
  return content
}
