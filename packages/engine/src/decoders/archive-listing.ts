/**
 * What the archive library says of an archive's entries before it decodes any of them. The text comes from a hostile archive: a wrong number in
 * it may give a signature for entries a wrong answer, and does no more harm.
 */
import type { DecoderEvent } from './decoder-thread.ts'

export interface ListedEntry {
  readonly path: string
  readonly isFolder: boolean
  readonly size: number
  readonly packedSize: number
  readonly isEncrypted: boolean
  readonly crc?: number
}

/**
 * Gathers entries from the program's lines (its option `-slt`: a property a line, an empty line behind each entry), up to so many.
 */
export class ArchiveListing {
  readonly entries: ListedEntry[] = []
  readonly #most: number
  #properties = new Map<string, string>()

  constructor(most: number) {
    this.#most = most
  }

  /** False when there is no room for more. */
  add(event: DecoderEvent): boolean {
    if (event.kind !== 'line') return true
    const { text } = event
    const end = text.indexOf(' = ')
    if (end !== -1) this.#properties.set(text.slice(0, end), text.slice(end + 3))
    else if (text.trim() === '') this.#take()
    return this.entries.length < this.#most
  }

  #take(): void {
    const properties = this.#properties
    const path = properties.get('Path')
    if (path === undefined) return
    this.#properties = new Map()
    const crc = properties.get('CRC')
    this.entries.push({
      path,
      isFolder: properties.get('Folder') === '+' || /^D/.test(properties.get('Attributes') ?? ''),
      size: wholeNumber(properties.get('Size')),
      packedSize: wholeNumber(properties.get('Packed Size')),
      isEncrypted: properties.get('Encrypted') === '+',
      ...(crc === undefined || !/^[0-9A-F]{8}$/.test(crc) ? {} : { crc: Number.parseInt(crc, 16) }),
    })
  }
}

/** 0 where nothing is said. */
function wholeNumber(text: string | undefined): number {
  const value = Number(text ?? '')
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}
