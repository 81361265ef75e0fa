/**
 * The signed assignment: which set this host gets. It is checked against who this host is and what it took before; what it
 * names is not looked at here.
 */
import { assignmentDocumentType, DefinitionsAssignment, type PublicKey } from '@coreward/contracts'
import { importVerificationKey, verifyDocument } from '@coreward/trust'
import { DefinitionsKeeperError } from './definitions-error.ts'

/** Who assigns, and to whom. */
export interface AssignmentIssuer {
  readonly fleetId: string
  readonly agentId: string
  readonly documentKeys: readonly PublicKey[]
}

/** Opens an assignment. Rejects with TrustError or DefinitionsKeeperError. */
export async function openAssignment(
  document: string,
  issuer: AssignmentIssuer,
  last: { readonly fleetId: string; readonly sequence: number } | null,
): Promise<DefinitionsAssignment> {
  const publicKeys = await Promise.all(issuer.documentKeys.map((key) => importVerificationKey(key)))
  const payload = await verifyDocument(document, { publicKeys, type: assignmentDocumentType, maxBytes: 8192 })
  const parsed = DefinitionsAssignment.safeParse(payload)
  if (!parsed.success) {
    throw new DefinitionsKeeperError(
      'malformed',
      `the assignment is not in the form this agent knows: ${parsed.error.message}`,
    )
  }
  const { fleetId, agentId, sequence } = parsed.data
  if (fleetId !== issuer.fleetId || agentId !== issuer.agentId) {
    throw new DefinitionsKeeperError('foreign', `the assignment is for agent ${agentId} of fleet ${fleetId}`)
  }
  if (last !== null && last.fleetId === fleetId && sequence < last.sequence) {
    throw new DefinitionsKeeperError(
      'replayed',
      `the assignment has number ${sequence}, though ${last.sequence} was taken before; numbers only grow`,
    )
  }
  return parsed.data
}
