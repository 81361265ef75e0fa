/**
 * One line of a hash format: `hash:size:Name[:minFL[:maxFL]]`, in those of PE sections `size:hash:Name…` (ClamAV manual,
 * "Hash-based Signatures"). What hashes a format may hold, of what, and whether they detect or allow, its own file says.
 */
import { type HashAlgorithm, type HashTableName, hashAlgorithms, hashBytes } from '../layout.ts'
import { fieldsOf, levelFits, signatureName } from './line.ts'
import { Refusal } from './pattern.ts'

export interface HashSignature {
  readonly kind: 'hash' | 'allow'
  readonly name: string
  readonly table: HashTableName
  /** The hash in hexadecimal, of the table's length. */
  readonly hex: string
  /** In bytes; undefined for any size. */
  readonly size: number | undefined
}

/** ClamAV takes sizes below 2³² − 1 only. */
const SIZE_MAX = 0xfffffffe

/** Since this level a size may be `*`; a line must ask for it. */
const ANY_SIZE_LEVEL = 73

/** Which table a hash of each algorithm that a format may hold belongs to. */
type TablesByAlgorithm = { readonly [Algorithm in HashAlgorithm]?: HashTableName }

export interface HashFormat {
  readonly kind: HashSignature['kind']
  readonly tables: TablesByAlgorithm
  /** Whether the size stands before the hash. */
  readonly sizeFirst: boolean
}

/** Reads a line of a format. Throws Refusal. */
export function parseHashLine(
  line: string,
  { kind, tables, sizeFirst }: HashFormat,
): HashSignature | 'skipped' {
  const [first = '', second = '', name, least, most] = fieldsOf(line, ':', 3, 5)
  const [hex, sizeText] = sizeFirst ? [second, first] : [first, second]
  const size = sizeOf(sizeText)
  const signature = {
    kind,
    name: signatureName(name),
    table: tableOf(hex, tables),
    hex: checkedHex(hex),
    size,
  }
  if (size === undefined && !(Number(least) >= ANY_SIZE_LEVEL)) {
    throw new Refusal(`a size of * without a functionality level of ${ANY_SIZE_LEVEL} or more`)
  }
  return levelFits(least, most) ? signature : 'skipped'
}

function tableOf(hex: string, tables: TablesByAlgorithm): HashTableName {
  const algorithm = hashAlgorithms.find((name) => hashBytes[name] * 2 === hex.length)
  const table = algorithm === undefined ? undefined : tables[algorithm]
  if (table === undefined) {
    throw new Refusal(`a hash of ${hex.length} digits where ${Object.keys(tables).join(' or ')} belongs`)
  }
  return table
}

function checkedHex(hex: string): string {
  if (!/^[0-9a-f]+$/i.test(hex)) throw new Refusal('the hash holds other than hexadecimal digits')
  return hex
}

function sizeOf(text: string): number | undefined {
  if (text === '*') return undefined
  const size = Number(text)
  if (!/^\d{1,10}$/.test(text) || size < 1 || size > SIZE_MAX) {
    throw new Refusal(`"${text}" is not a size from 1 to ${SIZE_MAX}, nor *`)
  }
  return size
}
