/**
 * What the benchmark asks of each engine, ours and its peers alike: be loaded, scan a list of files one at a time, say
 * what that cost, and end. Shapes only.
 */

export interface ScanCost {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** The highest PSS of the scanning process during the scan, in bytes. */
  readonly peakPss: number
  /** Signature names by path, for the files in which something was found. */
  readonly found: ReadonlyMap<string, string>
  /** Paths the engine says it did not wholly scan. */
  readonly unscanned: readonly string[]
  /** How many bytes of the files themselves were read; absent where an engine does not tell. */
  readonly bytesRead?: number
}

export interface EngineUnderTest extends AsyncDisposable {
  readonly name: string
  /** Wall-clock seconds from starting the process until it can scan. */
  readonly loadSeconds: number
  /** PSS once loaded, in bytes; 0 where a process does not outlive its scan. */
  readonly idlePss: number
  scan(paths: readonly string[]): Promise<ScanCost>
}

/** Limits that all engines are given, so that none gains by skipping a large file. */
export const limits = { fileBytes: 1_000_000_000, contentBytes: 1_000_000_000, seconds: 600 } as const
