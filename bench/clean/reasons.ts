/**
 * Why one side finds what the other does not, as far as packages/engine/DESIGN.md explains it. Whatever has no reason here is a difference
 * that somebody has to look at.
 */
import { spawnSync } from 'node:child_process'
import type { Detection, ScanResult } from '@coreward/engine'

export const reasons = {
  html: 'clamscan takes the file for HTML and does not match its bytes as they are',
  unopened: 'clamscan does not open the container',
  end: 'an offset from the end of a text, which clamscan misses in some sets',
  full: 'our list of detections in this file was full',
  embedded: 'clamscan finds a container within the file that we do not open yet',
} as const

export type Reason = keyof typeof reasons

/** As many detections as a result lists (packages/engine/src/findings.ts). */
const LISTED = 256

/** What clamscan was seen to do with a file. */
interface StockView {
  readonly isHtml: boolean
  /** The file is a text, or something in it is. */
  readonly holdsText: boolean
  readonly opens: boolean
  /** It met the beginning of a container of which we know none behind other bytes. */
  readonly findsEmbedded: boolean
}

/** Looks at a file through clamscan's eyes; the database may be any. */
export function stockView(database: string, path: string): StockView {
  const options = ['--debug', '--gen-json', '--no-summary', `--database=${database}`, path]
  const { stderr } = spawnSync('clamscan', options, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return {
    isHtml: stderr.includes('in cli_scanhtml()'),
    holdsText: /"(?:Root)?FileType":"CL_TYPE_TEXT_/.test(stderr),
    opens: stderr.includes('"ContainedObjects"'),
    findsEmbedded: /Matched signature for file type (?:MHTML|CAB-SFX|ISHIELD|7zip-SFX|RAR-SFX|ARJ-SFX)/.test(
      stderr,
    ),
  }
}

/** Why clamscan may not find what `result` does by this signature, whose line is given. */
export function whyOursAlone(
  { isHtml, holdsText, opens }: StockView,
  result: ScanResult | undefined,
  signature: string,
  line: string | undefined,
): Reason | undefined {
  if (isHtml) return 'html'
  const found = detectionsOf(result)
  const places = found.filter((detection) => detection.signature === signature)
  if (!opens && places.every(({ innerPath }) => innerPath !== undefined)) return 'unopened'
  return holdsText && line?.split(':')[2]?.startsWith('EOF') === true ? 'end' : undefined
}

/** Why we may not tell what clamscan does. */
export function whyStockAlone(
  { findsEmbedded }: StockView,
  result: ScanResult | undefined,
): Reason | undefined {
  if (detectionsOf(result).length >= LISTED) return 'full'
  return findsEmbedded ? 'embedded' : undefined
}

function detectionsOf(result: ScanResult | undefined): readonly Detection[] {
  return result?.verdict.outcome === 'infected' ? result.verdict.detections : []
}
