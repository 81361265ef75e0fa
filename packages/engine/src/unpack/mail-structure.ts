/**
 * Where the parts of a mail lie (RFC 2046, section 5.1), found in one pass over its lines. Multiparts and messages in them are not nested
 * here: whatever a delimiter begins is a part, and a part ends at the next delimiter of any multipart around it, so depth costs
 * nothing and none can be hidden behind a delimiter that is missing. Nothing is decoded here.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { type Shortfall, tooManyEntries } from './container.ts'
import { isPartField, MailHeader, type PartEncoding, type PartFacts } from './mail-header.ts'
import { LineReader } from './mail-lines.ts'

/** One body that is no multipart, from `start` to `end` in the mail. */
export interface MailPart {
  readonly start: number
  readonly end: number
  readonly encoding: PartEncoding
  readonly name?: string
  /** Set for the body of a mail that has no parts: nothing is said of it as of an entry. */
  readonly isBody: boolean
  /** A text as a whole, in which mails were found that are parts of their own. */
  readonly isWhole: boolean
  /** A reader of the mail is shown it, and its links. */
  readonly isShown: boolean
  /** The encoding is not stated, and may be base64 all the same. */
  readonly isDoubtful: boolean
}

export interface MailStructure {
  readonly parts: readonly MailPart[]
  readonly shortfalls: readonly Shortfall[]
}

/** Multiparts that are open at once. ClamAV was seen to give up, without a word, at some 15. */
const OPEN_MAX = 200
const LINES_BETWEEN_CHECKS = 1024
const DASH = 0x2d

/** A header in the text of a mail, such as a returned one: what follows it is read as a mail. Told from `>From`, which is quoted. */
const embedded =
  /^(?:content-(?:type|transfer-encoding|disposition)|mime-version|from|received|message-id) ?:/i
/** The letters that such a line begins with. */
const INITIALS = new Set([...'cmfrCMFR \t'].map((letter) => letter.charCodeAt(0)))
const messageTypes = /^message\/(?:rfc822|global|news|partial)$/
const MBOX_LINE = Buffer.from('From ')

const plain: PartFacts = {
  encoding: 'identity',
  isEncodingKnown: true,
  type: '',
  boundaries: [],
  isAttached: true,
  isCut: false,
}

/** Throws the budget's errors and failed reads of the source. */
export function readMailStructure(source: ByteSource, budget: Budget): MailStructure {
  return new StructureReader(source, budget).read()
}

interface OpenPart {
  readonly start: number
  readonly facts: PartFacts
  readonly isBody: boolean
  readonly isMultipart: boolean
  /** Set for what stands behind a multipart, which has no header that was counted. */
  readonly isBehind?: boolean
}

class StructureReader {
  readonly #lines: LineReader
  readonly #budget: Budget
  readonly #parts: MailPart[] = []
  readonly #shortfalls = new Map<string, Shortfall>()
  /** Innermost last; one multipart may have several that differ in their quotes. */
  #boundaries: Buffer[] = []
  /** The header that is being read, if no body is. */
  #header: MailHeader | undefined = new MailHeader(true)
  #open: OpenPart | undefined
  /** The header that a blank line has just ended. */
  #ended: MailHeader | undefined
  /** The text in which another mail was found: it is a part as a whole too. */
  #whole: OpenPart | undefined
  /** A multipart that does not say what its delimiter is: its first line that looks like one. */
  #wantsBoundary = false
  #isFull = false

  constructor(source: ByteSource, budget: Budget) {
    this.#lines = new LineReader(source)
    this.#budget = budget
  }

  read(): MailStructure {
    const lines = this.#lines
    let isMbox: boolean | undefined
    let afterBlank = true
    for (let count = 1; !this.#isFull && lines.advance(); count += 1) {
      if (count % LINES_BETWEEN_CHECKS === 0) this.#budget.check()
      const { first } = lines
      const isMboxLine = first === MBOX_LINE[0] && startsWith(lines.bytes, MBOX_LINE, 0)
      isMbox ??= isMboxLine
      if (isMbox && isMboxLine && afterBlank && this.#header === undefined) this.#beginMail()
      else if (this.#header !== undefined || this.#ended !== undefined || isTelling(first))
        this.#takeDelimiter(lines.bytes) || this.#takeLine(lines.bytes)
      afterBlank = first === undefined
    }
    this.#endPart(lines.next)
    this.#endWhole(lines.next)
    return { parts: this.#parts, shortfalls: [...this.#shortfalls.values()] }
  }

  #takeLine(bytes: Buffer): void {
    if (this.#header !== undefined) {
      const taken = this.#header.addLine(bytes)
      if (taken === 'more') return
      const header = this.#header
      this.#endHeader(taken === 'blank' ? this.#lines.next : this.#lines.start)
      this.#ended = taken === 'blank' && this.#open?.isMultipart === false ? header : undefined
      return
    }
    const ended = this.#ended
    this.#ended = undefined
    const { encoding } = this.#open?.facts ?? plain
    const isField = couldBeField(bytes) && isPartField(bytes)
    if (isField && ended !== undefined && this.#open !== undefined) {
      // The header goes on behind a blank line.
      this.#header = ended
      this.#open = undefined
      this.#header.addLine(bytes)
    } else if (isField && encoding === 'base64') {
      // No letters of base64: a delimiter is missing.
      this.#beginHeader(bytes)
    } else if (
      couldBeField(bytes) &&
      encoding === 'identity' &&
      embedded.test(bytes.toString('latin1', 0, 64))
    ) {
      if (this.#whole === undefined) {
        this.#whole = this.#open
        this.#open = undefined
      }
      this.#beginHeader(bytes)
    }
  }

  /** What stands behind the delimiter in its line belongs to the header, where a line's end was lost. */
  #beginPart(behind: Buffer): void {
    this.#header = new MailHeader()
    if (isPartField(behind)) this.#header.addLine(behind)
  }

  #beginHeader(line: Buffer): void {
    this.#endPart(this.#lines.start)
    this.#header = new MailHeader()
    this.#header.addLine(line)
  }

  /** A mail of several in one file. Boundaries stay, as the line may stand in the text of a part. */
  #beginMail(): void {
    this.#endPart(this.#lines.start)
    this.#endWhole(this.#lines.start)
    this.#header = new MailHeader(true)
  }

  /** Whether the line was a delimiter. */
  #takeDelimiter(bytes: Buffer): boolean {
    const { start } = this.#lines
    if (this.#boundaries.length === 0 && !this.#wantsBoundary) return false
    let at = 0
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1
    if (bytes[at] !== DASH || bytes[at + 1] !== DASH) return false
    if (this.#wantsBoundary && bytes.length > at + 2) {
      this.#wantsBoundary = false
      this.#pushBoundaries([Buffer.from(bytes.subarray(at + 2, at + 2 + 512))])
    }
    const found = this.#boundaryAt(bytes, at + 2)
    if (found === -1) return false
    const { length } = this.#boundaries[found] as Buffer
    // What is open within it has ended with it.
    this.#boundaries.length = found + 1
    this.#endPart(start)
    this.#endWhole(start)
    const isLast = bytes[at + 2 + length] === DASH && bytes[at + 3 + length] === DASH
    if (isLast)
      this.#open = { start: this.#lines.next, facts: plain, isBody: false, isMultipart: true, isBehind: true }
    else this.#beginPart(bytes.subarray(at + 2 + length))
    return true
  }

  /** One that is all of the line goes before one that the line only begins with; of these the innermost. */
  #boundaryAt(bytes: Buffer, at: number): number {
    let begun = -1
    for (let index = this.#boundaries.length - 1; index >= 0; index -= 1) {
      const boundary = this.#boundaries[index] as Buffer
      if (bytes[at] !== boundary[0] || !startsWith(bytes, boundary, at)) continue
      const behind = bytes[at + boundary.length]
      if (behind === undefined || behind === DASH || behind === 0x20 || behind === 0x09) return index
      if (begun === -1) begun = index
    }
    return begun
  }

  #pushBoundaries(boundaries: readonly Buffer[]): void {
    const known = this.#boundaries.filter((one) => !boundaries.some((other) => other.equals(one)))
    this.#boundaries = [...known, ...boundaries]
    if (this.#boundaries.length <= OPEN_MAX) return
    this.#boundaries = this.#boundaries.slice(-OPEN_MAX)
    this.#tell({ reason: 'too-deep', detail: `more than ${OPEN_MAX} multiparts within one another` })
  }

  #endHeader(start: number): void {
    const facts = (this.#header as MailHeader).facts()
    this.#header = undefined
    if (facts.isCut) this.#tell({ reason: 'damaged', detail: 'a header is too long' })
    const isMultipart = facts.type.startsWith('multipart/')
    const isBody = this.#boundaries.length === 0 && !isMultipart
    this.#pushBoundaries(facts.boundaries)
    this.#wantsBoundary = isMultipart && facts.boundaries.length === 0
    this.#takeEntry()
    // A message in a mail begins with a header; one that is encoded is told from what is decoded.
    if (messageTypes.test(facts.type) && facts.encoding === 'identity') this.#header = new MailHeader()
    // What stands before the first delimiter is not encoded.
    else this.#open = { start, facts: isMultipart ? plain : facts, isBody, isMultipart }
  }

  #takeEntry(): void {
    if (this.#budget.takeEntry()) return
    this.#tell(tooManyEntries(this.#budget))
    this.#isFull = true
  }

  #endPart(end: number): void {
    if (this.#header !== undefined) this.#endHeader(end)
    this.#header = undefined
    this.#push(this.#open, end)
    this.#open = undefined
  }

  #endWhole(end: number): void {
    this.#push(this.#whole, end, true)
    this.#whole = undefined
  }

  #push(part: OpenPart | undefined, end: number, isWhole = false): void {
    if (part === undefined || end <= part.start) return
    if (part.isBehind === true) this.#takeEntry()
    const { start, facts, isBody } = part
    const { encoding, name } = facts
    const isDoubtful = !facts.isEncodingKnown
    const isText = facts.type === 'text/html' || (isBody && /^(?:text\/|$)/.test(facts.type))
    const isShown = isText && name === undefined && !facts.isAttached
    this.#parts.push({
      start,
      end,
      encoding,
      isBody,
      isWhole,
      isShown,
      isDoubtful,
      ...(name === undefined ? {} : { name }),
    })
  }

  #tell(shortfall: Shortfall): void {
    this.#shortfalls.set(shortfall.detail, shortfall)
  }
}

/** Whether a line in a body that begins with this byte may be a delimiter or a field. */
function isTelling(first: number | undefined): boolean {
  return first === DASH || (first !== undefined && INITIALS.has(first))
}

function couldBeField(line: Buffer): boolean {
  return INITIALS.has(line[0] as number)
}

function startsWith(bytes: Buffer, start: Buffer, at: number): boolean {
  return (
    bytes.length >= at + start.length && bytes.compare(start, 0, start.length, at, at + start.length) === 0
  )
}
