/** Stores of Outlook ([MS-PST]: .pst, .ost) are known and not looked into, and that is told: their mails lie scattered and masked in them. */
import type { UnpackedPart } from './container.ts'

/** Always the one thing to be said. */
export async function* unpackOutlookStore(): AsyncGenerator<UnpackedPart> {
  const detail = 'mails in a store of Outlook (pst, ost) are not taken out'
  yield { kind: 'unscanned', shortfall: { reason: 'unsupported', detail } }
}
