/** What an object stream holds (ISO 32000-2, clause 7.5.7): its table of numbers and places. What the table says is checked, not its order. */
import { classOf, WHITE } from './characters.ts'
import { countOf, entryOf, nameOf, type PdfValue } from './values.ts'

export interface MemberPlace {
  readonly number: number
  readonly at: number
  /** Where the next one begins, or the stream ends. */
  readonly end: number
}

/** A stream without a type is one too, when it says where its first object begins: some readers do not ask more. */
export function isObjectStream(dictionary: PdfValue): boolean {
  return nameOf(entryOf(dictionary, 'Type')) === 'ObjStm' || entryOf(dictionary, 'First') !== undefined
}

/** The places of its objects, in ascending order. `first` is where the first begins; without it the table ends where numbers do. */
export function membersOf(bytes: Uint8Array, first: PdfValue | undefined): readonly MemberPlace[] {
  const table = tableOf(bytes)
  const base = countOf(first) ?? table.end
  const places: { readonly number: number; readonly at: number }[] = []
  for (let index = 0; index + 1 < table.numbers.length; index += 2) {
    const [number = 0, offset = 0] = table.numbers.slice(index, index + 2)
    if (base + offset < bytes.length) places.push({ number, at: base + offset })
  }
  places.sort((one, other) => one.at - other.at)
  return places.map((place, index) => ({ ...place, end: places[index + 1]?.at ?? bytes.length }))
}

/** The numbers that the bytes begin with. */
function tableOf(bytes: Uint8Array): { readonly numbers: readonly number[]; readonly end: number } {
  const numbers: number[] = []
  let at = 0
  for (;;) {
    while (at < bytes.length && classOf(bytes[at] ?? 0) === WHITE) at += 1
    const start = at
    let number = 0
    for (; isDigit(bytes[at]); at += 1) number = number * 10 + (bytes[at] ?? 0) - 0x30
    if (at === start || !Number.isSafeInteger(number)) return { numbers, end: start }
    numbers.push(number)
  }
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39
}
