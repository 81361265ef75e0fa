/**
 * The contract between the scan and the unpackers: a container's content goes in, its parts come out one at a time.
 * An unpacker never recurses, never throws for what is wrong with its container (that is an `unscanned` part), and asks
 * the budget in every loop; only the budget's own error and a failed read of the source pass through it.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import type { Decoders } from '../decoders/decoders.ts'
import type { EntryFacts } from '../entry-match.ts'
import type { FileType } from '../file-type.ts'
import type { UnscannedReason } from '../verdict.ts'

/** What kept a part from being read to its end. */
export interface Shortfall {
  readonly reason: UnscannedReason
  readonly detail: string
}

/** `entry` is what the container says of the part, if it says anything. */
export type UnpackedPart =
  | {
      readonly kind: 'content'
      /** The entry's name, made harmless (inner-path.ts). */
      readonly label: string
      /** Valid until the next part is asked for. */
      readonly content: ByteSource
      /** Set when `content` is only the beginning of what the container holds. */
      readonly shortfall?: Shortfall
      readonly entry?: EntryFacts
      /** Set when it is what a reader of a mail is shown, with its links. */
      readonly isShown?: boolean
      /** Set when it is the text of a mail whose mails have been found already: it is no mail again. */
      readonly isRead?: boolean
      /** What it is, where the unpacker knows that and its bytes do not tell. */
      readonly type?: FileType
      /** Set when it reaches to its container's end, which has been searched for what lies inside: it is not searched again. */
      readonly isSearched?: boolean
      /** Set when a program made it of itself. */
      readonly isUnpacked?: boolean
    }
  | {
      /** An entry without content. */
      readonly kind: 'empty'
      readonly label: string
      readonly entry: EntryFacts
    }
  | {
      readonly kind: 'unscanned'
      /** Absent when the container itself is meant. */
      readonly label?: string
      readonly shortfall: Shortfall
      readonly entry?: EntryFacts
    }

/** What an unpacker may use besides its container. */
export interface UnpackMeans {
  /** Libraries that decode in threads of their own. */
  readonly decoders: Decoders
  /** Passwords to try, the likeliest first. */
  readonly passwords: readonly string[]
}

export type Unpack = (source: ByteSource, budget: Budget, means: UnpackMeans) => AsyncIterable<UnpackedPart>

/** The shortfall for an error of an archive library. */
export function damage(error: unknown): Shortfall {
  return {
    reason: 'damaged',
    detail: error instanceof Error ? error.message.slice(0, 200) : 'unknown damage',
  }
}

/** The shortfall of a file with more entries than its limit. */
export function tooManyEntries(budget: Budget): Shortfall {
  return { reason: 'too-many-entries', detail: `the limit is ${budget.limits.maxEntries} entries` }
}
