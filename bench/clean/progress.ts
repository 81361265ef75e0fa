/**
 * How far a comparison has come and what it found, kept in one small file after each batch, so that it can be ended at any time and
 * taken up again.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Reason } from './reasons.ts'

export interface Difference {
  readonly path: string
  readonly signature: string
  /** The signature's line, where it was made for the comparison. */
  readonly line: string | undefined
  /** Undefined for what nobody has explained. */
  readonly reason: Reason | undefined
}

export interface Progress {
  /** The first file that is not done. */
  next: number
  bytes: number
  seconds: number
  /** Files in which something was found, by us and by clamscan, with the same names. */
  agreed: number
  /** Detections of ours that clamscan does not give. */
  readonly oursAlone: Difference[]
  /** Detections of clamscan's that we do not give; looked for when asked. */
  readonly stockAlone: Difference[]
  /** Parts that we did not scan, by reason. */
  readonly unscanned: Record<string, number>
}

export function readProgress(path: string): Progress {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Progress
  return { next: 0, bytes: 0, seconds: 0, agreed: 0, oursAlone: [], stockAlone: [], unscanned: {} }
}

export function writeProgress(path: string, progress: Progress): void {
  writeFileSync(`${path}.part`, JSON.stringify(progress))
  renameSync(`${path}.part`, path)
}
