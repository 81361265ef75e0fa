/**
 * What the scanner process is asked: always about an open descriptor, never about a path.
 */
import { z } from 'zod'
import type { Contract } from './contract.ts'
import { LimitsMessage, ScanResultMessage } from './scan-answer.ts'
import { ScannerHealth } from './verbs-health.ts'

export const LoadedDefinitionsMessage = z.object({ version: z.string(), createdAt: z.string() })

export const scannerContract = {
  /** Errors: no-definitions. */
  scan: { descriptor: true, params: z.object({ limits: LimitsMessage }), result: ScanResultMessage },
  /** Errors: definitions-refused. */
  load: { descriptor: true, params: z.object({}), result: LoadedDefinitionsMessage },
  health: { params: z.object({}), result: ScannerHealth },
} as const satisfies Contract
