/**
 * How the processes behind the verbs are, as data.
 */
import * as z from 'zod/mini'

/** A process: its id, its own share of memory (PSS, bytes; null where the system does not tell), and when it started. */
export const ProcessHealth = z.object({
  pid: z.int(),
  pssBytes: z.nullable(z.int()),
  startedAt: z.string(),
})
export type ProcessHealth = Readonly<z.infer<typeof ProcessHealth>>

export const ScannerHealth = z.extend(ProcessHealth, {
  /** Null until definitions were loaded into this very process. */
  definitionsVersion: z.nullable(z.string()),
  workers: z.int(),
  scansInFlight: z.int(),
})
export type ScannerHealth = Readonly<z.infer<typeof ScannerHealth>>

/** `guard` is null where the verbs run in the daemon itself; `scanner` is null while it cannot be reached. */
export const VerbsHealth = z.object({
  guard: z.nullable(ProcessHealth),
  scanner: z.nullable(ScannerHealth),
  /** What the quarantine found and cleaned when it was opened, in words; empty after a clean stop. */
  quarantineRecovery: z.array(z.string()),
})
export type VerbsHealth = {
  readonly guard: ProcessHealth | null
  readonly scanner: ScannerHealth | null
  readonly quarantineRecovery: readonly string[]
}
