/**
 * Damages headers at random and reads everything that can be asked of what is left, counting what it costs. Never
 * imported by production code.
 */
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import type { Executable } from './executable.ts'

const extremes = [0, 1, 0x7f, 0x80, 0xff]

/** What reading everything of one content cost. */
interface Cost {
  readonly reads: number
  readonly bytes: number
}

/** A source that counts, and that answers every read from the same memory, as a file's does. */
function countedSource(content: Uint8Array): { readonly source: ByteSource; cost(): Cost } {
  const inner = bytesSource(content)
  let buffer = new Uint8Array(0)
  let reads = 0
  let bytes = 0
  return {
    source: {
      size: inner.size,
      read(offset, length) {
        if (!Number.isInteger(offset) || !Number.isInteger(length) || offset < 0 || length < 0) {
          throw new RangeError(`a read of ${length} at ${offset}`)
        }
        const from = inner.read(offset, length)
        if (buffer.length < from.length) buffer = new Uint8Array(from.length)
        buffer.set(from)
        reads += 1
        bytes += from.length
        return buffer.subarray(0, from.length)
      },
    },
    cost: () => ({ reads, bytes }),
  }
}

/**
 * Reads `count` mutations of the contents, with the dearest cost of all and how many were still taken for executables.
 * Throws when a structure states a place that is none, apart from sections without bytes.
 */
export function readMutations(
  contents: readonly Uint8Array[],
  count: number,
  read: (source: ByteSource) => Executable | undefined,
): { readonly dearest: Cost; readonly taken: number } {
  let reads = 0
  let bytes = 0
  let taken = 0
  for (let seed = 1; seed <= count; seed += 1) {
    const random = seededRandom(seed)
    const content = Uint8Array.from(random.pick(contents))
    const reach = random.chance(0.8) ? Math.min(content.length, 0x300) : content.length
    for (let left = 1 + random.whole(8); left > 0; left -= 1) {
      const at = random.whole(reach)
      content.fill(
        random.chance(0.5) ? random.pick(extremes) : random.whole(256),
        at,
        at + random.pick([1, 1, 2, 4, 8]),
      )
    }
    const { source, cost } = countedSource(
      random.chance(0.2) ? content.subarray(0, random.whole(content.length)) : content,
    )
    const executable = read(source)
    if (executable !== undefined) {
      taken += 1
      check(executable, source.size)
      for (let index = 0; index < Math.min(executable.sections.length, 4); index += 1) {
        executable.sectionHash(index, 'sha1')
      }
      executable.importHash()
    }
    reads = Math.max(reads, cost().reads)
    bytes = Math.max(bytes, cost().bytes)
  }
  return { dearest: { reads, bytes }, taken }
}

function check({ format, entryPoint, sections }: Executable, fileSize: number): void {
  for (const { offset, size } of sections) {
    if (!Number.isSafeInteger(offset) || offset < 0 || size < 0 || (size > 0 && offset + size > fileSize)) {
      throw new RangeError(`a section of ${size} at ${offset}`)
    }
  }
  if (entryPoint !== undefined && !(entryPoint >= 0 && (format !== 'pe' || entryPoint < fileSize))) {
    throw new RangeError(`an entry point at ${entryPoint}`)
  }
}
