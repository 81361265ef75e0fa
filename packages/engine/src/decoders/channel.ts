/**
 * The memory that a scan thread and a decoder thread share, and whose turn it is: while one of them works the other waits, so that
 * nothing in it needs a lock. The layout stands here once; the decoder's thread is given it as data.
 */

/** What a decoder says when it gives up its turn, and what stands in the records before it. */
export const channelLayout = {
  /** Places of the words at the beginning, of four bytes. */
  turn: 0,
  what: 1,
  outputLength: 2,
  inputLength: 3,
  code: 4,
  /** The place of the one number of eight bytes, in eighths: where the source is to be read. */
  readOffset: 4,
  inputAt: 64,
  /** Of the source, for one reading: as much as an archive's reader asks for at a time mostly. */
  inputBytes: 256 * 1024,
  outputAt: 64 + 256 * 1024,
  /** Of records. A megabyte makes the cost of taking turns, some 40 µs, disappear behind what decoding costs. */
  outputBytes: 1024 * 1024,

  scannersTurn: 0,
  decodersTurn: 1,

  /** The source is to be read: at `readOffset`, `inputLength` bytes at most. */
  read: 1,
  /** There is no room for more records. */
  full: 2,
  /** The program has ended, by itself with `code`, or as a record of the kind `death` says. */
  done: 3,

  /** The answer to either, in place of a length: end now. */
  stop: -1,

  /** Kinds of records: two words, kind and length, and so many bytes. */
  entry: 1,
  data: 2,
  closed: 3,
  line: 4,
  death: 5,
} as const

export type ChannelLayout = typeof channelLayout

/** A fresh channel's memory, in which it is the scan thread's turn. */
export function createChannel(): SharedArrayBuffer {
  return new SharedArrayBuffer(channelLayout.outputAt + channelLayout.outputBytes)
}
