/**
 * Places in a program that offsets are counted from. Its structure is read when the first candidate asks for one, at most
 * once for a content, and not at all where no signature does. A structure that is damaged has no places, as in ClamAV.
 */
import { offsetKinds } from '@coreward/definitions'
import type { Executable } from '../structure/executable.ts'

export class ExecutablePlaces {
  #read: () => Executable | undefined = () => undefined
  #executable: Executable | undefined
  #known = false

  /** Begins another content, whose structure `read` reads. */
  begin(read: () => Executable | undefined): void {
    this.#read = read
    this.#known = false
    this.#executable = undefined
  }

  /** The place `distance` bytes from what the kind means; undefined where there is no such thing. */
  of(kind: number, section: number, distance: number): number | undefined {
    const executable = this.#structure()
    if (executable === undefined) return undefined
    const { entryPoint, sections } = executable
    switch (kind) {
      case offsetKinds.entryAfter:
        return entryPoint === undefined ? undefined : entryPoint + distance
      case offsetKinds.entryBefore:
        return entryPoint === undefined ? undefined : entryPoint - distance
      case offsetKinds.section:
        return after(sections[section]?.offset, distance)
      default:
        return after(sections.at(-1)?.offset, distance)
    }
  }

  /** Whether `offset` lies in a section or is the byte after it, where ClamAV still begins. */
  isWithin(section: number, offset: number): boolean {
    const found = this.#structure()?.sections[section]
    return (
      found !== undefined && found.size > 0 && offset >= found.offset && offset <= found.offset + found.size
    )
  }

  #structure(): Executable | undefined {
    if (!this.#known) {
      const executable = this.#read()
      this.#executable = executable?.damage === undefined ? executable : undefined
      this.#known = true
    }
    return this.#executable
  }
}

function after(offset: number | undefined, distance: number): number | undefined {
  return offset === undefined ? undefined : offset + distance
}
