/**
 * The transfer encodings of mail (RFC 2045, section 6), decoded into bounded memory. Each is read as the most forgiving reader would: what is no
 * letter of base64 is passed over, padding in the middle begins anew, an escape that is none stands for itself.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { type ContentBuffer, createContentBuffer } from './content-buffer.ts'
import { type Decoded, settleDecoded } from './decoded.ts'
import type { PartEncoding } from './mail-header.ts'

const BLOCK_BYTES = 64 * 1024

const LF = 0x0a
const CR = 0x0d
const EQUALS = 0x3d

/** Takes encoded bytes and appends what they stand for; false when it did not fit. */
type Decode = (block: Uint8Array, into: ContentBuffer) => boolean

/**
 * Decodes the bytes from `start` to `end` of a mail; what passes the limits is left off and told. Throws the budget's errors and failed
 * reads.
 */
export function decodePart(
  source: ByteSource,
  { start, end }: { readonly start: number; readonly end: number },
  encoding: Exclude<PartEncoding, 'binary'>,
  budget: Budget,
): Decoded {
  const { heldBytes } = budget
  const buffer = createContentBuffer(heldBytes, Math.min(end - start, heldBytes))
  const { decode, finish } = decoders[encoding](Math.min(BLOCK_BYTES, end - start))
  let fits = true
  for (let at = start; at < end && fits; at += BLOCK_BYTES) {
    budget.check()
    fits = decode(source.read(at, Math.min(BLOCK_BYTES, end - at)), buffer)
  }
  if (fits) fits = buffer.append(finish())
  return settleDecoded(buffer, fits, budget)
}

const NOTHING = new Uint8Array(0)

/** What each letter stands for; 64 for the padding, 255 for what is passed over. */
const values = new Uint8Array(256).fill(255)
for (const [index, letter] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  values[letter.charCodeAt(0)] = index
}
values[EQUALS] = 64

const decoders: Readonly<
  Record<Exclude<PartEncoding, 'binary'>, (blockBytes: number) => { decode: Decode; finish(): Uint8Array }>
> = {
  base64: base64Decoder,
  'quoted-printable': quotedDecoder,
  identity: lineDecoder,
}

function base64Decoder(blockBytes: number): { decode: Decode; finish(): Uint8Array } {
  const output = new Uint8Array(blockBytes)
  let bits = 0
  let letters = 0
  /** What letters of a group that is not whole stand for. */
  const rest = (at: number): number => {
    const count = Math.max(0, letters - 1)
    const aligned = bits << (6 * (4 - letters))
    for (let index = 0; index < count; index += 1) output[at + index] = (aligned >>> (16 - 8 * index)) & 0xff
    letters = 0
    bits = 0
    return count
  }
  return {
    decode(block, into) {
      let length = 0
      for (let index = 0; index < block.length; index += 1) {
        const value = values[block[index] as number] as number
        if (value < 64) {
          bits = (bits << 6) | value
          letters += 1
          if (letters === 4) length += rest(length)
        } else if (value === 64 && letters > 0) length += rest(length)
      }
      return into.append(output.subarray(0, length))
    },
    finish: () => output.subarray(0, rest(0)),
  }
}

/** Lines end as LF, as in what ClamAV decodes. */
function lineDecoder(blockBytes: number): { decode: Decode; finish(): Uint8Array } {
  const output = new Uint8Array(blockBytes + 1)
  let held = false
  return {
    decode(block, into) {
      let length = 0
      for (const byte of block) {
        if (held && byte !== LF) output[length++] = CR
        held = byte === CR
        if (!held) output[length++] = byte
      }
      return into.append(output.subarray(0, length))
    },
    finish: () => (held ? Uint8Array.of(CR) : NOTHING),
  }
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** Longest that an escape waits for its line's end: white space behind a `=` that is to be dropped with it (section 6.7, rule 3). */
const ESCAPE_MAX_BYTES = 64

function quotedDecoder(blockBytes: number): { decode: Decode; finish(): Uint8Array } {
  const output = new Uint8Array(blockBytes + ESCAPE_MAX_BYTES)
  /** A `=` and what follows it, as long as it is not known what it means. */
  const pending = new Uint8Array(ESCAPE_MAX_BYTES)
  let held = 0
  let length = 0
  const flush = () => {
    for (let index = 0; index < held; index += 1) put(pending[index] as number)
    held = 0
  }
  // Lines end as LF; a CR that ends none is no text.
  const put = (byte: number) => {
    if (byte !== CR) output[length++] = byte
  }
  const take = (byte: number) => {
    if (held === 0 && byte !== EQUALS) {
      put(byte)
      return
    }
    const behind = pending[1] as number
    if (held === 2 && hexValue(behind) >= 0) {
      if (hexValue(byte) >= 0) {
        output[length++] = hexValue(behind) * 16 + hexValue(byte)
        held = 0
        return
      }
      flush()
    } else if (held > 0 && byte === LF) {
      held = 0
      return
    } else if (
      held === ESCAPE_MAX_BYTES ||
      !(held === 0 || isBlank(byte) || (held === 1 && hexValue(byte) >= 0))
    ) {
      flush()
    }
    if (held > 0 || byte === EQUALS) pending[held++] = byte
    else put(byte)
  }
  return {
    decode(block, into) {
      length = 0
      for (const byte of block) take(byte)
      return into.append(output.subarray(0, length))
    },
    finish() {
      length = 0
      if (held > 1) flush()
      return output.subarray(0, length)
    },
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR
}
