/**
 * Signatures by hash: of whole files (hdb, hsb) and of sections of programs (mdb, msb). No hash is that of any file.
 */
import type { stemsOf } from './names.ts'
import { anySizeEvery, hashedSizes } from './proportions.ts'
import { logUniform, type Random } from './random-choices.ts'
import type { TextWriter } from './text-writer.ts'

export interface LineSource {
  readonly random: Random
  readonly stem: ReturnType<typeof stemsOf>
  /** The number behind the first name; each later line has the next one. */
  readonly firstNumber: number
}

const MD5_WORDS = 4
const SHA256_WORDS = 8
/** Sections are stored in whole sectors. */
const SECTOR = 512

const colon = Buffer.from(':')
const newline = Buffer.from('\n')

/** `hash:size:Name`. */
export function writeFileHashes(
  writer: TextWriter,
  count: number,
  words: 'md5' | 'sha256',
  source: LineSource,
): void {
  const { random, stem, firstNumber } = source
  const [least, most] = hashedSizes
  for (let index = 0; index < count; index++) {
    const isForAnySize = words === 'sha256' && index % anySizeEvery === anySizeEvery - 1
    hash(writer, words, random)
    writer.raw(colon)
    if (isForAnySize) writer.text('*')
    else writer.number(logUniform(random, least, most))
    writer.raw(colon)
    writer.raw(stem())
    writer.number(firstNumber + index)
    writer.text(isForAnySize ? '-0:73\n' : '-0\n')
  }
}

/** `section-size:hash:Name`. */
export function writeSectionHashes(
  writer: TextWriter,
  count: number,
  words: 'md5' | 'sha256',
  source: LineSource,
): void {
  const { random, stem, firstNumber } = source
  const [least, most] = hashedSizes
  for (let index = 0; index < count; index++) {
    writer.number(Math.ceil(logUniform(random, least, most) / SECTOR) * SECTOR)
    writer.raw(colon)
    hash(writer, words, random)
    writer.raw(colon)
    writer.raw(stem())
    writer.number(firstNumber + index)
    writer.raw(newline)
  }
}

function hash(writer: TextWriter, words: 'md5' | 'sha256', random: Random): void {
  for (let word = words === 'md5' ? MD5_WORDS : SHA256_WORDS; word > 0; word--) writer.hex(random())
}
