/**
 * The one content of a compressed file, or of a zip's entry, that turned out to be longer than what is held: it is decoded from the beginning by the
 * archive library, which can be asked for it again.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import type { UnpackedPart, UnpackMeans } from './container.ts'
import { partsOfLibrary } from './library-entries.ts'

/** Names of the library's option `-t`. */
export type StreamName = 'gzip' | 'bzip2' | 'xz' | 'zstd' | 'lzma' | 'Z' | 'Zip'

/** Whether more may be scanned of a part than was held. */
function isCutByMemory(part: UnpackedPart, { limits, heldBytes }: Budget): boolean {
  const isLonger = part.kind === 'content' && part.shortfall?.reason === 'too-large'
  return isLonger && limits.maxContentBytes > heldBytes
}

/** The part itself, or the whole of it where it was cut for want of memory only. */
export function* wholeOf<Part extends UnpackedPart>(
  part: Part,
  name: StreamName,
  source: ByteSource,
  budget: Budget,
  means: UnpackMeans,
): Generator<UnpackedPart> {
  if (part.kind !== 'content' || !isCutByMemory(part, budget)) {
    yield part
    return
  }
  const run = () =>
    means.decoders.run(['x', '-y', '-o/o', '-bd', `-t${name}`, '-p-', '/a'], source, budget.check)
  const parts = partsOfLibrary({
    events: run(),
    runAgain: run,
    factsOf: () => undefined,
    archiveBytes: source.size,
    budget: chargedBefore(budget, part.content.size),
  })
  for (const { label: _, ...whole } of parts)
    yield { ...whole, label: part.label, ...(part.entry && { entry: part.entry }) } as UnpackedPart
}

/** The entry and so many bytes of it have been counted. */
function chargedBefore(budget: Budget, bytes: number): Budget {
  let credit = bytes
  return {
    ...budget,
    takeEntry: () => true,
    takeContent(count) {
      const free = Math.min(credit, count)
      credit -= free
      return count === free || budget.takeContent(count - free)
    },
  }
}
