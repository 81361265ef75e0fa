/**
 * The body of a signature set: a tar archive, mostly compressed with gzip. Whatever is not flat, plain and whole, or grows beyond what
 * sets are, is refused; node:zlib inflates and tar-stream reads the headers.
 */
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { Refusal } from '../parse/pattern.ts'

/** ClamAV's biggest is some 400 MB of text. */
const UNPACKED_MAX_BYTES = 1024 * 1024 * 1024

/** Hashes and names in text shrink to a half or a quarter; a bomb is a thousand times its size. */
const RATIO_MAX = 100
const RATIO_FLOOR_BYTES = 16 * 1024 * 1024

/** ClamAV's have some twenty. */
const FILES_MAX = 1000

const FEED_BYTES = 1024 * 1024

/** ClamAV writes headers of the oldest form, without a magic; their checksum is looked at. */
const readerOptions = { highWaterMark: FEED_BYTES, allowUnknownFormat: true }

const inflate = promisify(gunzip)

/** The files by their names, as windows onto one unpacked body. Throws Refusal. */
export async function readSetArchive(body: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const archive = await unpacked(body)
  const files = new Map<string, Uint8Array>()
  const reader = extract(readerOptions)
  Readable.from(piecesOf(archive)).pipe(reader)
  try {
    for await (const entry of reader) {
      const { name, bytes } = fileOf(entry.header as TarHeader, archive)
      if (files.has(name)) throw new Refusal(`it holds ${name} twice`)
      if (files.size >= FILES_MAX) throw new Refusal(`it holds more than ${FILES_MAX} files`)
      files.set(name, bytes)
      entry.resume()
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(`its archive is damaged: ${messageOf(error)}`)
  } finally {
    reader.destroy()
  }
  return files
}

type TarHeader = Header & { readonly byteOffset: number }

function fileOf({ name, type, size = 0, byteOffset }: TarHeader, archive: Uint8Array) {
  if (type !== 'file') throw new Refusal('its archive holds something that is not a plain file')
  if (!/^\w[\w.-]{0,99}$/.test(name)) throw new Refusal('its archive holds a file with a name that none has')
  if (byteOffset + size > archive.length) throw new Refusal('its archive breaks off')
  return { name, bytes: archive.subarray(byteOffset, byteOffset + size) }
}

async function unpacked(body: Uint8Array): Promise<Uint8Array> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  const most = Math.min(UNPACKED_MAX_BYTES, Math.max(RATIO_FLOOR_BYTES, body.length * RATIO_MAX))
  try {
    return await inflate(body, { maxOutputLength: most })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Refusal(`it unpacks to more than ${most} bytes`)
    throw new Refusal(`it does not unpack: ${messageOf(error)}`)
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += FEED_BYTES) yield Buffer.from(bytes.subarray(at, at + FEED_BYTES))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
