/**
 * What Windows puts around a program before it runs: a stack, the thread's and the process's block (TEB, PEB) and the lists of libraries, as far as programs
 * read them by themselves. Layouts of 32-bit Windows, as Microsoft's symbols and many debuggers show them.
 */
import type { Machine } from './machine.ts'
import {
  BLOCKS_END,
  BLOCKS_START,
  LIBRARY_LIST,
  PROCESS_BLOCK,
  STACK_END,
  STACK_START,
  THREAD_BLOCK,
} from './windows-layout.ts'
import type { Libraries } from './windows-libraries.ts'

const PROCESS_HEAP = 0x140000
/** The lists' heads in the loader's data, and what an entry takes. */
const LOADER_DATA = LIBRARY_LIST
const FIRST_ENTRY = LIBRARY_LIST + 0x100
const ENTRY_BYTES = 0x50
const ENTRIES_MAX = 32
/** Their texts. */
const TEXTS = FIRST_ENTRY + ENTRY_BYTES * ENTRIES_MAX
const TEXT_BYTES = 0x80
/** Places of the three lists' links in the loader's data and in an entry. */
const LISTS = [
  [0x0c, 0],
  [0x14, 8],
  [0x1c, 0x10],
] as const

export const PROGRAM_NAME = 'C:\\program.exe'

export interface LoadedImage {
  readonly base: number
  readonly imageBytes: number
  readonly entry: number
}

/** Maps stack and blocks and fills them. */
export function createProcess(machine: Machine, image: LoadedImage, libraries: Libraries): void {
  machine.map(STACK_START, STACK_END - STACK_START)
  machine.map(BLOCKS_START, BLOCKS_END - BLOCKS_START)
  const words = (base: number, values: readonly (readonly [offset: number, value: number])[]) => {
    for (const [offset, value] of values) machine.write32(base + offset, value)
  }
  words(THREAD_BLOCK, [
    [0, 0xffffffff],
    [4, STACK_END],
    [8, STACK_START],
    [0x18, THREAD_BLOCK],
    [0x20, 0x6c4],
    [0x24, 0x6c8],
    [0x30, PROCESS_BLOCK],
  ])
  words(PROCESS_BLOCK, [
    [8, image.base],
    [0xc, LOADER_DATA],
    [0x18, PROCESS_HEAP],
    // Windows XP: 5.1, build 2600, of the NT platform.
    [0xa4, 5],
    [0xa8, 1],
    [0xac, 2600],
    [0xb0, 2],
  ])
  machine.setSegmentBase('fs', THREAD_BLOCK)
  listLibraries(machine, image, libraries)
}

/** The three lists, all in one order: the program, then the libraries. */
function listLibraries(machine: Machine, image: LoadedImage, libraries: Libraries): void {
  const modules = [
    { ...image, name: PROGRAM_NAME },
    ...libraries.loaded.map(({ name, base, imageBytes }) => ({
      base,
      imageBytes,
      entry: 0,
      name: `C:\\WINDOWS\\system32\\${name}`,
    })),
  ].slice(0, ENTRIES_MAX)
  machine.write32(LOADER_DATA, 0x28)
  machine.write32(LOADER_DATA + 4, 1)
  for (const [index, { base, imageBytes, entry, name }] of modules.entries()) {
    const at = FIRST_ENTRY + ENTRY_BYTES * index
    const text = TEXTS + TEXT_BYTES * index
    const file = name.slice(name.lastIndexOf('\\') + 1)
    machine.load(text, Buffer.from(`${name}\0`.slice(0, TEXT_BYTES / 2), 'utf16le'))
    machine.write32(at + 0x18, base)
    machine.write32(at + 0x1c, entry)
    machine.write32(at + 0x20, imageBytes)
    writeText(machine, at + 0x24, text, name)
    writeText(machine, at + 0x2c, text + 2 * (name.length - file.length), file)
  }
  for (const [head, link] of LISTS) {
    const places = [
      LOADER_DATA + head,
      ...modules.map((_, index) => FIRST_ENTRY + ENTRY_BYTES * index + link),
    ]
    for (const [index, place] of places.entries()) {
      machine.write32(place, places[(index + 1) % places.length] ?? place)
      machine.write32(place + 4, places.at(index - 1) ?? place)
    }
  }
}

/** A UNICODE_STRING. */
function writeText(machine: Machine, at: number, text: number, value: string): void {
  machine.write32(at, (2 * value.length) | ((2 * value.length + 2) << 16))
  machine.write32(at + 4, text)
}
