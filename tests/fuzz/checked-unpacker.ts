/** What must hold of every unpacker, whatever it is given (container.ts). */
import { createHash, type Hash } from 'node:crypto'
import type { Budget } from '../../packages/engine/src/budget.ts'
import type { ByteSource } from '../../packages/engine/src/byte-source.ts'
import { entryLabel } from '../../packages/engine/src/inner-path.ts'
import type { Unpack, UnpackedPart, UnpackMeans } from '../../packages/engine/src/unpack/container.ts'
import { unscannedReasons } from '../../packages/engine/src/verdict.ts'
import { checkedSource, fuzzBudget, fuzzLimits, isTimeOut } from './checked-source.ts'
import { mustHold, type Outcome } from './fuzz-target.ts'

const DETAIL_MAX_CHARACTERS = 300

/** Parts that may come for each entry that is counted: an entry, what is wrong with it, and what was decoded of it. */
const PARTS_FOR_ENTRY = 4
/** And for the container: what is wrong with it. */
const PARTS_FOR_CONTAINER = 16

/** All decoders are busy, as they may be: what asks for one has to do without. */
const noMeans: UnpackMeans = {
  decoders: {
    // biome-ignore lint/correctness/useYield: it gives nothing.
    *run() {
      return { kind: 'too-many' }
    },
  },
  passwords: ['infected'],
}

/** Unpacks an input and reads all that comes out. Throws when something does not hold. */
export async function runUnpacker(
  unpack: Unpack,
  input: Uint8Array,
  means: UnpackMeans = noMeans,
): Promise<Outcome> {
  const digest = createHash('sha1')
  const { budget, entries } = countedBudget()
  let parts = 0
  let unpacked = 0
  try {
    for await (const part of unpack(checkedSource(input), budget, means)) {
      parts += 1
      mustHold(
        parts <= PARTS_FOR_CONTAINER + PARTS_FOR_ENTRY * entries(),
        `${parts} parts of ${entries()} entries`,
      )
      unpacked += checkPart(part, input.length, digest)
      const most = fuzzLimits.maxTotalContentBytes + fuzzLimits.maxContentBytes
      mustHold(unpacked <= most, `${unpacked} bytes came out in all`)
    }
  } catch (error) {
    if (isTimeOut(error)) return undefined
  }
  return digest.digest('hex')
}

/** Counts entries as the budget does; `takeEntry` may not be asked on and on once it has said no. */
function countedBudget(): { readonly budget: Budget; entries(): number } {
  const inner = fuzzBudget()
  let entries = 0
  const budget: Budget = {
    limits: inner.limits,
    heldBytes: inner.heldBytes,
    check: () => inner.check(),
    takeContent: (bytes) => {
      mustHold(Number.isSafeInteger(bytes) && bytes >= 0, `${bytes} bytes were taken`)
      return inner.takeContent(bytes)
    },
    takeEntry() {
      const isTaken = inner.takeEntry()
      entries += isTaken ? 1 : 0
      return isTaken
    },
  }
  return { budget, entries: () => entries }
}

/** Bytes of the part that cannot be a window onto the container, because there are more of them. */
function checkPart(part: UnpackedPart, containerBytes: number, digest: Hash): number {
  digest.update(`${part.kind} ${part.label} `)
  if (part.label !== undefined)
    mustHold(part.label === entryLabel(part.label), `the label ${part.label} is not harmless`)
  if (part.entry !== undefined) {
    const { realSize, sizeInContainer, position } = part.entry
    mustHold(
      [realSize, sizeInContainer, position].every((value) => value >= 0),
      'an entry has a negative number',
    )
  }
  const shortfall = part.kind === 'empty' ? undefined : part.shortfall
  if (shortfall !== undefined) {
    digest.update(shortfall.reason)
    mustHold(unscannedReasons.includes(shortfall.reason), `the reason ${shortfall.reason} is none`)
    mustHold(shortfall.detail.length <= DETAIL_MAX_CHARACTERS, 'a reason is told at length')
  }
  if (part.kind !== 'content') return 0
  const { size } = part.content
  mustHold(Number.isSafeInteger(size) && size >= 0, `a content of ${size} bytes`)
  mustHold(
    size <= Math.max(fuzzLimits.maxContentBytes, containerBytes),
    `a content of ${size} bytes is past the limit`,
  )
  readAll(part.content, digest)
  return size > containerBytes ? size : 0
}

const BLOCK_BYTES = 64 * 1024

/** All of a content, each byte once; and a little past its end. */
function readAll(content: ByteSource, digest: Hash): void {
  const { size } = content
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    const wanted = Math.min(BLOCK_BYTES, size - at)
    const block = content.read(at, wanted)
    mustHold(block.length === wanted, `a content gave ${block.length} bytes of ${wanted} at ${at} of ${size}`)
    digest.update(block)
  }
  mustHold(content.read(size, 16).length === 0, 'a content goes on behind its end')
  const last = content.read(Math.max(0, size - 4), 16).length
  mustHold(last === Math.min(4, size), `a content gave ${last} bytes at its end`)
}
