/**
 * Whether a program looks as though it unpacks itself, told from its headers alone, so that others cost nothing; and whether an emulation that ended
 * early may have left something unseen.
 */

import type { Shortfall } from '../unpack/container.ts'
import { type ProgramImage, sectionAt } from './program-image.ts'
import type { ProgramRun } from './run-program.ts'

/** What a packer leaves to be filled has at least a page. */
const EMPTY_BYTES = 0x1000

/**
 * Compilers put the entry point into a section of code, which is not writable; a stub that unpacks in place needs one that is. Or it lies
 * in the header, or there is a section of code without anything in the file.
 */
export function looksPacked(image: ProgramImage): boolean {
  const section = image.sections[sectionAt(image, image.entry)]
  return section === undefined || section.isWritable || image.sections.some(isToBeFilled)
}

/** Both signs together: nothing but a packer makes such a file. Debug builds have a section to be filled, but no writable entry. */
function isSurelyPacked(image: ProgramImage): boolean {
  const section = image.sections[sectionAt(image, image.entry)]
  return section?.isWritable === true && image.sections.some(isToBeFilled)
}

function isToBeFilled({ isExecutable, rawBytes, bytes }: ProgramImage['sections'][number]): boolean {
  return isExecutable && rawBytes === 0 && bytes >= EMPTY_BYTES
}

/** What is missing when the image is too large to be emulated; nothing where it may be an ordinary program. */
export function unloadedShortfall(image: ProgramImage, detail: string): Shortfall | undefined {
  return isSurelyPacked(image) ? { reason: 'too-large', detail: `a packed program: ${detail}` } : undefined
}

/**
 * What is missing after a run. Nothing when the program itself was reached. Nothing either when an ordinary program was emulated for its odd headers:
 * it never ran code that is not in its file.
 */
export function runShortfall(image: ProgramImage, run: ProgramRun): Shortfall | undefined {
  if (run.end === 'program-runs' || run.entry !== 0) return undefined
  if (!run.ranChangedCode && !isSurelyPacked(image)) return undefined
  // It ended by itself after it had run what it wrote.
  if (run.end === 'ended' && run.ranChangedCode) return undefined
  const detail = `a packed program: its emulation stopped, ${run.detail}`
  if (run.end === 'steps' || run.end === 'memory') return { reason: 'budget-exceeded', detail }
  return { reason: run.end === 'fault' ? 'damaged' : 'unsupported', detail }
}
