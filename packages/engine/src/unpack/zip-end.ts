/**
 * Finds a zip archive from its end record, in a file that may carry anything before it: a shell script, an ELF or a
 * picture is a zip as well when unzip would open it (APPNOTE sections 4.3.14 to 4.3.16).
 */
import type { ByteSource } from '../byte-source.ts'

const END_BYTES = 22
const LONGEST_COMMENT = 0xffff
const LOCATOR_BYTES = 20
const END64_BYTES = 56
const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1')
const END64_SIGNATURE = Buffer.from('PK\x06\x06', 'latin1')
const LOCATOR_SIGNATURE = Buffer.from('PK\x06\x07', 'latin1')
const DIRECTORY_SIGNATURE = Buffer.from('PK\x01\x02', 'latin1')

/** Where the archive's own bytes lie: its inner offsets count from `start`. */
export interface ZipPlace {
  readonly start: number
  readonly length: number
}

/**
 * The archive whose end record stands in the last 64 KiB, or nothing. The record counts only if its directory is where
 * it says, give or take the same prefix, so the signature as a string in a program does not make it an archive. Bytes
 * after the archive's comment are left out.
 */
export function findZip(source: ByteSource): ZipPlace | undefined {
  if (source.size < END_BYTES) return undefined
  const tailBytes = Math.min(source.size, END_BYTES + LONGEST_COMMENT)
  const tailStart = source.size - tailBytes
  // Copied, because checking a candidate reads again.
  const tail = Buffer.from(source.read(tailStart, tailBytes))
  let at = tail.lastIndexOf(END_SIGNATURE, tailBytes - END_BYTES)
  while (at !== -1) {
    const place = placeOf(source, tailStart + at, tail.subarray(at, at + END_BYTES))
    if (place !== undefined) return place
    at = at === 0 ? -1 : tail.lastIndexOf(END_SIGNATURE, at - 1)
  }
  return undefined
}

function placeOf(source: ByteSource, endOffset: number, end: Buffer): ZipPlace | undefined {
  const directoryBytes = end.readUInt32LE(12)
  const directoryOffset = end.readUInt32LE(16)
  const archiveEnd = endOffset + END_BYTES + end.readUInt16LE(20)
  if (archiveEnd > source.size) return undefined
  const start = start64(source, endOffset) ?? endOffset - directoryBytes - directoryOffset
  if (start < 0) return undefined
  if (directoryBytes === 0) {
    // An empty archive is the record alone. Behind other bytes it is no more than a string that looks like one.
    if (start !== 0) return undefined
  } else if (directoryOffset !== 0xffffffff) {
    const first = start + directoryOffset
    if (first + 4 > endOffset || !DIRECTORY_SIGNATURE.equals(source.read(first, 4))) return undefined
  }
  return { start, length: archiveEnd - start }
}

/** Zip64: the locator before the end record gives the place of a second one, which really lies right before it. */
function start64(source: ByteSource, endOffset: number): number | undefined {
  const locatorOffset = endOffset - LOCATOR_BYTES
  const end64Offset = locatorOffset - END64_BYTES
  if (end64Offset < 0) return undefined
  const records = Buffer.from(source.read(end64Offset, END64_BYTES + LOCATOR_BYTES))
  if (!records.subarray(0, 4).equals(END64_SIGNATURE)) return undefined
  if (!records.subarray(END64_BYTES, END64_BYTES + 4).equals(LOCATOR_SIGNATURE)) return undefined
  return end64Offset - Number(records.readBigUInt64LE(END64_BYTES + 8))
}
