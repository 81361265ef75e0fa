/**
 * Where everything stands in the records that a pattern consists of, and in those that its search goes by: the part of layout.ts that is
 * most of a set. A field of several values says in which bits they stand.
 */

/** A byte pattern: whose it is, where it may begin, and its parts. Fields in words. */
export const pattern = {
  words: 4,
  /** Index of its signature, or with the bit `LOGICAL_BIT` of its logical signature. */
  owner: 0,
  /** Index into parts; they end where those of the next pattern begin. */
  firstPart: 1,
  /** See `patternTarget`, `patternSub`, `patternLimit`. */
  packed: 2,
  /** Index into places; NONE for anywhere. */
  place: 3,
} as const

export const LOGICAL_BIT = 0x80000000

/** Contents of which target: bits 0–3. */
export const patternTarget = (packed: number): number => packed & 0xf

/** By which number the expression knows it, several patterns may have one: bits 4–9. 0 without a logical signature. */
export const patternSub = (packed: number): number => (packed >>> 4) & 0x3f

/**
 * How many matches may matter to the expression, past that it need not be searched for: bits 10–30. 1 without a logical signature. More than fit
 * are as many as fit: no matcher counts so far.
 */
export const patternLimit = (packed: number): number => (packed >>> 10) & PATTERN_LIMIT_MAX

export const PATTERN_LIMIT_MAX = 0x1fffff

/** Whether it is looked for only where something else of its logical signature was found: bit 31. */
export const isLaterPattern = (packed: number): boolean => packed >>> 31 === 1

export const LATER_BIT = 0x80000000

/** Parts of such a pattern: a matcher looks for so many at once. */
export const LATER_PARTS_MAX = 1024

/** Where a pattern may begin: its distance from what the kind means, and how many bytes later it may begin too. Fields in words. */
export const place = {
  words: 3,
  /** See `offsetKinds`; never any. */
  offsetKind: 0,
  offset: 1,
  maxShift: 2,
} as const

/** A part of a pattern: what stands between two gaps. Fields in words. */
export const part = {
  words: 4,
  pattern: 0,
  /** Index into elements; they end where those of the next part begin. */
  firstElement: 1,
  /** Bytes from the part's start to the anchor it is found by: the least in bits 0–15, the most in bits 16–31. */
  prefix: 2,
  /** Index into fringes; NONE for a first part without conditions. */
  fringe: 3,
} as const

/** What stands around a part. Fields in words. */
export const fringe = {
  words: 5,
  /** Gap before the part, in bytes from the end of the one before; NONE as a maximum means any. 0 and NONE for a first part. */
  gapMin: 0,
  gapMax: 1,
  /** Zero-width conditions, `edges` bits. */
  edges: 2,
  /** A byte near the part's start, or end: value, mask, least and most distance, 8 bits each from bit 0; NONE without. */
  nearStart: 3,
  nearEnd: 4,
} as const

/** Bits of `fringe.edges`. */
export const edges = {
  startWord: 1,
  startWordNot: 2,
  startLine: 4,
  startLineNot: 8,
  startNonAlnum: 16,
  startNonAlnumNot: 32,
  endWord: 64,
  endWordNot: 128,
  endLine: 256,
  endLineNot: 512,
  endNonAlnum: 1024,
  endNonAlnumNot: 2048,
  startWideNonAlnum: 4096,
  endWideNonAlnum: 8192,
} as const

/** One step of a part. Fields in words. */
export const element = {
  words: 2,
  /** Offset into the section `bytes`. */
  data: 0,
  /** See `elementKind`, `elementLength`, `elementCount`. */
  packed: 1,
} as const

/** Bits 0–3: see `elementKinds`. */
export const elementKind = (packed: number): number => packed & 0xf

/** Bits 4–18. */
export const elementLength = (packed: number): number => (packed >>> 4) & 0x7fff

/** Bits 19–31. */
export const elementCount = (packed: number): number => packed >>> 19

export const ELEMENT_COUNT_MAX = 0x1fff

export const elementKinds = {
  /** `length` bytes at `data`, exactly; count is 0. */
  literal: 0,
  /** `length` values at `data`, then `length` masks; count is 0. */
  masked: 1,
  /** One of `count` strings of `length` bytes each at `data`. */
  oneOf: 2,
  /** `length` bytes that are none of the `count` strings of that length at `data`. */
  noneOf: 3,
  /** One of `count` alternatives at `data`: each a length (u16), its values, its masks. length is 0. */
  branch: 4,
  /** A byte that ends or begins a word, `(B)`; its opposite. data, length and count are 0, here and below. */
  word: 5,
  notWord: 6,
  /** LF or CRLF, `(L)`; any byte that begins neither. */
  line: 7,
  notLine: 8,
  /** A byte that is no ASCII letter or digit, `(W)`; its opposite. */
  nonAlnum: 9,
  notNonAlnum: 10,
  /** `length` bytes at `data`, ASCII letters in either case and stored in lower case; count is 0. */
  folded: 11,
} as const

/** How far from its anchor any part of the set can begin, and end: one record. Fields in words. */
export const reach = { words: 2, back: 0, ahead: 1 } as const

/**
 * One class of anchors that contents of a target are searched for. A content is searched by the filters of its target, or by those
 * of target 0 when it has none. Patterns that are looked for later have no anchors here. Fields in words.
 */
export const filter = {
  words: 4,
  target: 0,
  /** By how many bytes its anchors are known: 8, 4, 3 or 2. */
  anchorBytes: 1,
  /** Where in the section `filterBits` its bitmap begins, and the logarithm of the number of its bytes, without the padding behind them. */
  bits: 2,
  bytesLog: 3,
} as const

/**
 * By how many bytes anchors are known, the cheapest search first: 8 by a sample of every 4th place, 4 of every 2nd, and at every byte
 * where a part has no more than 3 or 2 fixed bytes in a row.
 */
export const anchorSizes = [8, 4, 3, 2] as const

/**
 * An anchor: what tells it from others in its bucket, the part it stands in, and four more bytes of its fixed run. Fields in words.
 */
export const anchor = {
  words: 3,
  tag: 0,
  /** The part's index in bits 0–20, its target in bits 21–24; in bits 25–31, signed, from the anchor's first byte to the witness. */
  place: 1,
  /** Four bytes, with the case bit set, so never 0; 0 where the fixed run has fewer. */
  witness: 2,
} as const

/** Parts of a set: an anchor has 21 bits for one. */
export const PARTS_MAX = 0x1fffff
