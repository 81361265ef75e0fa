/**
 * The wire form of what a scan says of a file. The engine has its own type; the agent maps one to the other in one place.
 */
import { z } from 'zod'

/** Why bytes were not looked at. A file with such a part is never `clean`. */
export const UnscannedReason = z
  .enum([
    'encrypted',
    'too-large',
    'too-deep',
    'too-many-entries',
    'compression-ratio',
    'timed-out',
    'damaged',
    'unsupported',
    'changed-during-scan',
    'unreadable',
    'vanished',
    'budget-exceeded',
    'crashed',
    'cancelled',
  ])
  .meta({ id: 'UnscannedReason' })
export type UnscannedReason = z.infer<typeof UnscannedReason>

/** How many files were left unscanned, by reason; reasons that did not occur are absent. */
export const UnscannedCounts = z
  .partialRecord(UnscannedReason, z.int().min(1))
  .meta({ id: 'UnscannedCounts' })
export type UnscannedCounts = z.infer<typeof UnscannedCounts>
