/**
 * Checks that filters hold only what lets a matcher search without looking at bounds: bitmaps that have every bit a hash can name,
 * buckets that follow on one another, and anchors of parts that there are. Whether they find every part nobody can
 * check so cheaply; a set whose filters miss something is one that lacks signatures.
 */
import { BITMAP_LOG_MAX, BITMAP_LOG_MIN, BITMAP_PADDING } from './filter-layout.ts'
import { anchor, anchorSizes, filter, HIGHEST_TARGET, PARTS_MAX } from './layout.ts'
import { malformed, type SectionViews } from './section-views.ts'

/** Throws DefinitionsError `malformed`. */
export function checkFilters(views: SectionViews): void {
  const words = views.words('filters')
  let previous = -1
  let hasLong = false
  for (let index = 0; index < views.counts.filters; index += 1) {
    const at = index * filter.words
    const target = words[at + filter.target] as number
    const size = words[at + filter.anchorBytes] as number
    const log = words[at + filter.bytesLog] as number
    const kind = (anchorSizes as readonly number[]).indexOf(size)
    const order = target * anchorSizes.length + kind
    if (
      target > HIGHEST_TARGET ||
      kind === -1 ||
      order <= previous ||
      log < BITMAP_LOG_MIN ||
      log > BITMAP_LOG_MAX ||
      (words[at + filter.bits] as number) + 2 ** log + BITMAP_PADDING > views.counts.filterBits
    ) {
      throw malformed(`filter ${index} holds an impossible value`)
    }
    previous = order
    hasLong ||= kind === 0
  }
  const confirmLog = Math.log2(views.counts.confirmBits - BITMAP_PADDING)
  if (
    hasLong
      ? !Number.isInteger(confirmLog) || confirmLog < BITMAP_LOG_MIN || confirmLog > BITMAP_LOG_MAX
      : views.counts.confirmBits !== 0
  ) {
    throw malformed('the second bitmap is of no permitted size')
  }
  checkAnchors(views)
}

function checkAnchors(views: SectionViews): void {
  const starts = views.words('anchorStarts')
  const anchors = views.words('anchors')
  const { anchors: count, parts } = views.counts
  const buckets = starts.length - 1
  if (views.counts.filters === 0 && starts.length === 0 && count === 0) return
  if (buckets < 2 || !Number.isInteger(Math.log2(buckets))) {
    throw malformed('the anchors have no permitted number of buckets')
  }
  let end = 0
  for (const start of starts) {
    if (start < end) throw malformed('the buckets of anchors are not in order')
    end = start
  }
  if (starts[0] !== 0 || end !== count) throw malformed('the buckets do not hold all anchors')
  for (let at = anchor.place; at < anchors.length; at += anchor.words) {
    if (((anchors[at] as number) & PARTS_MAX) >= parts) throw malformed('an anchor belongs to no part')
  }
}
