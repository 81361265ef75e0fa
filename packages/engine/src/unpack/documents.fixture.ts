/** Documents and mail attachments for tests, made of the parts that their specifications name. Never imported by production code. */
import { deflateSync } from 'node:zlib'
import { makeOle2 } from './ole2.fixture.ts'

const zero = (text: string) => Buffer.from(`${text}\0`, 'latin1')

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index)
  })
  return bytes
}

export function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value, 2 * index)
  })
  return bytes
}

/** What a package object holds: a file and where it came from. */
export function makePackage(name: string, data: Uint8Array, stated = data.length): Buffer {
  const path = zero(`C:\\Temp\\${name}`)
  return Buffer.concat([
    ...[uint16(2), zero(name), zero(`C:\\${name}`), uint16(0, 3), uint32(path.length), path],
    ...[uint32(stated), data],
  ])
}

/** An object of OLE 1.0 with its header. */
export function makeOle1(className: string, data: Uint8Array, stated = data.length): Buffer {
  const name = zero(className)
  return Buffer.concat([uint32(0x501, 2, name.length), name, uint32(0, 0, stated), data])
}

/** A stream of native data behind its size. */
export function nativeStream(data: Uint8Array): Buffer {
  return Buffer.concat([uint32(data.length), data])
}

export function makeRtf(digits: string): Buffer {
  return Buffer.from(
    `{\\rtf1\\ansi Hello {\\object\\objemb{\\*\\objclass Package}{\\*\\objdata ${digits}}{\\result x}}}`,
    'latin1',
  )
}

/** A presentation with one object that is deflated. */
export function makePresentation(object: Uint8Array): Buffer {
  const packed = Buffer.concat([uint32(object.length), deflateSync(object)])
  const record = Buffer.concat([uint16(0x10, 0x1011), uint32(packed.length), packed])
  const document = Buffer.concat([uint16(0x0f, 0x3e8), uint32(40), Buffer.alloc(40)])
  return makeOle2([{ name: 'PowerPoint Document', data: Buffer.concat([document, record]) }])
}

function attribute(level: number, id: number, data: Uint8Array): Buffer {
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  return Buffer.concat([Buffer.of(level), uint32(id, data.length), data, uint16(sum)])
}

/** One attachment with its title before or behind its data, and further properties. */
export function makeTnef(
  name: string,
  data: Uint8Array,
  { properties = [], isTitleLast = false }: { properties?: readonly Buffer[]; isTitleLast?: boolean } = {},
): Buffer {
  const title = attribute(2, 0x00018010, zero(name))
  const content = attribute(2, 0x0006800f, data)
  const list = Buffer.concat([uint32(properties.length), ...properties])
  return Buffer.concat([
    ...[uint32(0x223e9f78), uint16(1), attribute(1, 0x00089006, uint32(0x10000))],
    attribute(2, 0x00069002, Buffer.alloc(14)),
    ...(isTitleLast ? [content, title] : [title, content]),
    ...(properties.length > 0 ? [attribute(2, 0x00069005, list)] : []),
  ])
}

/** A property of bytes. */
export function tnefProperty(id: number, value: Uint8Array, type = 0x102): Buffer {
  const padding = Buffer.alloc((4 - (value.length % 4)) % 4)
  return Buffer.concat([uint16(type, id), uint32(1, value.length), value, padding])
}

const binhexLetters = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'

/** A file with a data fork, in lines of 64. */
export function makeBinhex(name: string, data: Uint8Array): Buffer {
  const header = Buffer.concat([Buffer.of(name.length), zero(name), Buffer.alloc(18)])
  header.writeUInt32BE(data.length, name.length + 12)
  const file = Buffer.concat([header, Buffer.alloc(2), data, Buffer.alloc(2), Buffer.alloc(2)])
  const packed: number[] = []
  for (let at = 0; at < file.length; ) {
    const byte = file[at] as number
    let count = 1
    while (file[at + count] === byte && count < 255) count += 1
    if (count > 3) packed.push(byte, ...(byte === 0x90 ? [0] : []), 0x90, count)
    else for (let each = 0; each < count; each += 1) packed.push(byte, ...(byte === 0x90 ? [0] : []))
    at += count
  }
  let letters = ''
  for (let at = 0; at < packed.length; at += 3) {
    const [a = 0, b = 0, c = 0] = packed.slice(at, at + 3)
    const bits = (a << 16) | (b << 8) | c
    const count = Math.min(4, Math.ceil(((packed.length - at) * 8) / 6))
    for (let each = 0; each < count; each += 1) letters += binhexLetters[(bits >>> (18 - 6 * each)) & 63]
  }
  const lines = `:${letters}:`.match(/.{1,64}/g)?.join('\n') ?? ''
  return Buffer.from(`(This file must be converted with BinHex 4.0)\n\n${lines}\n`, 'latin1')
}
