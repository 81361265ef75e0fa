/**
 * Small Mach-O files for tests, 32 and 64 bits, both byte orders (Apple's "Mach-O File Format Reference": mach_header,
 * load_command, segment_command, section, thread_command). Never imported by production code.
 */

export interface MachOSectionItem {
  readonly address: number
  readonly size: number
  readonly offset: number
  /** The exponent of the alignment. */
  readonly alignment?: number
}

export interface MachOItem {
  readonly wide?: boolean
  readonly bigEndian?: boolean
  /** 7 x86, 12 ARM, 18 PowerPC. */
  readonly processor?: number
  /** One segment for each list of sections. */
  readonly segments: readonly (readonly MachOSectionItem[])[]
  /** The instruction pointer of an LC_UNIXTHREAD command. */
  readonly thread?: number
  /** The entry offset of an LC_MAIN command. */
  readonly main?: number
  readonly background?: Uint8Array
}

/** Where the instruction pointer stands among a thread's registers, in words of the command's width. */
const pointers: Readonly<Record<number, number>> = { 7: 10, 12: 15, 18: 0 }

/** The file the item describes; its commands stand behind the header. */
export function makeMachO(item: MachOItem): Buffer {
  const { wide = false, bigEndian = false, processor = 7, segments } = item
  const bytes = Buffer.alloc(Math.max(item.background?.length ?? 0, 0x1000))
  bytes.set(item.background ?? [])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = wide ? 32 : 28
  const word = (value: number) => {
    view.setUint32(at, value, !bigEndian)
    at += 4
  }
  const address = (value: number) => {
    if (!wide) return word(value)
    view.setBigUint64(at, BigInt(value), !bigEndian)
    at += 8
  }
  let commands = 0
  const command = (kind: number, body: () => void) => {
    const start = at
    at += 8
    body()
    view.setUint32(start, kind, !bigEndian)
    view.setUint32(start + 4, at - start, !bigEndian)
    commands += 1
  }
  for (const sections of segments) {
    command(wide ? 0x19 : 1, () => {
      bytes.fill(0, at, at + 16)
      at += 16
      const end = Math.max(0, ...sections.map((section) => section.address + section.size))
      const [first] = sections
      for (const value of [first?.address ?? 0, end - (first?.address ?? 0), first?.offset ?? 0, end]) {
        address(value)
      }
      for (const value of [7, 7, sections.length, 0]) word(value)
      for (const section of sections) {
        bytes.fill(0, at, at + 32)
        at += 32
        address(section.address)
        address(section.size)
        for (const value of [section.offset, section.alignment ?? 0, 0, 0, 0, 0, 0]) word(value)
        if (wide) word(0)
      }
    })
  }
  const { thread, main } = item
  if (thread !== undefined) {
    command(5, () => {
      word(wide ? 4 : 1)
      const count = wide ? 42 : 16
      word(count)
      const start = at
      bytes.fill(0, start, start + count * 4)
      const pointer = wide && processor === 7 ? 16 : (pointers[processor] ?? 0)
      at = start + pointer * (wide ? 8 : 4)
      address(thread)
      at = start + count * 4
    })
  }
  if (main !== undefined) {
    command(0x80000028, () => {
      for (const value of [main, 0]) {
        view.setBigUint64(at, BigInt(value), !bigEndian)
        at += 8
      }
    })
  }
  const end = at
  at = 0
  for (const value of [wide ? 0xfeedfacf : 0xfeedface, processor + (wide ? 0x1000000 : 0), 3, 2]) word(value)
  for (const value of [commands, end - (wide ? 32 : 28), 0]) word(value)
  if (wide) word(0)
  return bytes
}
