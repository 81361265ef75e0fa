/**
 * The path of one content: identify, match, open it if it is a container, and the same for each part inside. Everything
 * found goes to the findings under the part's inner path; limits end a branch, never the whole.
 */
import type { Definitions, HandlerType } from '@coreward/definitions'
import { type Alert, type Alerts, alertDetection } from './alerts/alerts.ts'
import { alertsOfContent, alertsOfPart } from './alerts/content-alerts.ts'
import { judgeProgram } from './authenticode/judge-program.ts'
import type { Budget } from './budget.ts'
import type { ByteSource } from './byte-source.ts'
import { unpackersFor } from './choose-unpackers.ts'
import { clamavTypeOf, typeOfHandler } from './clamav-type.ts'
import type { ContentList } from './content-list.ts'
import { typeAt } from './content-type.ts'
import type { Decoders } from './decoders/decoders.ts'
import { type EmbeddedSearch, searchEmbedded } from './embedded-search.ts'
import { type EntryFacts, matchEntry } from './entry-match.ts'
import type { FileType, FileTypeName } from './file-type.ts'
import { detectionOf, type Findings, type Named } from './findings.ts'
import { contentImage } from './images/content-image.ts'
import type { ImageHasher } from './images/image-hasher.ts'
import { joinInnerPath } from './inner-path.ts'
import type { LinkJudge } from './links/link-judge.ts'
import type { Matcher, MatchOptions, MatchResult } from './match/matcher.ts'
import { HTML_TARGET, normalisedForms, TEXT_TARGET, targetOfBytes } from './normalise/forms.ts'
import type { RuleJudge } from './rules/rule-judge.ts'
import { readExecutable } from './structure/read-executable.ts'
import type { SurfaceAccount } from './surface.ts'
import type { Unpack } from './unpack/container.ts'
import { LongContentError } from './unpack/long-content.ts'
import { sliceSource } from './unpack/slice-source.ts'

/** Definitions ready for use in this thread. */
export interface LoadedDefinitions {
  readonly definitions: Definitions
  readonly matcher: Matcher
  /** Undefined when the set has no rules. */
  readonly rules: RuleJudge | undefined
  readonly images: ImageHasher
  readonly decoders: Decoders
  /** Undefined when the set says nothing of links in mails. */
  readonly links: LinkJudge | undefined
}

/** What stays the same for all contents of one file. */
export interface ContentScan {
  readonly loaded: LoadedDefinitions
  readonly budget: Budget
  readonly findings: Findings
  /** What is to be told as a detection though no signature makes it. */
  readonly alerts: Alerts
  /** Gathers the contents met, if somebody wants them listed. */
  readonly contents: ContentList | undefined
  readonly surface: SurfaceAccount
  /** Whether contents are matched in their normalised forms too. */
  readonly normalises: boolean
  /** Passwords to try on encrypted archives. */
  readonly passwords: readonly string[]
}

/** A content's place: no inner path for the file itself. `cut` when the content is known to be only a beginning. */
export interface ContentPlace {
  readonly innerPath?: string
  readonly depth: number
  readonly cut: boolean
  /** ClamAV's types of the containers around it, the outermost first. */
  readonly containers: readonly string[]
  /** Set when a signature wanted the content scanned as this. */
  readonly handler?: HandlerType
  /** Set when the mails in it have been found: it is no mail itself. */
  readonly isRead?: boolean
  /** What it is, where its container says so. */
  readonly type?: FileType
  /** Set when the archives and programs in it have been found. */
  readonly isSearched?: boolean
  /** How many programs around it have unpacked themselves; none when absent. */
  readonly packings?: number
}

/**
 * Scans one content and all parts inside it. Throws the budget's errors and failed reads; what was found until then is
 * in the findings.
 */
export async function scanContent(source: ByteSource, place: ContentPlace, scan: ContentScan): Promise<void> {
  scan.budget.check()
  if (source.size === 0) return
  const type =
    (place.handler && typeOfHandler(place.handler)) ?? typeAt(source, place, scan.loaded.definitions)
  if (place.handler === undefined) scan.contents?.add(source, clamavTypeOf(type, source), place)
  const signers =
    type.name === 'pe'
      ? judgeProgram(source, scan.loaded.definitions.certificates, scan.budget.check)
      : undefined
  if (signers?.trustedBut !== undefined) {
    // Signatures that are added later must not be tried on it by themselves.
    scan.surface.add('handled')
    await scanUnsigned(source, signers.trustedBut, type, place, scan)
    return
  }
  const embedded = searchEmbedded(source, type, place.isSearched === true || place.handler !== undefined)
  const { allowed, handler } = await matchContent(source, type, place, embedded, scan)
  if (allowed) return
  for (const id of signers?.blocked ?? [])
    addDetection(scan.loaded.definitions.signature(id), place.innerPath, scan)
  if (signers?.shortfall !== undefined)
    scan.findings.addUnscanned('budget-exceeded', place.innerPath, `its certificates: ${signers.shortfall}`)
  if (place.handler === undefined)
    tell(alertsOfContent(source, type.name, scan.alerts), place.innerPath, scan)
  if (handler !== undefined) {
    scan.surface.add('handled')
    await scanAsHandled(source, handler, type, place, scan)
  }
  const { contents, isCut } = embedded.found(scan.budget.check)
  if (isCut)
    scan.findings.addUnscanned('budget-exceeded', place.innerPath, 'too much looks like an archive in it')
  const { definitions } = scan.loaded
  const around = { ...place, embedded: contents }
  const chosen = unpackersFor(source, type, around, definitions, scan.budget.check)
  for (const { kind, unpack, containers } of chosen) {
    if (isTooDeep(place, scan)) return
    await scanParts(kind, unpack, source, { ...place, containers }, scan)
  }
}

/**
 * Scans what a trusted signature says nothing about: the table that it stands in, which could hold anything beside it. All else is
 * trusted as it stands, and so is all that is in it; as in ClamAV not even a hash finds it.
 */
async function scanUnsigned(
  source: ByteSource,
  { offset, size }: { readonly offset: number; readonly size: number },
  type: FileType,
  place: ContentPlace,
  scan: ContentScan,
): Promise<void> {
  if (isTooDeep(place, scan)) return
  const { handler: _, ...around } = place
  const containers = [...place.containers, clamavTypeOf(type, source)]
  await scanContent(
    sliceSource(source, offset, size),
    { ...around, depth: place.depth + 1, containers },
    scan,
  )
}

function isTooDeep(place: ContentPlace, { budget, findings }: ContentScan): boolean {
  const { maxDepth } = budget.limits
  if (place.depth < maxDepth) return false
  findings.addUnscanned('too-deep', place.innerPath, `the limit is ${maxDepth} containers`)
  return true
}

/** Scans a content as another type. As in ClamAV it then lies in itself. */
async function scanAsHandled(
  source: ByteSource,
  handler: HandlerType,
  type: FileType,
  place: ContentPlace,
  scan: ContentScan,
): Promise<void> {
  if (isTooDeep(place, scan)) return
  const containers = [...place.containers, clamavTypeOf(type, source)]
  await scanContent(source, { ...place, depth: place.depth + 1, containers, handler }, scan)
}

/** Scans what comes out of a container, which is the last of the place's. */
async function scanParts(
  kind: FileTypeName,
  unpack: Unpack,
  source: ByteSource,
  place: ContentPlace,
  scan: ContentScan,
): Promise<void> {
  const means = { decoders: scan.loaded.decoders, passwords: scan.passwords }
  for await (const part of unpack(source, scan.budget, means)) {
    const innerPath = part.label === undefined ? place.innerPath : joinInnerPath(place.innerPath, part.label)
    const shortfall = part.kind === 'empty' ? undefined : part.shortfall
    if (shortfall !== undefined && !(place.cut && shortfall.reason === 'damaged')) {
      // A container known to be cut is damaged of course; its cut has been listed, with the true reason.
      scan.findings.addUnscanned(shortfall.reason, innerPath, shortfall.detail)
    }
    tell(alertsOfPart(part, kind, scan.alerts), innerPath, scan)
    if (part.entry !== undefined) findEntry(part.entry, innerPath, scan)
    if (part.kind !== 'content') continue
    if (part.isShown === true) judgeLinks(part.content, innerPath, scan)
    const { isRead = false, isSearched = false, isUnpacked = false } = part
    const inner = {
      isRead,
      ...(part.type === undefined ? {} : { type: part.type }),
      isSearched,
      packings: (place.packings ?? 0) + (isUnpacked ? 1 : 0),
      depth: place.depth + 1,
      cut: shortfall !== undefined,
      containers: place.containers,
    }
    try {
      await scanContent(part.content, innerPath === undefined ? inner : { ...inner, innerPath }, scan)
    } catch (error) {
      if (!(error instanceof LongContentError)) throw error
      scan.findings.addUnscanned(error.shortfall.reason, innerPath, error.shortfall.detail)
    }
  }
}

/** Looks at the links of a mail's part. */
function judgeLinks(content: ByteSource, innerPath: string | undefined, scan: ContentScan): void {
  if (scan.loaded.links === undefined) return
  const { found, isCut } = scan.loaded.links.judge(content, scan.alerts, scan.budget.check)
  tell(found, innerPath, scan)
  if (isCut) scan.findings.addUnscanned('budget-exceeded', innerPath, 'it has more links than are looked at')
}

function tell(alerts: readonly Alert[], innerPath: string | undefined, scan: ContentScan): void {
  for (const alert of alerts) scan.findings.addDetection(alertDetection(alert, innerPath))
}

/** Looks for what the container says of an entry. */
function findEntry(entry: EntryFacts, innerPath: string | undefined, scan: ContentScan): void {
  scan.surface.add('entries')
  const { definitions } = scan.loaded
  for (const id of matchEntry(definitions, entry)) addDetection(definitions.signature(id), innerPath, scan)
}

function addDetection(signature: Named, innerPath: string | undefined, { findings }: ContentScan): void {
  findings.addDetection(detectionOf(signature, innerPath))
}

/**
 * Matches the content's own bytes and its normalised forms; what a hash in the set allows, and thereby all that is in it, is
 * told. A form is a part of the same content, without an inner path; one that is allowed has no detections. As in ClamAV, signatures that
 * want the content scanned as another type are found in a form at once.
 */
async function matchContent(
  source: ByteSource,
  type: FileType,
  place: ContentPlace,
  { onMark }: EmbeddedSearch,
  scan: ContentScan,
): Promise<Pick<MatchResult, 'allowed' | 'handler'>> {
  const { check } = scan.budget
  const { containers } = place
  const structure = () => readExecutable(source, type.name)
  const isHandled = place.handler !== undefined
  const target = targetOfBytes(source, type, scan.normalises, check)
  const image = contentImage(source, type.name, scan.loaded.images, check, (reason, detail) =>
    scan.findings.addUnscanned(reason, place.innerPath, detail),
  )
  const options = {
    target,
    containers,
    isHandled,
    check,
    structure,
    ...(image && { image }),
    ...(onMark && { onMark }),
  }
  const result = matchBytes(source, options, place, scan)
  if (result.allowed) return result
  if (!isHandled) await judgeRules(source, result.rules, place, scan)
  if (!scan.normalises || !scan.loaded.matcher.matchesForms) {
    for (const target of [HTML_TARGET, TEXT_TARGET]) scan.surface.addUnseen(target)
    return result
  }
  for (const { content, target, isHashed } of normalisedForms(source, type.name, check)) {
    const options = { target, containers, isHandled: true, isHashed, check }
    if (content.size > 0) matchBytes(content, options, place, scan)
  }
  return result
}

/** Matches some bytes. */
function matchBytes(
  bytes: ByteSource,
  options: MatchOptions,
  place: ContentPlace,
  scan: ContentScan,
): MatchResult {
  const onHash = scan.surface.addContent(options.target, options.isHashed ?? true)
  const result = scan.loaded.matcher.match(bytes, { ...options, onHash })
  const { hits, budgetExceeded } = result
  for (const hit of hits) addDetection(hit, place.innerPath, scan)
  if (budgetExceeded)
    scan.findings.addUnscanned('budget-exceeded', place.innerPath, 'matching took too many steps')
  return result
}

/** Asks the rule engine about the content's own bytes: what rules compute would mean nothing of a form. */
async function judgeRules(
  source: ByteSource,
  candidates: readonly number[],
  place: ContentPlace,
  scan: ContentScan,
): Promise<void> {
  const { definitions, rules } = scan.loaded
  if (rules === undefined) return
  const { found, unscanned } = await rules.judge(source, candidates, scan.budget.check)
  for (const id of found) addDetection(definitions.signature(id), place.innerPath, scan)
  if (unscanned !== undefined) scan.findings.addUnscanned(unscanned.reason, place.innerPath, unscanned.detail)
}
