/**
 * What the scanner process is asked: always about an open descriptor, never about a path.
 */
import * as z from 'zod/mini'
import type { Contract } from './contract.ts'
import {
  AgainstMessage,
  LimitsMessage,
  PasswordsMessage,
  placed,
  SCAN_FILES,
  ScanResultMessage,
} from './scan-answer.ts'
import { ScannerHealth } from './verbs-health.ts'

export const LoadedDefinitionsMessage = z.object({ version: z.string(), createdAt: z.string() })

export const scannerContract = {
  /**
   * Parts are results with their descriptors' places, each once. A descriptor that has none when the verb fails was not scanned.
   * Errors: no-definitions, scanner-gone.
   */
  scan: {
    descriptors: SCAN_FILES,
    params: z.object({ limits: LimitsMessage, passwords: PasswordsMessage, against: AgainstMessage }),
    part: placed(ScanResultMessage),
    result: z.null(),
  },
  /** A set, and its additions if there are any. Errors: definitions-refused. */
  load: { descriptors: 2, params: z.object({}), result: LoadedDefinitionsMessage },
  health: { params: z.object({}), result: ScannerHealth },
} as const satisfies Contract
