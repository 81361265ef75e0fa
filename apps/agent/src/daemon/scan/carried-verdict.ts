/** When a file that was read against what is new in the definitions is clean thereby. It decides that alone. */
import { surfaceBits } from '@coreward/definitions'
import type { FileOutcome } from './file-scanning.ts'
import type { CleanFiles } from './known-clean.ts'
import { stateOfIdentity } from './walk.ts'

/** Whether the file is clean: by these very additions, alone, and as a state that was clean without them. It is known from then on. */
export function isCarried(outcome: FileOutcome, cleanFiles: CleanFiles): boolean {
  if (outcome.kind !== 'answer' || outcome.answer.identity === null) return false
  const { result, identity } = outcome.answer
  if (result.verdict.outcome !== 'clean' || result.surface === undefined) return false
  // What a signature has scanned as another type may depend on signatures that are not among the additions.
  const isHandled = (result.surface.bits & surfaceBits.handled) !== 0
  if (isHandled || result.definitionsVersion !== cleanFiles.additionsVersion) return false
  return cleanFiles.carry(stateOfIdentity(identity))
}
