/** DER for tests (X.690), written by hand so that what is no DER can be written as well. Never imported by production code. */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** A context-specific tag, constructed. */
export function contextTag(number: number): number {
  return 0xa0 | number
}

/** An element. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...contents)
}

export function set(...contents: readonly Uint8Array[]): Buffer {
  return der(tags.set, ...contents)
}

/** Up to 2³¹. */
export function integer(value: number): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return der(tags.integer, (bytes[0] ?? 0) >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes)
}

export function octets(content: Uint8Array): Buffer {
  return der(tags.octets, content)
}

export const nothing = der(tags.nothing)
export const truth = der(tags.boolean, Buffer.from([0xff]))

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(tags.oid, Buffer.from([40 * first + second, ...rest.flatMap(digits)]))
}

function digits(value: number): number[] {
  const out = [value & 0x7f]
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
    out.unshift((left & 0x7f) | 0x80)
  return out
}

export function time(value: Date): Buffer {
  const text = value.toISOString().replace(/\D/g, '').slice(0, 14)
  const isShort = text >= '1950' && text < '2050'
  return der(isShort ? tags.utcTime : tags.time, Buffer.from(`${isShort ? text.slice(2) : text}Z`))
}

/** An element's content, without its tag and length. */
export function contentOf(element: Uint8Array): Buffer {
  const bytes = Buffer.from(element)
  const { at, length } = headOf(bytes, 0)
  return bytes.subarray(at, at + length)
}

/** The elements in an element. */
export function childrenOf(element: Uint8Array): Buffer[] {
  const content = contentOf(element)
  const children: Buffer[] = []
  for (let from = 0; from < content.length; ) {
    const { at, length } = headOf(content, from)
    children.push(content.subarray(from, at + length))
    from = at + length
  }
  return children
}

function headOf(bytes: Buffer, from: number): { at: number; length: number } {
  const first = bytes[from + 1] ?? 0
  if (first < 0x80) return { at: from + 2, length: first }
  const count = first - 0x80
  return { at: from + 2 + count, length: bytes.readUIntBE(from + 2, count) }
}
