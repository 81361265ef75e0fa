/**
 * What a container says of its entries against the signatures for that (ClamAV's .cdb): name, sizes, place, encryption. The entry's content
 * need not be readable, nor be there at all. Names are hostile: what is looked at of one is bounded, and so is the time it takes.
 */
import type { Definitions, EntryRule, NumberRange } from '@coreward/definitions'

/** What a container says of one entry. Sizes are in bytes and may lie. */
export interface EntryFacts {
  /** ClamAV's name of the container's type. */
  readonly container:
    | 'CL_TYPE_7Z'
    | 'CL_TYPE_ARJ'
    | 'CL_TYPE_CPIO_CRC'
    | 'CL_TYPE_CPIO_NEWC'
    | 'CL_TYPE_CPIO_ODC'
    | 'CL_TYPE_CPIO_OLD'
    | 'CL_TYPE_ISO9660'
    | 'CL_TYPE_MAIL'
    | 'CL_TYPE_MSCAB'
    | 'CL_TYPE_MSCHM'
    | 'CL_TYPE_OLD_TAR'
    | 'CL_TYPE_POSIX_TAR'
    | 'CL_TYPE_RAR'
    | 'CL_TYPE_ZIP'
  readonly containerSize: number
  /** As it stands in the container, one character a byte (latin1). */
  readonly name: string
  readonly sizeInContainer: number
  readonly realSize: number
  readonly encrypted: boolean
  /** Among the container's entries, counted from 1; 0 where it is not told. */
  readonly position: number
  /** CRC-32 of the content, where the container states it. */
  readonly crc?: number
}

/** Longer names are looked at so far. */
const NAME_MAX_CHARACTERS = 1024

/** The ids of the signatures that an entry fits. */
export function matchEntry({ entryRules }: Definitions, facts: EntryFacts): number[] {
  if (entryRules.length === 0) return []
  const seen = { ...facts, name: facts.name.slice(0, NAME_MAX_CHARACTERS) }
  return entryRules.filter((rule) => fits(rule, seen)).map(({ signature }) => signature)
}

/** Numbers first: they are cheap, and decide mostly. */
function fits(rule: EntryRule, facts: EntryFacts): boolean {
  return (
    (rule.container === undefined || rule.container === facts.container) &&
    (rule.encrypted === undefined || rule.encrypted === facts.encrypted) &&
    within(rule.containerSize, facts.containerSize) &&
    within(rule.sizeInContainer, facts.sizeInContainer) &&
    within(rule.realSize, facts.realSize) &&
    within(rule.position, facts.position) &&
    (rule.crc === undefined || rule.crc === facts.crc) &&
    (rule.fileName === undefined || rule.fileName.test(facts.name))
  )
}

function within(range: NumberRange | undefined, value: number): boolean {
  return range === undefined || (range.min <= value && value <= range.max)
}
