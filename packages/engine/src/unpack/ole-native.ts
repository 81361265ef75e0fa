/**
 * What an embedded object of OLE 1.0 holds ([MS-OLEDS], sections 2.2.4, 2.2.5 and 2.3.6): the object's own data, which is the file itself
 * with its name where the object is a package. Nothing is copied.
 */
import type { ByteSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import { readFields } from '../structure/fields.ts'
import type { UnpackedPart } from './container.ts'
import { sliceSource } from './slice-source.ts'

/** The stream of a compound file in which such data lies behind its size. */
export const NATIVE_STREAM = '\x01Ole10Native'

const SIZE_BYTES = 4
/** What a package begins with, and what stands behind its names when a file is in it and not a link to one. */
const PACKAGE = 2
const EMBEDDED = 3
/** Longer than any path of Windows: three names are read at a time. */
const NAMES_MAX_BYTES = 4096
/** Names of classes, topics and items; a longer one is none. */
const NAME_MAX_BYTES = 1024
const EMBEDDED_OBJECT = 2

/** The parts of a stream of native data. Whatever its size says, all that is there is looked at. */
export function nativeStreamParts(stream: ByteSource): UnpackedPart[] {
  if (stream.size <= SIZE_BYTES) return []
  return nativeParts(sliceSource(stream, SIZE_BYTES, stream.size - SIZE_BYTES), 'object')
}

/** The file in a package, or the data as they are, under `name`. */
function nativeParts(data: ByteSource, name: string): UnpackedPart[] {
  const file = packagedFile(data)
  if (file === undefined) return data.size === 0 ? [] : [{ kind: 'content', label: name, content: data }]
  const { start, stated, label } = file
  const size = Math.min(stated, data.size - start)
  if (size === 0) return []
  const part = { kind: 'content', label, content: sliceSource(data, start, size) } as const
  const shortfall = { reason: 'damaged', detail: 'the file in the package breaks off' } as const
  return [size === stated ? part : { ...part, shortfall }]
}

interface PackagedFile {
  readonly label: string
  readonly start: number
  readonly stated: number
}

/** Label, file name, two numbers, the length of a path, the path, the file's length: as packages made by Windows are. */
function packagedFile(data: ByteSource): PackagedFile | undefined {
  const head = Buffer.from(data.read(0, Math.min(NAMES_MAX_BYTES, data.size)))
  if (head.length < 2 || head.readUInt16LE(0) !== PACKAGE) return undefined
  const labelEnd = head.indexOf(0, 2)
  const nameEnd = labelEnd === -1 ? -1 : head.indexOf(0, labelEnd + 1)
  if (nameEnd === -1 || nameEnd + 9 > head.length || head.readUInt16LE(nameEnd + 3) !== EMBEDDED)
    return undefined
  const sizeAt = nameEnd + 9 + head.readUInt32LE(nameEnd + 5)
  const stated = readFields(data, sizeAt, SIZE_BYTES)?.getUint32(0, true)
  if (stated === undefined) return undefined
  const path = head.toString('latin1', labelEnd + 1, nameEnd) || head.toString('latin1', 2, labelEnd)
  const label = entryLabel(path.replace(/^.*[\\/]/s, '') || 'package')
  return { label, start: sizeAt + SIZE_BYTES, stated }
}

/**
 * The parts of an object with its header, as documents in RTF have them: its data, named by their class. Without a header that can be read the
 * bytes are a part as they are, and a compound file among them one more.
 */
export function embeddedObjectParts(object: ByteSource): UnpackedPart[] {
  const header = objectHeader(object)
  if (header === undefined) return object.size === 0 ? [] : unreadableObject(object)
  const { className, start, stated } = header
  const size = Math.min(stated, object.size - start)
  const data = sliceSource(object, start, size)
  const parts = nativeParts(data, entryLabel(className || 'object'))
  const last = parts.at(-1)
  if (size === stated || last === undefined || last.kind !== 'content' || last.shortfall !== undefined)
    return parts
  return [
    ...parts.slice(0, -1),
    { ...last, shortfall: { reason: 'damaged', detail: 'the object breaks off' } },
  ]
}

interface ObjectHeader {
  readonly className: string
  readonly start: number
  readonly stated: number
}

/** Readers take any version. */
function objectHeader(object: ByteSource): ObjectHeader | undefined {
  const format = readFields(object, 4, 4)?.getUint32(0, true)
  if (format !== EMBEDDED_OBJECT) return undefined
  let at = 8
  let className = ''
  for (let index = 0; index < 3; index += 1) {
    const length = readFields(object, at, 4)?.getUint32(0, true)
    if (length === undefined || length > NAME_MAX_BYTES) return undefined
    if (index === 0)
      className = Buffer.from(object.read(at + 4, length))
        .toString('latin1')
        .replace(/\0.*$/s, '')
    at += 4 + length
  }
  const stated = readFields(object, at, 4)?.getUint32(0, true)
  return stated === undefined ? undefined : { className, start: at + 4, stated }
}

const COMPOUND_MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex')
/** A header, and names as long as they may be. */
const SEARCHED_BYTES = 8192

function unreadableObject(object: ByteSource): UnpackedPart[] {
  const head = Buffer.from(object.read(0, Math.min(SEARCHED_BYTES, object.size)))
  const at = head.indexOf(COMPOUND_MAGIC)
  const whole: UnpackedPart = { kind: 'content', label: 'object', content: object }
  if (at <= 0) return [whole]
  return [whole, { kind: 'content', label: 'object', content: sliceSource(object, at, object.size - at) }]
}
