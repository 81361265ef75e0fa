/**
 * Libraries of Windows as an emulated program sees them: images with a header, an export table, and for each function a stub that calls its
 * emulation. None of Windows' code is in them. Programs may walk the export tables, as many that hide their imports do.
 */
import type { Machine } from './machine.ts'
import { functionsOf, hiddenFunctionsOf, unknownFunction, type WindowsFunction } from './windows-functions.ts'
import {
  LIBRARIES_END,
  LIBRARIES_START,
  LIBRARY_STRIDE,
  SPARE_STUBS,
  SPARE_STUBS_BYTES,
} from './windows-layout.ts'

/** Room for a stub. */
const STUB_BYTES = 16
const STUB_MARK = 0xc0de
const HEADER_BYTES = 0x400
const EXPORTS_RVA = 0x400
/** What an export directory and a row of its three tables take (PE format, "The .edata Section"). */
const DIRECTORY_BYTES = 40
const ROW_BYTES = 10

export interface Library {
  readonly name: string
  readonly base: number
  readonly imageBytes: number
  /** Addresses by the functions' names. */
  readonly stubs: ReadonlyMap<string, number>
}

export interface Libraries {
  /** All that are loaded, in the order they were. */
  readonly loaded: readonly Library[]
  /** By name, without regard to case or a missing `.dll`; loaded if it is not yet. Undefined when there is no room. */
  load(name: string): Library | undefined
  find(name: string): Library | undefined
  at(base: number): Library | undefined
  /** The address of a function's stub, made if the library's table lacks it. Undefined when there is no room. */
  functionAddress(library: string, name: string): number | undefined
  /** The function that a stub's number in eax means. */
  byNumber(number: number): WindowsFunction | undefined
}

/** Starts with those that every program has. */
export function createLibraries(machine: Machine): Libraries {
  const loaded: Library[] = []
  const functions: WindowsFunction[] = []
  const spare = new Map<string, number>()
  machine.map(SPARE_STUBS, SPARE_STUBS_BYTES)
  const libraries: Libraries = {
    loaded,
    find: (name) => loaded.find((library) => library.name === libraryName(name)),
    at: (base) => loaded.find((library) => library.base === base),
    byNumber: (number) => (number >>> 16 === STUB_MARK ? functions[number & 0xffff] : undefined),
    load(name) {
      const found = libraries.find(name)
      if (found !== undefined) return found
      const base = LIBRARIES_START + LIBRARY_STRIDE * loaded.length
      if (base >= LIBRARIES_END) return undefined
      const { library, bytes } = buildLibrary(libraryName(name), base, functions)
      // Real ones are larger: who looks behind the table finds zeros.
      if (!machine.map(base, LIBRARY_STRIDE) || !machine.load(base, bytes)) return undefined
      loaded.push(library)
      return library
    },
    functionAddress(libraryText, name) {
      const library = libraries.load(libraryText)
      const known = library?.stubs.get(name)
      if (library === undefined || known !== undefined) return known
      const key = `${library.name}!${name}`
      let address = spare.get(key)
      if (address === undefined) {
        address = SPARE_STUBS + STUB_BYTES * spare.size
        const isFull = address >= SPARE_STUBS + SPARE_STUBS_BYTES || functions.length > 0xffff
        if (isFull) return undefined
        const unknown = unknownFunction(library.name, name)
        if (!machine.load(address, stub(functions.length, unknown))) return undefined
        functions.push(unknown)
        spare.set(key, address)
      }
      return address
    },
  }
  for (const name of ['ntdll.dll', 'kernel32.dll', 'user32.dll', 'advapi32.dll']) libraries.load(name)
  return libraries
}

function libraryName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/^.*[\\/]/, '')
    .slice(0, 64)
  return /\.[a-z]+$/.test(name) ? name : `${name}.dll`
}

/**
 * `mov edi,edi; push ebp; mov ebp,esp; pop ebp`, as functions of Windows begin, so that code that looks for break points or copies the beginning finds
 * what it expects; then `mov eax` with the number, `int 0x2e` and `ret`.
 */
function stub(number: number, { released }: WindowsFunction): Uint8Array {
  const bytes = [0x8b, 0xff, 0x55, 0x8b, 0xec, 0x5d, 0xb8, ...numberBytes(number), 0xcd, 0x2e, 0xc2]
  return Uint8Array.of(...bytes, (released ?? 0) & 0xff, (released ?? 0) >> 8)
}

/** Where something returns to, what is in eax goes into edx. */
function returnStub(number: number): Uint8Array {
  return Uint8Array.of(0x89, 0xc2, 0xb8, ...numberBytes(number), 0xcd, 0x2e, 0xc3)
}

/** A number as it stands in eax: with a mark that no number of the real system has. */
function numberBytes(number: number): readonly number[] {
  return [number & 0xff, number >> 8, STUB_MARK & 0xff, STUB_MARK >> 8]
}

/** An image with its export table, and its functions numbered behind those there are. */
function buildLibrary(
  name: string,
  base: number,
  functions: WindowsFunction[],
): { library: Library; bytes: Uint8Array } {
  const own = functionsOf(name)
  const hidden = hiddenFunctionsOf(name)
  const texts = Buffer.from(
    [name, ...own.map((one) => one.name)].map((text) => `${text}\0`).join(''),
    'latin1',
  )
  const addresses = EXPORTS_RVA + DIRECTORY_BYTES
  const names = addresses + 4 * own.length
  const ordinals = names + 4 * own.length
  const text = EXPORTS_RVA + DIRECTORY_BYTES + ROW_BYTES * own.length
  const code = Math.ceil((text + texts.length) / 0x1000) * 0x1000
  const bytes = Buffer.alloc(
    Math.ceil((code + STUB_BYTES * (own.length + hidden.length) + 1) / 0x1000) * 0x1000,
  )
  writeHeader(bytes, base, code, text + texts.length - EXPORTS_RVA)
  bytes.set(texts, text)
  const directory = [0, 0, 0, text, 1, own.length, own.length, addresses, names, ordinals]
  for (const [index, value] of directory.entries()) bytes.writeUInt32LE(value, EXPORTS_RVA + 4 * index)
  const stubs = new Map<string, number>()
  let nameAt = text + name.length + 1
  for (const [index, one] of own.entries()) {
    const at = code + STUB_BYTES * index
    bytes.set(stub(functions.length, one), at)
    bytes.writeUInt32LE(at, addresses + 4 * index)
    bytes.writeUInt32LE(nameAt, names + 4 * index)
    bytes.writeUInt16LE(index, ordinals + 2 * index)
    stubs.set(one.name, base + at)
    functions.push(one)
    nameAt += one.name.length + 1
  }
  for (const [index, one] of hidden.entries()) {
    const at = code + STUB_BYTES * (own.length + index)
    bytes.set(returnStub(functions.length), at)
    stubs.set(one.name, base + at)
    functions.push(one)
  }
  return { library: { name, base, imageBytes: bytes.length, stubs }, bytes }
}

/** PE format, "MS-DOS Stub" to "Section Table". */
function writeHeader(bytes: Buffer, base: number, code: number, exportBytes: number): void {
  const pe = 0x80
  bytes.write('MZ', 'latin1')
  bytes.writeUInt32LE(pe, 0x3c)
  bytes.write('PE\0\0', pe, 'latin1')
  bytes.writeUInt16LE(0x14c, pe + 4)
  bytes.writeUInt16LE(1, pe + 6)
  bytes.writeUInt16LE(0xe0, pe + 20)
  bytes.writeUInt16LE(0x210e, pe + 22)
  const optional = pe + 24
  bytes.writeUInt16LE(0x10b, optional)
  for (const [at, value] of [
    [4, bytes.length - code],
    [16, code],
    [20, code],
    [28, base],
    [32, 0x1000],
    [36, 0x200],
    [56, bytes.length],
    [60, HEADER_BYTES],
    [92, 16],
    [96, EXPORTS_RVA],
    [100, exportBytes],
  ] as const)
    bytes.writeUInt32LE(value, optional + at)
  const section = optional + 0xe0
  bytes.write('.text', section, 'latin1')
  for (const [at, value] of [
    [8, bytes.length - 0x1000],
    [12, 0x1000],
    [16, bytes.length - 0x1000],
    [20, 0x1000],
    [36, 0x60000020],
  ] as const)
    bytes.writeUInt32LE(value, section + at)
}
