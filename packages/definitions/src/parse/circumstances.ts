/**
 * What a logical signature asks beyond its patterns: where a program begins and how many sections it has, which containers the
 * content lies in, which icons it has, and as what type a content is to be scanned once more in which it holds (ClamAV manual, "Logical signatures").
 */
import type { NumberRange } from './cdb.ts'
import { clamavType } from './clamav-types.ts'
import { groupName } from './idb.ts'
import { Refusal } from './pattern.ts'

/** Types that the engine can be told to take a content for. `CL_TYPE_ANY` is whatever it looks like. */
export const handlerTypes = [
  'CL_TYPE_7Z',
  'CL_TYPE_ANY',
  'CL_TYPE_ARJ',
  'CL_TYPE_BINARY_DATA',
  'CL_TYPE_BZ',
  'CL_TYPE_ELF',
  'CL_TYPE_GIF',
  'CL_TYPE_GRAPHICS',
  'CL_TYPE_GZ',
  'CL_TYPE_HTML',
  'CL_TYPE_JAVA',
  'CL_TYPE_JPEG',
  'CL_TYPE_LHA_LZH',
  'CL_TYPE_MACHO',
  'CL_TYPE_MAIL',
  'CL_TYPE_MSCAB',
  'CL_TYPE_MSEXE',
  'CL_TYPE_MSOLE2',
  'CL_TYPE_OLD_TAR',
  'CL_TYPE_PDF',
  'CL_TYPE_PNG',
  'CL_TYPE_POSIX_TAR',
  'CL_TYPE_RAR',
  'CL_TYPE_SCRIPT',
  'CL_TYPE_SWF',
  'CL_TYPE_TEXT_ASCII',
  'CL_TYPE_TIFF',
  'CL_TYPE_XZ',
  'CL_TYPE_ZIP',
] as const
export type HandlerType = (typeof handlerTypes)[number]

/** What must be so around the patterns; undefined where anything will do. */
export interface Circumstances {
  /** Offset of the entry point in the content. */
  readonly entryPoint: NumberRange | undefined
  readonly sectionCount: NumberRange | undefined
  /** Type of the container that holds the content; `CL_TYPE_ANY` for a content that lies in none. */
  readonly container: string | undefined
  /** Types of the innermost containers, the outer first; `CL_TYPE_ANY` stands for any. */
  readonly intermediates: readonly string[] | undefined
  /** A PE file has an icon that looks like one of these. */
  readonly icon: IconWish | undefined
  /** The content is scanned once more as this, and the signature is found there. */
  readonly handler: HandlerType | undefined
}

/** The groups that an icon of the set is to be in; undefined for any. */
export interface IconWish {
  readonly groups: readonly [string | undefined, string | undefined]
}

/** In the order in which they are written. */
export const circumstanceNames = [
  'EntryPoint',
  'NumberOfSections',
  'Container',
  'Intermediates',
  'IconGroup1',
  'IconGroup2',
  'HandlerType',
]

/** Seen of clamscan 1.4.6: an icon of whatever group. */
const ANY_GROUP = '*'

const NUMBER_MAX = 0xffffffff
/** The manual's limit. */
const LAYERS_MAX = 16

/** Reads `Name:value,Name:value`. Throws Refusal. */
export function parseCircumstances(text: string): Circumstances {
  const values = new Map<string, string>()
  for (const attribute of text.split(',')) {
    const [, name = '', value = ''] = /^(\w+):(.+)$/.exec(attribute) ?? []
    if (!circumstanceNames.includes(name) || values.has(name))
      throw new Refusal(`"${attribute}" is not known`)
    values.set(name, value)
  }
  const read = <Value>(name: string, parse: (value: string) => Value): Value | undefined => {
    const value = values.get(name)
    return value === undefined ? undefined : parse(value)
  }
  return {
    entryPoint: read('EntryPoint', (value) => parseRange('EntryPoint', value)),
    sectionCount: read('NumberOfSections', (value) => parseRange('NumberOfSections', value)),
    container: read('Container', clamavType),
    intermediates: read('Intermediates', parseLayers),
    icon: iconWish(read('IconGroup1', groupName), read('IconGroup2', groupName)),
    handler: read('HandlerType', parseHandler),
  }
}

/** Reads `min-max`. Throws Refusal. */
export function parseRange(name: string, text: string): NumberRange {
  const [, low = '', high = ''] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? []
  const [min, max] = [Number(low), Number(high)]
  if (low === '' || min > max || max > NUMBER_MAX) throw new Refusal(`the ${name} "${text}" is not a range`)
  return { min, max }
}

function iconWish(first: string | undefined, second: string | undefined): IconWish | undefined {
  if (first === undefined && second === undefined) return undefined
  const asked = (name: string | undefined) => (name === ANY_GROUP ? undefined : name)
  return { groups: [asked(first), asked(second)] }
}

function parseLayers(text: string): string[] {
  const layers = text.split('>').map(clamavType)
  if (layers.length > LAYERS_MAX) throw new Refusal(`more than ${LAYERS_MAX} containers in one another`)
  return layers
}

function parseHandler(text: string): HandlerType {
  const name = clamavType(text)
  const known = handlerTypes.find((type) => type === name)
  if (known === undefined)
    throw new Refusal(`the HandlerType ${name} is a type that this version does not open`)
  return known
}
