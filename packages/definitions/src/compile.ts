/**
 * Signature texts → one definitions file. The flow: parse every file, leave out ignored names, judge and encode what is
 * left in the order it was given, join the sections, seal. The same input gives the same bytes, on every machine.
 */
import { createHash } from 'node:crypto'
import { DefinitionsError } from './definitions-error.ts'
import { type Descriptions, describe } from './description.ts'
import { encodeHashes, type PlacedHash } from './hash-encoder.ts'
import { joinSections, masked } from './join-sections.ts'
import {
  type HashAlgorithm,
  hashAlgorithms,
  NONE,
  type SectionName,
  severities,
  signatureKinds,
} from './layout.ts'
import { createLogicalEncoder } from './logical-encoder.ts'
import { Refusal } from './parse/pattern.ts'
import {
  type ParsedLine,
  parseSignatureFile,
  type RefusedLine,
  type SignatureFile,
} from './parse/signature-file.ts'
import { createPatternEncoder, planPattern, refuseTooGeneral } from './pattern-encoder.ts'
import { createBytePool, createWordBuffer } from './record-buffer.ts'

export interface CompileInput {
  /** The set's version: 1 to 64 visible ASCII characters. Compared for equality only. */
  readonly version: string
  /** RFC 3339 in UTC. */
  readonly createdAt: string
  /** ClamAV texts; the format is told by the name's ending: hdb, hsb, ndb, ldb, fp, sfp, ign2. */
  readonly files: readonly SignatureFile[]
  readonly descriptions?: Descriptions
}

/** What came of the texts. */
export interface CompileSummary {
  readonly version: string
  readonly createdAt: string
  /** SHA-256 of the whole file, lower-case hexadecimal. */
  readonly sha256: string
  readonly bytes: number
  /** Signatures in the set, by format (the file names' endings). */
  readonly counts: Readonly<Record<string, number>>
  /** Lines for other ClamAV functionality levels than this engine's. */
  readonly skipped: number
  /** Signatures left out because an .ign2 file names them. */
  readonly ignored: number
  readonly refused: readonly RefusedLine[]
}

/**
 * Compiles. Malformed and unusable lines are refused one by one, in the summary; only a bad version, date or description
 * fails the whole (DefinitionsError `bad-input`).
 */
export function compileDefinitions(input: CompileInput): { bytes: Uint8Array; summary: CompileSummary } {
  checkInput(input)
  const parsed = input.files.map((file) => ({ file, ...parseSignatureFile(file) }))
  const isIgnored = ignoredBy(parsed.flatMap(({ lines }) => lines))
  const set = createSet(input.descriptions ?? {})
  const refused: RefusedLine[] = []
  const counts: Record<string, number> = {}
  let ignored = 0
  for (const { file, lines, refused: malformed } of parsed) {
    const unusable: RefusedLine[] = []
    const format = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
    for (const line of lines) {
      if (line.kind === 'ignore') continue
      if (isIgnored(line)) {
        ignored += 1
        continue
      }
      try {
        set.add(line)
        counts[format] = (counts[format] ?? 0) + 1
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        unusable.push({ file: file.name, line: line.source.number, reason: error.message })
      }
    }
    refused.push(...[...malformed, ...unusable].sort((a, b) => a.line - b.line))
  }
  const bytes = joinSections(input.version, input.createdAt, set.sections())
  const { version, createdAt } = input
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const skipped = parsed.reduce((sum, file) => sum + file.skipped, 0)
  return {
    bytes,
    summary: { version, createdAt, sha256, bytes: bytes.length, counts, skipped, ignored, refused },
  }
}

function checkInput({ version, createdAt }: CompileInput): void {
  if (!/^[\x21-\x7e]{1,64}$/.test(version)) {
    throw new DefinitionsError(
      'bad-input',
      `The version "${version}" is not 1 to 64 visible ASCII characters.`,
    )
  }
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(createdAt) ||
    Number.isNaN(Date.parse(createdAt))
  ) {
    throw new DefinitionsError(
      'bad-input',
      `"${createdAt}" is not a time in UTC such as 2026-11-24T00:00:00Z.`,
    )
  }
}

function ignoredBy(lines: readonly ParsedLine[]): (line: ParsedLine) => boolean {
  const byName = new Map<string, (string | undefined)[]>()
  for (const line of lines) {
    if (line.kind === 'ignore') byName.set(line.name, [...(byName.get(line.name) ?? []), line.lineMd5])
  }
  return ({ name, source }) => {
    const wanted = byName.get(name)
    if (wanted === undefined) return false
    const md5 = createHash('md5').update(source.text).digest('hex')
    return wanted.some((lineMd5) => lineMd5 === undefined || lineMd5 === md5)
  }
}

type Detecting = Exclude<ParsedLine, { kind: 'ignore' }>

/** The set as it grows, signature by signature. */
function createSet(descriptions: Descriptions): {
  add(line: Detecting): void
  sections(): Record<SectionName, Uint8Array>
} {
  const signatures = createWordBuffer()
  const texts = createWordBuffer()
  const strings = createBytePool()
  const patterns = createPatternEncoder()
  const logicals = createLogicalEncoder(patterns)
  const textIndexes = new Map<string, number>()
  const hashes: { readonly [Name in HashAlgorithm]: PlacedHash[] } = { md5: [], sha1: [], sha256: [] }
  let count = 0

  function text(value: string): number {
    const known = textIndexes.get(value)
    if (known !== undefined) return known
    const encoded = Buffer.from(value)
    texts.push(strings.place(encoded), encoded.length)
    textIndexes.set(value, textIndexes.size)
    return textIndexes.size - 1
  }

  /** Judges a line, and answers with what writes it. Throws Refusal, and then nothing is written. */
  function encoderOf(line: Detecting): (signature: number) => void {
    if (line.kind === 'logical') {
      const plans = line.patterns.map(planPattern)
      return (signature) => logicals.add(line, plans, signature)
    }
    if (line.kind === 'pattern') {
      refuseTooGeneral(line)
      const plan = planPattern(line)
      return (signature) => patterns.add(line, plan, { signature })
    }
    return (signature) => hashes[line.algorithm].push({ ...line, signature })
  }

  return {
    add(line) {
      const encode = encoderOf(line)
      const { severity, category, description } = describe(line.name, descriptions)
      const name = Buffer.from(line.name)
      const packed =
        name.length | (signatureKinds.indexOf(line.kind) << 16) | (severities.indexOf(severity) << 24)
      signatures.push(strings.place(name), packed)
      signatures.push(text(category), description === undefined ? NONE : text(description))
      encode(count)
      count += 1
    },
    sections() {
      const [md5, sha1, sha256] = hashAlgorithms.map((name) => encodeHashes(name, hashes[name])) as [
        ReturnType<typeof encodeHashes>,
        ReturnType<typeof encodeHashes>,
        ReturnType<typeof encodeHashes>,
      ]
      return {
        signatures: signatures.bytes(),
        patterns: patterns.patterns.bytes(),
        parts: patterns.parts.bytes(),
        elements: patterns.elements.bytes(),
        logicals: logicals.logicals.bytes(),
        operations: logicals.operations.bytes(),
        texts: texts.bytes(),
        md5: md5.table,
        sha1: sha1.table,
        sha256: sha256.table,
        md5Sizes: md5.sizes,
        sha1Sizes: sha1.sizes,
        sha256Sizes: sha256.sizes,
        bytes: masked(patterns.pool.bytes()),
        strings: strings.bytes(),
      }
    },
  }
}
