/**
 * Packed programs: bytes of a PE file in, parts out. A program that looks packed runs in the emulator until it has unpacked itself; its memory is then a
 * program again, and what it wrote elsewhere are parts beside it. Which packer it was plays no role.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { type Shortfall, tooManyEntries, type Unpack, type UnpackedPart } from '../unpack/container.ts'
import { heldEntries } from './held-entries.ts'
import { heldPrograms } from './held-programs.ts'
import { createMachine, type MemoryPage } from './machine.ts'
import { looksPacked, runShortfall, unloadedShortfall } from './packed-program.ts'
import {
  bindImports,
  imageShortfall,
  loadImage,
  type ProgramImage,
  readProgramImage,
} from './program-image.ts'
import { rebuildProgram } from './rebuilt-program.ts'
import { prepareRun, runProgram } from './run-program.ts'
import { HEAP_END, HEAP_START } from './windows-layout.ts'

/** Less is no program: variables, a table of addresses. */
const CHANGED_BYTES_MIN = 256
const PAGE = 0x1000
/** Packers are run over one another's work, but seldom twice. */
const PACKINGS_MAX = 3
/** Stretches of memory besides the program; what more there are, is joined to none. */
const STRETCHES_MAX = 64

/** Whether a content is opened by `unpackProgram`. */
export function isPackedProgram(source: ByteSource): boolean {
  const image = readProgramImage(source)
  return image !== undefined && looksPacked(image)
}

/** What the program made of itself. Throws the budget's errors and failed reads of the source, and nothing else. */
export async function* unpackProgram(source: ByteSource, budget: Budget): AsyncGenerator<UnpackedPart> {
  const image = readProgramImage(source)
  if (image === undefined || !looksPacked(image)) return
  const tooLarge = imageShortfall(image)
  if (tooLarge !== undefined) {
    const shortfall = unloadedShortfall(image, tooLarge)
    if (shortfall !== undefined) yield { kind: 'unscanned', label: LABEL, shortfall }
    return
  }
  const machine = createMachine(false)
  loadImage(machine, image, source)
  const { system, run } = prepareRun(machine, image, source, budget.check)
  bindImports(machine, image, system.libraries)
  const outcome = runProgram(machine, image, system, run)
  const shortfall = runShortfall(image, outcome)
  const pages = machine.pages()
  const parts = isChanged(image, pages) ? memoryParts(image, pages, outcome.entry) : []
  // The machine's memory is the next program's once a part is scanned, so all are made before.
  const programs = parts.flatMap(({ label, bytes }) =>
    [...heldPrograms(bytes, budget.check)].map((held) => ({
      label: `${label}-${held.offset.toString(16)}`,
      bytes: held.bytes,
    })),
  )
  yield* boundParts([...parts, ...programs], budget)
  for (const { bytes } of parts) yield* heldEntries(bytes, budget)
  if (shortfall !== undefined) yield { kind: 'unscanned', label: LABEL, shortfall }
}

/**
 * Opens a packed program within so many that have unpacked themselves. Some write over themselves again each time they are run, so there must
 * be an end, before that of containers within containers.
 */
export function programUnpacker(packings: number): Unpack {
  return packings < PACKINGS_MAX ? unpackProgram : leavePacked
}

async function* leavePacked(): AsyncGenerator<UnpackedPart> {
  const detail = `it is packed more than ${PACKINGS_MAX} times over`
  yield { kind: 'unscanned', label: LABEL, shortfall: { reason: 'too-deep', detail } }
}

const LABEL = 'unpacked'

interface MemoryPart {
  readonly label: string
  readonly bytes: Uint8Array
}

function memoryParts(
  image: ProgramImage,
  pages: readonly MemoryPage[],
  entry: number,
): readonly MemoryPart[] {
  const rebuilt = rebuildProgram(image, pages, entry === 0 ? image.entry : entry)
  const parts = rebuilt === undefined ? [] : [{ label: LABEL, bytes: rebuilt }]
  return [...parts, ...stretches(pages)]
}

/** What the program was given by the system and wrote to, in pages that lie side by side. */
function stretches(pages: readonly MemoryPage[]): readonly MemoryPart[] {
  const written = pages.filter(
    ({ address, isWritten, bytes }) =>
      isWritten && address >= HEAP_START && address < HEAP_END && bytes.some((byte) => byte !== 0),
  )
  const parts: MemoryPart[] = []
  for (let from = 0; from < written.length && parts.length < STRETCHES_MAX; ) {
    const start = written[from]?.address ?? 0
    let to = from + 1
    while (written[to]?.address === start + (to - from) * PAGE) to += 1
    const bytes = Buffer.concat(written.slice(from, to).map((page) => page.bytes))
    parts.push({ label: `memory-${start.toString(16)}`, bytes })
    from = to
  }
  return parts
}

/** Whether the program changed so much of its own image that there is something to see. */
function isChanged({ base, imageBytes }: ProgramImage, pages: readonly MemoryPage[]): boolean {
  let changed = 0
  for (const { address, bytes, before, isWritten } of pages) {
    if (!isWritten || address < base || address >= base + imageBytes) continue
    for (let at = 0; at < PAGE; at++) if (bytes[at] !== before[at]) changed += 1
    if (changed >= CHANGED_BYTES_MIN) return true
  }
  return false
}

function* boundParts(parts: readonly MemoryPart[], budget: Budget): Generator<UnpackedPart> {
  const { maxContentBytes, maxTotalContentBytes } = budget.limits
  for (const { label, bytes } of parts) {
    budget.check()
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', label, shortfall: tooManyEntries(budget) }
      return
    }
    const held = bytes.subarray(0, maxContentBytes)
    const limit: Shortfall | undefined = !budget.takeContent(held.length)
      ? { reason: 'budget-exceeded', detail: `unpacks to more than ${maxTotalContentBytes} bytes in total` }
      : held.length < bytes.length
        ? { reason: 'too-large', detail: `unpacks to more than ${maxContentBytes} bytes` }
        : undefined
    // Programs in it are parts beside it (held-programs.ts): searched again, each would unpack itself and hold the next.
    const part = {
      kind: 'content',
      label,
      content: bytesSource(held),
      isSearched: true,
      isUnpacked: true,
    } as const
    yield limit === undefined ? part : { ...part, shortfall: limit }
  }
}
