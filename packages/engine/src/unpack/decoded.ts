/** How what an unpacker has decoded into bounded memory becomes a part, and what is said of it where a limit left some of it off. */
import type { Budget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { entryLabel } from '../inner-path.ts'
import type { Shortfall, UnpackedPart } from './container.ts'
import type { ContentBuffer } from './content-buffer.ts'

export interface Decoded {
  readonly bytes: Uint8Array
  readonly shortfall?: Shortfall
}

/** Counts what is in the buffer, which is all of it only when it `fits`. */
export function settleDecoded(buffer: ContentBuffer, fits: boolean, budget: Budget): Decoded {
  const { heldBytes } = budget
  const { maxTotalContentBytes } = budget.limits
  const bytes = buffer.bytes()
  if (!budget.takeContent(bytes.length)) {
    const detail = `decodes to more than ${maxTotalContentBytes} bytes in total`
    return { bytes, shortfall: { reason: 'budget-exceeded', detail } }
  }
  if (fits) return { bytes }
  const detail = `decodes to more than ${heldBytes} bytes`
  return { bytes, shortfall: { reason: 'too-large', detail } }
}

/** The part that decoded bytes are, under a name out of the container. */
export function decodedPart(name: string, { bytes, shortfall }: Decoded): UnpackedPart {
  const part = { kind: 'content', label: entryLabel(name), content: bytesSource(bytes) } as const
  return shortfall === undefined ? part : { ...part, shortfall }
}
