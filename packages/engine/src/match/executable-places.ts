/**
 * Where something may begin in a content by the offset of its signature, and the places in a program that offsets are
 * counted from. A program's structure is read when the first candidate asks for one, at most
 * once for a content, and not at all where no signature does. A structure that is damaged has no places, as in ClamAV.
 */
import { offsetKinds } from '@coreward/definitions'
import type { Executable } from '../structure/executable.ts'

export class ExecutablePlaces {
  #read: () => Executable | undefined = () => undefined
  #executable: Executable | undefined
  #known = false
  #versionStrings: ReadonlySet<number> | undefined

  /** Begins another content, whose structure `read` reads. */
  begin(read: () => Executable | undefined): void {
    this.#read = read
    this.#known = false
    this.#executable = undefined
    this.#versionStrings = undefined
  }

  /**
   * The first place that the word of an offset's kind, its distance and its shift permit in a content of `size` bytes, and the
   * last. Undefined where the content has no such place.
   */
  range(
    word: number,
    distance: number,
    maxShift: number,
    size: number,
  ): [first: number, last: number] | undefined {
    const kind = word & 0xff
    if (kind === offsetKinds.any) return [0, size]
    // Places of which it is asked one by one.
    if (kind === offsetKinds.versionInfo) return undefined
    if (kind === offsetKinds.wholeSection) {
      const found = this.#structure()?.sections[word >>> 8]
      return found === undefined || found.size === 0 ? undefined : [found.offset, found.offset + found.size]
    }
    const first = this.#first(kind, word >>> 8, distance, size)
    return first === undefined || first < 0 ? undefined : [first, first + maxShift]
  }

  /** Whether a string of the program's version information stands at `offset`. */
  isVersionString(offset: number): boolean {
    this.#versionStrings ??= new Set(this.#structure()?.versionStrings() ?? [])
    return this.#versionStrings.has(offset)
  }

  #first(kind: number, section: number, distance: number, size: number): number | undefined {
    if (kind === offsetKinds.start) return distance
    if (kind === offsetKinds.end) return size - distance
    return this.#of(kind, section, distance)
  }

  /** The place `distance` bytes from what the kind means; undefined where there is no such thing. */
  #of(kind: number, section: number, distance: number): number | undefined {
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
