/**
 * The path of one content: identify, match, open it if it is a container, and the same for each part inside. Everything
 * found goes to the findings under the part's inner path; limits end a branch, never the whole.
 */
import type { Definitions, Signature } from '@coreward/definitions'
import type { Budget } from './budget.ts'
import type { ByteSource } from './byte-source.ts'
import { type EntryFacts, matchEntry } from './entry-match.ts'
import { type FileType, IDENTIFY_BYTES, identifyFileType } from './file-type.ts'
import type { Findings } from './findings.ts'
import { joinInnerPath } from './inner-path.ts'
import type { Matcher, MatchOptions } from './match/matcher.ts'
import { normalisedForms } from './normalise/forms.ts'
import { readExecutable } from './structure/read-executable.ts'
import type { Unpack } from './unpack/container.ts'
import { unopenedContainers, unpackers } from './unpack/unpackers.ts'
import { unpackZip } from './unpack/zip.ts'
import { findZip } from './unpack/zip-end.ts'

const ANY_TARGET = 0
const HTML_TARGET = 3
const TEXT_TARGET = 7

/** Definitions ready for use in this thread. */
export interface LoadedDefinitions {
  readonly definitions: Definitions
  readonly matcher: Matcher
}

/** What stays the same for all contents of one file. */
export interface ContentScan {
  readonly loaded: LoadedDefinitions
  readonly budget: Budget
  readonly findings: Findings
}

/** A content's place: no inner path for the file itself. `cut` when the content is known to be only a beginning. */
export interface ContentPlace {
  readonly innerPath?: string
  readonly depth: number
  readonly cut: boolean
}

/** Names a content's type from its beginning. */
export function contentType(source: ByteSource): FileType {
  return identifyFileType(source.read(0, Math.min(IDENTIFY_BYTES, source.size)))
}

/**
 * Scans one content and all parts inside it. Throws the budget's errors and failed reads; what was found until then is
 * in the findings.
 */
export async function scanContent(source: ByteSource, place: ContentPlace, scan: ContentScan): Promise<void> {
  scan.budget.check()
  if (source.size === 0) return
  const type = contentType(source)
  if (!matchContent(source, type, place, scan)) return
  if (unopenedContainers.has(type.name)) {
    scan.findings.addUnscanned('unsupported', place.innerPath, `${type.name} is not unpacked yet`)
  }
  for (const unpack of unpackersFor(source, type)) {
    const { maxDepth } = scan.budget.limits
    if (place.depth >= maxDepth) {
      scan.findings.addUnscanned('too-deep', place.innerPath, `the limit is ${maxDepth} containers`)
      return
    }
    await scanParts(unpack, source, place, scan)
  }
}

/** A zip may hang behind any file; behind a tar it is only the last entry's content, which comes up there. */
function unpackersFor(source: ByteSource, type: FileType): readonly Unpack[] {
  const unpack = unpackers[type.name]
  if (type.name === 'zip' || type.name === 'tar' || findZip(source) === undefined) {
    return unpack === undefined ? [] : [unpack]
  }
  return unpack === undefined ? [unpackZip] : [unpack, unpackZip]
}

async function scanParts(
  unpack: Unpack,
  source: ByteSource,
  place: ContentPlace,
  scan: ContentScan,
): Promise<void> {
  for await (const part of unpack(source, scan.budget)) {
    const innerPath = part.label === undefined ? place.innerPath : joinInnerPath(place.innerPath, part.label)
    const shortfall = part.kind === 'empty' ? undefined : part.shortfall
    if (shortfall !== undefined && !(place.cut && shortfall.reason === 'damaged')) {
      // A container known to be cut is damaged of course; its cut has been listed, with the true reason.
      scan.findings.addUnscanned(shortfall.reason, innerPath, shortfall.detail)
    }
    if (part.entry !== undefined) findEntry(part.entry, innerPath, scan)
    if (part.kind !== 'content') continue
    const inner = { depth: place.depth + 1, cut: shortfall !== undefined }
    await scanContent(part.content, innerPath === undefined ? inner : { ...inner, innerPath }, scan)
  }
}

/** Looks for what the container says of an entry. */
function findEntry(entry: EntryFacts, innerPath: string | undefined, scan: ContentScan): void {
  const { definitions } = scan.loaded
  for (const id of matchEntry(definitions, entry)) addDetection(definitions.signature(id), innerPath, scan)
}

function addDetection(
  {
    name,
    severity,
    category,
    description,
  }: Pick<Signature, 'name' | 'severity' | 'category' | 'description'>,
  innerPath: string | undefined,
  scan: ContentScan,
): void {
  scan.findings.addDetection({
    signature: name,
    severity,
    category,
    ...(description === undefined ? {} : { description }),
    ...(innerPath === undefined ? {} : { innerPath }),
  })
}

/**
 * Matches the content's own bytes and its normalised forms; false when a hash in the set allows the content, and thereby
 * all that is in it. A form is a part of the same content, without an inner path; one that is allowed has no detections.
 */
function matchContent(source: ByteSource, type: FileType, place: ContentPlace, scan: ContentScan): boolean {
  const { check } = scan.budget
  const structure = () => readExecutable(source, type.name)
  // Signatures for text and HTML are for the forms alone.
  const target = type.target === HTML_TARGET || type.target === TEXT_TARGET ? ANY_TARGET : type.target
  if (!matchBytes(source, { target, check, structure }, place, scan)) return false
  if (!scan.loaded.matcher.matchesForms) return true
  for (const { content, target, isHashed } of normalisedForms(source, type.name, check)) {
    if (content.size > 0) matchBytes(content, { target, check, isHashed }, place, scan)
  }
  return true
}

/** Matches some bytes; false when a hash allows them. */
function matchBytes(
  bytes: ByteSource,
  options: MatchOptions,
  place: ContentPlace,
  scan: ContentScan,
): boolean {
  const { hits, budgetExceeded, allowed } = scan.loaded.matcher.match(bytes, options)
  for (const hit of hits) addDetection(hit, place.innerPath, scan)
  if (budgetExceeded)
    scan.findings.addUnscanned('budget-exceeded', place.innerPath, 'matching took too many steps')
  return !allowed
}
