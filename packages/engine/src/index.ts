/**
 * @coreward/engine: a file's bytes become a verdict. Two nouns: the definitions (@coreward/definitions compiles them) and
 * the scanner that holds them. The engine opens no path, writes nothing and knows no network; who calls it gives it open
 * descriptors and decides what becomes of the verdict.
 */
export { type AlertName, alertNames } from './alerts/alerts.ts'
export type { ContentFacts, ScannedContents } from './content-list.ts'
export { EngineError, type EngineErrorCode } from './engine-error.ts'
export type { FileTypeName } from './file-type.ts'
export { defaultLimits, type Limits, limitBounds, resolveLimits } from './limits.ts'
export type { DefinitionsInfo } from './prepare-definitions.ts'
export { Scanner, type ScannerOptions, type ScanOptions } from './scanner.ts'
export type { Surface } from './surface.ts'
export {
  type Detection,
  type ScanResult,
  type UnscannedPart,
  type UnscannedReason,
  unscannedReasons,
  type Verdict,
} from './verdict.ts'
export type { ScanInput } from './worker-messages.ts'
