/**
 * Macros of a compound file: each module's code as it stands, and all of a project's in the form that ClamAV matches. Code that no `dir` stream leads to
 * is found as well. How the file is laid out is not known here.
 */
import type { Budget } from '../budget.ts'
import { tooManyEntries, type UnpackedPart } from './container.ts'
import { createContentBuffer } from './content-buffer.ts'
import { decodedPart, settleDecoded } from './decoded.ts'
import { beginsContainer, decompressVba } from './vba-compression.ts'
import { codePlaces, type NamedStream, readProject, type VbaProject } from './vba-project.ts'
import { normaliseVba } from './vba-text.ts'

const DIR = 'dir'
/** What ClamAV's text of a project begins with. */
const BEGINNING = 'REM VBA project extracted from Microsoft Office document\n\n'
const RULE = 'REM ##################################################\n'
/** It is matched as it stands: forms of it there are none in ClamAV either. */
const formless = { name: 'macros', target: 0 } as const

/** Streams by their names in small letters, and what of them has been read. */
interface Streams {
  readonly byName: ReadonlyMap<string, readonly NamedStream[]>
  readonly read: Map<NamedStream, Set<number>>
}

/** The macros in these streams of one file. Throws the budget's errors and failed reads. */
export async function* macroParts(
  streams: readonly NamedStream[],
  budget: Budget,
): AsyncGenerator<UnpackedPart> {
  const byName = new Map<string, NamedStream[]>()
  for (const stream of streams) {
    const name = stream.name.toLowerCase()
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [stream])
    else others.push(stream)
  }
  const known: Streams = { byName, read: new Map() }
  for (const { content } of byName.get(DIR) ?? []) {
    const project = readProject(content, budget)
    if (project !== undefined && (yield* projectParts(project, known, budget)) === 'exceeded') return
  }
  for (const stream of streams) {
    for (const place of codePlaces(stream.content, budget.check)) {
      if (known.read.get(stream)?.has(place)) continue
      if (!budget.takeEntry()) {
        yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
        return
      }
      const code = decompressVba(stream.content, place, budget)
      if (code.bytes.length > 0) yield decodedPart(`code in ${stream.name}`, code)
      if (code.shortfall?.reason === 'budget-exceeded') return
    }
  }
}

/** Says whether a limit has been reached that ends all. */
async function* projectParts(
  { lines, modules, decode }: VbaProject,
  known: Streams,
  budget: Budget,
): AsyncGenerator<UnpackedPart, 'exceeded' | undefined> {
  const text = createContentBuffer(budget.heldBytes, 0)
  let fits = text.append(Buffer.from(`${BEGINNING}${lines.join('')}`))
  for (const { streams, offset, lines } of modules) {
    budget.check()
    fits = text.append(Buffer.from(`\n\n${lines.join('')}${RULE}`)) && fits
    const stream = unreadStream(streams, offset, known)
    if (stream === undefined) continue
    if (!budget.takeEntry()) {
      yield { kind: 'unscanned', shortfall: tooManyEntries(budget) }
      return 'exceeded'
    }
    const code = decompressVba(stream.content, offset, budget)
    if (code.bytes.length === 0) continue
    fits = text.append(normaliseVba(Buffer.from(decode(code.bytes)))) && fits
    yield decodedPart(`${stream.name}.bas`, code)
    if (code.shortfall?.reason === 'budget-exceeded') return 'exceeded'
  }
  const part = decodedPart('VBA project', settleDecoded(text, fits, budget))
  yield part.kind === 'content' ? { ...part, type: formless } : part
  return part.kind === 'content' && part.shortfall?.reason === 'budget-exceeded' ? 'exceeded' : undefined
}

/** The first stream of such a name with code at the place that was not read yet: of two projects each has its own. */
function unreadStream(
  names: ReadonlySet<string>,
  offset: number,
  { byName, read }: Streams,
): NamedStream | undefined {
  for (const name of names) {
    for (const stream of byName.get(name) ?? []) {
      if (read.get(stream)?.has(offset)) continue
      if (!beginsContainer(stream.content.read(offset, 3), 0)) continue
      read.set(stream, new Set([...(read.get(stream) ?? []), offset]))
      return stream
    }
  }
  return undefined
}
