/**
 * The body of a signature set: a tar archive, mostly compressed with gzip. Whatever is not flat, plain and whole, or grows beyond what
 * sets are, is refused; node:zlib inflates and tar-stream reads the headers.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
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

/** The files by their names. Throws Refusal. */
export async function readSetArchive(body: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const most = Math.min(UNPACKED_MAX_BYTES, Math.max(RATIO_FLOOR_BYTES, body.length * RATIO_MAX))
  const files = new Map<string, Uint8Array>()
  const reader = extract(readerOptions)
  const fed = pipeline(unpacked(body, most), reader)
  // What is wrong with the body ends the reader, and comes up there.
  fed.catch(() => {})
  try {
    for await (const entry of reader) {
      const { name, size } = checked(entry.header, most)
      if (files.has(name)) throw new Refusal(`it holds ${name} twice`)
      if (files.size >= FILES_MAX) throw new Refusal(`it holds more than ${FILES_MAX} files`)
      const content = Buffer.allocUnsafe(size)
      let filled = 0
      for await (const chunk of entry) filled += (chunk as Buffer).copy(content, filled)
      files.set(name, content)
    }
    await fed
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(`its archive is damaged: ${error instanceof Error ? error.message : error}`)
  } finally {
    reader.destroy()
  }
  return files
}

function checked({ name, type, size = 0 }: Header, most: number): { name: string; size: number } {
  if (type !== 'file') throw new Refusal('its archive holds something that is not a plain file')
  if (!/^\w[\w.-]{0,99}$/.test(name)) throw new Refusal('its archive holds a file with a name that none has')
  if (size > most) throw new Refusal(`it unpacks to more than ${most} bytes`)
  return { name, size }
}

/** The archive itself, in pieces. Throws Refusal when it becomes longer than `most`. */
async function* unpacked(body: Uint8Array, most: number): AsyncGenerator<Uint8Array> {
  const isCompressed = body[0] === 0x1f && body[1] === 0x8b
  const plain = Readable.from(piecesOf(body))
  let length = 0
  for await (const piece of isCompressed ? plain.pipe(createGunzip()) : plain) {
    length += piece.length
    if (length > most) throw new Refusal(`it unpacks to more than ${most} bytes`)
    yield piece
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += FEED_BYTES) yield Buffer.from(bytes.subarray(at, at + FEED_BYTES))
}
