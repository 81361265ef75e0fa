/**
 * Whether a content is HTML by what stands in it: ClamAV looks for one of a few tags anywhere in a text, in a few spellings
 * (as clamscan 1.4.6 was seen to do; neither a document type nor `<body>` nor `<html lang=…>` is such a mark).
 */
import type { ByteSource } from '../byte-source.ts'

const BLOCK_BYTES = 256 * 1024

const LESS = 0x3c
const BLANK = 0x20

const tags = [
  ...['<head>', '<html>', '<iframe', '<img', '<object', '<script', '<table'],
  ...['<HEAD>', '<HTML>', '<IFRAME', '<IMG', '<OBJECT', '<SCRIPT', '<TABLE'],
  ...['<Head>', '<Html>', '<Img', '<Object', '<Script'],
].map((tag) => Uint8Array.from(Buffer.from(tag, 'latin1')))

/** `<a `, and behind it anywhere one of these. */
const addresses = ['href', 'HREF', 'Href']

/** No mark is longer. */
const OVERLAP_BYTES = 8

/** Reads until it finds a mark. `check` is called for each block. */
export function hasHtmlMark(source: ByteSource, check: () => void): boolean {
  let isLink = false
  for (let at = 0; at < source.size; at += BLOCK_BYTES) {
    check()
    const view = source.read(at, Math.min(BLOCK_BYTES + OVERLAP_BYTES, source.size - at))
    const block = Buffer.from(view.buffer, view.byteOffset, view.length)
    let linkedFrom: number = isLink ? 0 : block.length
    for (let place = block.indexOf(LESS); place !== -1; place = block.indexOf(LESS, place + 1)) {
      const letter = (block[place + 1] as number) | 0x20
      if (letter === 0x61 && block[place + 2] === BLANK) linkedFrom = Math.min(linkedFrom, place)
      else if (isTagLetter(letter) && tags.some((tag) => standsAt(block, place, tag))) return true
    }
    isLink ||= linkedFrom < block.length
    if (isLink && addresses.some((word) => block.indexOf(word, linkedFrom, 'latin1') !== -1)) return true
  }
  return false
}

/** The first letters of the tags: h, i, o, s, t. */
function isTagLetter(letter: number): boolean {
  return letter === 0x68 || letter === 0x69 || letter === 0x6f || letter === 0x73 || letter === 0x74
}

function standsAt(block: Uint8Array, place: number, tag: Uint8Array): boolean {
  return tag.every((byte, index) => block[place + index] === byte)
}
