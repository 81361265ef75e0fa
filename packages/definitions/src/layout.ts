/**
 * Where everything stands in a definitions file: every offset and every field's place stands here once, for the compiler,
 * the reader and the matcher. Described byte by byte in docs/formats/definitions.md; change both, and LAYOUT_VERSION,
 * together. All numbers are little-endian u32 words unless said otherwise; every section begins at a multiple of 8.
 *
 * What a matcher asks for every content stands first and lies in memory: the header and the *resident* sections. What only
 * a hit needs, names and the hashes themselves, stands behind it in the *stored* sections, which are read piece by piece.
 */

export * from './pattern-layout.ts'

/** The first 8 bytes, ASCII. */
export const MAGIC = 'CRWDDEFS'

/** A reader takes exactly one layout; there is nothing to convert, since sets are compiled anew every day. */
export const LAYOUT_VERSION = 8

/**
 * Each byte of the sections `bytes` and `ruleTexts` is stored XORed with this, so that no pattern stands in the file as it stands in malware: a
 * copy of a set in a backup would be detected otherwise, by this engine and by every other. It hides nothing.
 */
export const POOL_MASK = 0xa5

/** The fixed header, in byte offsets. Texts are UTF-8, padded with zeros. */
export const header = {
  magic: 0,
  layoutVersion: 8,
  fileLength: 12,
  version: 16,
  versionBytes: 64,
  createdAt: 80,
  createdAtBytes: 32,
  /** SHA-256 over the header and the resident sections with these 32 bytes left out. `chunks` has those of all the rest. */
  digest: 112,
  digestBytes: 32,
  /** Bytes of the header and the resident sections: the stored ones begin here. */
  residentLength: 144,
  /** One entry for each section, in the order of `sectionNames`: byte offset, number of records. */
  sectionTable: 152,
  sectionEntryBytes: 8,
} as const

/** The tables of hashes, and what each holds: of whole files, of sections of PE files, of their lists of imports. */
export const hashTables = {
  fileMd5: 'md5',
  fileSha1: 'sha1',
  fileSha256: 'sha256',
  sectionMd5: 'md5',
  sectionSha1: 'sha1',
  sectionSha256: 'sha256',
  importMd5: 'md5',
} as const
export type HashTableName = keyof typeof hashTables
export const hashTableNames = Object.keys(hashTables) as HashTableName[]

export const hashBytes = { md5: 16, sha1: 20, sha256: 32 } as const
export type HashAlgorithm = keyof typeof hashBytes
export const hashAlgorithms = Object.keys(hashBytes) as HashAlgorithm[]

/** Entry of a hash table: the hash's own bytes, then these two words. Sorted by hash, then by size, then by signature. */
export const hashEntry = { sizeWord: 0, signatureWord: 1, tailBytes: 8 } as const

/** A listed address: SHA-256 of its host and path, then a word, the index of its list. Sorted by all of its bytes. In bytes. */
export const address = { bytes: 36, hashBytes: 32 } as const

/** Sections in their order in the file, with the bytes of one record of each. */
const residentSections = {
  patterns: 16,
  places: 12,
  parts: 16,
  fringes: 20,
  elements: 8,
  reach: 8,
  logicals: 44,
  operations: 16,
  conditions: 44,
  triggers: 16,
  rules: 24,
  bytes: 1,
  filters: 16,
  filterBits: 1,
  confirmBits: 1,
  anchorStarts: 4,
  anchors: 12,
  /** SHA-256 of each `CHUNK_BYTES` of what is stored; the last one may be shorter. */
  chunks: 32,
  fileMd5Directory: 4,
  fileSha1Directory: 4,
  fileSha256Directory: 4,
  sectionMd5Directory: 4,
  sectionSha1Directory: 4,
  sectionSha256Directory: 4,
  importMd5Directory: 4,
  fileMd5Filter: 64,
  fileSha1Filter: 64,
  fileSha256Filter: 64,
  sectionMd5Filter: 64,
  sectionSha1Filter: 64,
  sectionSha256Filter: 64,
  importMd5Filter: 64,
  fileMd5Sizes: 4,
  fileSha1Sizes: 4,
  fileSha256Sizes: 4,
  sectionMd5Sizes: 4,
  sectionSha1Sizes: 4,
  sectionSha256Sizes: 4,
  importMd5Sizes: 4,
  /** Text each: what containers say of the entries that are looked for, what logical signatures ask beside patterns, how types are told. */
  entryRules: 1,
  circumstances: 1,
  typeRules: 1,
  certificates: 60,
  /** Text: which links in mails are asked about, and which are permitted. */
  linkRules: 1,
  /** Addresses that are listed by their hash. */
  addresses: 36,
  /** Text: what icons look like that logical signatures ask for. */
  icons: 1,
} as const

const storedSections = {
  signatures: 8,
  stems: 16,
  texts: 8,
  fileMd5: hashBytes.md5 + hashEntry.tailBytes,
  fileSha1: hashBytes.sha1 + hashEntry.tailBytes,
  fileSha256: hashBytes.sha256 + hashEntry.tailBytes,
  sectionMd5: hashBytes.md5 + hashEntry.tailBytes,
  sectionSha1: hashBytes.sha1 + hashEntry.tailBytes,
  sectionSha256: hashBytes.sha256 + hashEntry.tailBytes,
  importMd5: hashBytes.md5 + hashEntry.tailBytes,
  ruleTexts: 1,
  certificateKeys: 1,
  strings: 1,
} as const

export const sections = { ...residentSections, ...storedSections } as const

export type ResidentSectionName = keyof typeof residentSections
export type StoredSectionName = keyof typeof storedSections
export type SectionName = keyof typeof sections

const residentSectionNames = Object.keys(residentSections) as ResidentSectionName[]
export const storedSectionNames = Object.keys(storedSections) as StoredSectionName[]
export const sectionNames: readonly SectionName[] = [...residentSectionNames, ...storedSectionNames]

export const HEADER_BYTES = header.sectionTable + sectionNames.length * header.sectionEntryBytes

/** What is read and checked of the stored sections at a time: little to hash for one answer, and few hashes to keep. */
export const CHUNK_BYTES = 16 * 1024

/**
 * A signature: what a hit is called. Most names end in a number and share what stands before it with thousands of others.
 * Fields in words.
 */
export const signature = {
  words: 2,
  /** Index into stems. */
  stem: 0,
  /** The name is the stem's with this number in it; NONE when it is the stem's alone. */
  serial: 1,
} as const

/** What signatures share whose names differ only in their number. Fields in words. */
export const stem = {
  words: 4,
  nameOffset: 0,
  /** Name's length (bits 0–7), how much of it stands before the number (8–15), kind (16–23, `signatureKinds`), severity (24–31, `severities`). */
  packed: 1,
  /** Index into texts. */
  category: 2,
  /** Index into texts, NONE when there is no description. */
  description: 3,
} as const

export const NONE = 0xffffffff

/** `allow…` are hashes of contents that are never detected (ClamAV .fp and .sfp). */
export const signatureKinds = ['pattern', 'hash', 'allow', 'logical', 'entry', 'rule', 'certificate'] as const
export type SignatureKind = (typeof signatureKinds)[number]

export const severities = ['low', 'moderate', 'high', 'severe'] as const
export type Severity = (typeof severities)[number]

/** A logical signature: its patterns, its conditions and its expression. Fields in words. */
export const logical = {
  words: 11,
  signature: 0,
  target: 1,
  firstPattern: 2,
  patternCount: 3,
  /** In postfix order. */
  firstOperation: 4,
  operationCount: 5,
  /** Least and most bytes of the content; NONE as a maximum means any. */
  sizeMin: 6,
  sizeMax: 7,
  /** Its sub-signatures that are no patterns, by their numbers. */
  firstCondition: 8,
  conditionCount: 9,
  /** Which line of the section `circumstances` must be so; NONE for none. */
  circumstances: 10,
} as const

/** A sub-signature that is no pattern, looked at when the content has been searched. Fields in words. */
export const condition = {
  words: 11,
  /** Index into `conditionKinds`. */
  kind: 0,
  logical: 1,
  sub: 2,
  /** As in patterns. */
  limit: 3,
  /** What it consists of: offset into `bytes`, and how many; of an image the hash. */
  data: 4,
  length: 5,
  /** regex: where it may begin, as in patterns. bytes: how far from the match, and how many bytes; offsetKind is 0. image: all 0. */
  offsetKind: 6,
  offset: 7,
  maxShift: 8,
  /** regex: PCRE2's options, and the bits of `regexFlags`. bytes: see `byteOptions`. image: 0. */
  options: 9,
  /** Steps of the expression in `triggers` that must hold first, following on the condition before. image: 0, it waits for nothing. */
  triggerCount: 10,
} as const

export const conditionKinds = ['regex', 'bytes', 'image'] as const

/** Bytes of a fuzzy hash of an image. */
export const IMAGE_HASH_BYTES = 8

/** A comparison of bytes: the sub-signature near which they are in bits 0–7, `numberKinds` in bits 8–9, and these bits. */
export const byteOptions = { little: 0x400, exact: 0x800, before: 0x1000 } as const
export const numberKinds = ['hex', 'decimal', 'auto', 'raw'] as const
export type NumberKind = (typeof numberKinds)[number]

/** What bytes are compared with: index into `relations`, and 64 bits with a sign, lower word first. Fields in words. */
export const byteBound = { words: 3, relation: 0, low: 1, high: 2 } as const

/** ClamAV's own flags of a regular expression: bits that no option of PCRE2's that we use has. */
export const regexFlags = { global: 1, rolling: 2, encompass: 4 } as const

/** One step of an expression, in `operations` or in `triggers`: puts an outcome on a stack, or replaces the one or two on top of it. Fields in words. */
export const operation = {
  words: 4,
  /** Index into `operationKinds`. */
  kind: 0,
  /** count: which sub-signature. group: how many distinct sub-signatures at least. 0 otherwise. */
  operand: 1,
  /** Index into `relations`, and the number on its right; both 0 for and, or. */
  relation: 2,
  bound: 3,
} as const

/** A sub-signature's matches compared; both of two outcomes; one of them; the matches behind an outcome compared. */
export const operationKinds = ['count', 'and', 'or', 'group'] as const

export const relations = ['equal', 'more', 'less'] as const
export type Relation = (typeof relations)[number]

/** ClamAV's limit. */
export const SUBSIGNATURES_MAX = 64

/** Steps of one expression: ours, so that an evaluator's stack is bounded. */
export const OPERATIONS_MAX = 4096

/** Bounds and limits: sums of 4,096 of them stay exact. */
export const BOUND_MAX = 0x7fffffff

/** Anywhere; `offset` bytes from the start; `offset` bytes before the end. Each up to `maxShift` later. */
export const offsetKinds = {
  any: 0,
  start: 1,
  end: 2,
  /** `offset` bytes after, or before, a program's entry point. */
  entryAfter: 3,
  entryBefore: 4,
  /** `offset` bytes into a section, whose number stands in the word's bits 8–31; anywhere in it; into the last one. */
  section: 5,
  wholeSection: 6,
  lastSection: 7,
  /** A string of a program's version information; each part of a pattern begins at one. */
  versionInfo: 8,
} as const

export const HIGHEST_TARGET = 12

/** A hash entry's size when any size will do. */
export const ANY_SIZE = 0xffffffff

/** Longest part, in bytes it can match: it bounds how far a matcher must look beyond its window. */
export const PART_MAX_BYTES = 16 * 1024

/** Farthest a `[x-y]` byte may stand: ClamAV's AC_CH_MAXDIST. */
export const NEAR_MAX_DISTANCE = 32
