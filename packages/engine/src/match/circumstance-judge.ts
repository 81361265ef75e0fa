/**
 * Whether what a logical signature asks beyond its patterns is so for one content. The program's structure is read only when a
 * signature asks for it whose patterns were found; a damaged structure answers nothing, as in ClamAV.
 */
import { type Circumstances, logical, NONE, type PatternTables } from '@coreward/definitions'
import type { ContentIcons } from '../icons/content-icons.ts'
import type { Executable } from '../structure/executable.ts'

/** What surrounds the patterns of one content. */
export interface Surroundings {
  readonly target: number
  readonly size: number
  readonly structure: () => Executable | undefined
  /** ClamAV's types of the containers around the content, the outermost first. */
  readonly containers: readonly string[]
  readonly icons: ContentIcons
}

const ANY = 'CL_TYPE_ANY'

/** Whether a content of this size is one that a logical signature is for. */
export function fitsSize({ logicals }: PatternTables, index: number, size: number): boolean {
  const max = logicals[index * logical.words + logical.sizeMax] as number
  return (
    size >= (logicals[index * logical.words + logical.sizeMin] as number) && (max === NONE || size <= max)
  )
}

/** What a logical signature asks, if anything; undefined when that is not so for the content. */
export function circumstancesOf(
  tables: PatternTables,
  index: number,
  around: Surroundings,
): Partial<Circumstances> | undefined {
  if (!fitsSize(tables, index, around.size)) return undefined
  const line = tables.logicals[index * logical.words + logical.circumstances] as number
  const asked = line === NONE ? {} : tables.circumstances[line]
  return asked !== undefined && holds(asked, around) ? asked : undefined
}

function holds(asked: Partial<Circumstances>, { structure, containers, icons }: Surroundings): boolean {
  const { container, intermediates, entryPoint, sectionCount, icon } = asked
  if (container !== undefined && container !== (containers.at(-1) ?? ANY)) return false
  if (intermediates !== undefined && !endsWith(containers, intermediates)) return false
  if (entryPoint !== undefined || sectionCount !== undefined) {
    const executable = structure()
    if (executable === undefined || executable.damage !== undefined) return false
    const { sections } = executable
    if (!isWithin(entryPoint, executable.entryPoint) || !isWithin(sectionCount, sections.length)) return false
  }
  return icon === undefined || icons.has(icon)
}

/**
 * As clamscan 1.4.6 was seen to do it: each ANY only asks for one container more, wherever it stands, and the types beside it must
 * be those of the innermost containers in a row.
 */
function endsWith(containers: readonly string[], wanted: readonly string[]): boolean {
  const named = wanted.filter((type) => type !== ANY)
  const from = containers.length - named.length
  return containers.length >= wanted.length && named.every((type, index) => type === containers[from + index])
}

function isWithin(range: Circumstances['entryPoint'], value: number | undefined): boolean {
  return range === undefined || (value !== undefined && value >= range.min && value <= range.max)
}
