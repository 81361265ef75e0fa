/**
 * The values that a PDF is made of (ISO 32000-2, clause 7.3), as plain data, and how parts of them are asked for. Nothing is read
 * or resolved here.
 */

export interface PdfName {
  readonly kind: 'name'
  /** With its escapes resolved, one character a byte. */
  readonly name: string
}

export interface PdfString {
  readonly kind: 'string'
  readonly bytes: Uint8Array
  /** Whether the bytes stand in the file as they are. */
  readonly isPlain: boolean
}

export interface PdfReference {
  readonly kind: 'reference'
  readonly number: number
}

export interface PdfArray {
  readonly kind: 'array'
  readonly items: readonly PdfValue[]
}

export interface PdfDictionary {
  readonly kind: 'dictionary'
  /** In their order; a hostile dictionary may have a key twice. */
  readonly entries: readonly (readonly [key: string, value: PdfValue])[]
}

export type PdfValue = null | boolean | number | PdfName | PdfString | PdfReference | PdfArray | PdfDictionary

/** A key's value; of several the last, as most readers have it. */
export function entryOf(value: PdfValue | undefined, ...keys: readonly string[]): PdfValue | undefined {
  return entriesOf(value, ...keys).at(-1)
}

/** All values of a key, which may have several names. */
export function entriesOf(value: PdfValue | undefined, ...keys: readonly string[]): readonly PdfValue[] {
  if (!isKind(value, 'dictionary')) return []
  return value.entries.filter(([key]) => keys.includes(key)).map(([, entry]) => entry)
}

/** Whether a value is one of those that have a kind. */
export function isKind<Kind extends Extract<PdfValue, { readonly kind: string }>['kind']>(
  value: PdfValue | undefined,
  kind: Kind,
): value is Extract<PdfValue, { readonly kind: Kind }> {
  return typeof value === 'object' && value !== null && value.kind === kind
}

/** A whole number that is no less than 0, or nothing. */
export function countOf(value: PdfValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** The name that a value is. */
export function nameOf(value: PdfValue | undefined): string | undefined {
  return isKind(value, 'name') ? value.name : undefined
}

/** The bytes that a string is. */
export function bytesOf(value: PdfValue | undefined): Uint8Array | undefined {
  return isKind(value, 'string') ? value.bytes : undefined
}
