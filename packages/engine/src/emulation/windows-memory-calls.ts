/**
 * Functions of Windows and of C libraries that give out memory, say what it is, copy it and compare texts in it.
 */
import type { WindowsCall, WindowsSystem } from './windows-system.ts'

/** Copies of one call: what more a program might ask for is no unpacking. */
const COPY_MAX = 16 * 1024 * 1024
const READ_WRITE_EXECUTE = 0x40
const COMMITTED = 0x1000
const IMAGE = 0x1000000
const CURRENT_PROCESS = 0xffffffff

function copy({ machine }: WindowsSystem, to: number, from: number, length: number): boolean {
  const bytes = length <= COPY_MAX ? machine.read(from, length) : undefined
  return bytes !== undefined && machine.write(to, bytes)
}

function fill({ machine }: WindowsSystem, at: number, length: number, value: number): void {
  if (length <= COPY_MAX) machine.write(at, new Uint8Array(length).fill(value))
}

/** Texts up to 512 bytes, as all that are compared are. */
function compare(first: string, second: string): number {
  return first === second ? 0 : first < second ? 0xffffffff : 1
}

const copyText =
  (isAppended: boolean): WindowsCall =>
  ({ machine }, to = 0, from = 0) => {
    const start = isAppended ? to + machine.readText(to).length : to
    machine.write(start, Buffer.from(`${machine.readText(from)}\0`, 'latin1'))
    return to
  }

const allocate =
  (argument: number): WindowsCall =>
  (system, ...args) =>
    system.memory.allocate(args[argument] ?? 0)

const same =
  (argument: number): WindowsCall =>
  (_, ...args) =>
    args[argument] ?? 0

const one: WindowsCall = () => 1
const none: WindowsCall = () => 0

function reserve(system: WindowsSystem, address = 0, bytes = 0): number {
  return system.memory.reserve(address, bytes)
}

function protect(
  { machine }: WindowsSystem,
  _address?: number,
  _bytes?: number,
  _rights?: number,
  before = 0,
): number {
  return machine.write32(before, READ_WRITE_EXECUTE) ? 1 : 0
}

function query({ machine, image }: WindowsSystem, address = 0, buffer = 0): number {
  const page = address - (address % 0x1000)
  const isMapped = machine.read(page, 1) !== undefined
  const isImage = page >= image.base && page < image.base + image.imageBytes
  const words = [
    page,
    isImage ? image.base : page,
    READ_WRITE_EXECUTE,
    isImage ? image.base + image.imageBytes - page : 0x1000,
    isMapped ? COMMITTED : 0x10000,
    isMapped ? READ_WRITE_EXECUTE : 1,
    isImage ? IMAGE : 0x20000,
  ]
  for (const [index, value] of words.entries()) machine.write32(buffer + 4 * index, value)
  return 4 * words.length
}

/** The forms that name a process first work on the program's own. */
const ofProcess =
  (call: WindowsCall, otherwise: number): WindowsCall =>
  (system, process, ...args) =>
    process === CURRENT_PROCESS ? call(system, ...args) : otherwise

const transfer =
  (isWrite: boolean): WindowsCall =>
  (system, place = 0, buffer = 0, length = 0, done = 0) => {
    const isDone = isWrite ? copy(system, place, buffer, length) : copy(system, buffer, place, length)
    if (isDone && done !== 0) system.machine.write32(done, length)
    return Number(isDone)
  }

/** NtAllocateVirtualMemory: address and size stand in memory, and 0 is success. */
function reserveNative(system: WindowsSystem, place = 0, _bits?: number, size = 0): number {
  const { machine } = system
  const address = reserve(system, machine.read32(place) ?? 0, machine.read32(size) ?? 0)
  return address !== 0 && machine.write32(place, address) ? 0 : 0xc0000017
}

export const memoryCalls: Readonly<Record<string, WindowsCall>> = {
  VirtualAlloc: reserve,
  VirtualAllocEx: ofProcess(reserve, 0),
  NtAllocateVirtualMemory: ofProcess(reserveNative, 0xc0000008),
  ZwAllocateVirtualMemory: ofProcess(reserveNative, 0xc0000008),
  VirtualFree: one,
  VirtualFreeEx: one,
  VirtualProtect: protect,
  VirtualProtectEx: ofProcess(protect, 0),
  NtProtectVirtualMemory: none,
  ZwProtectVirtualMemory: none,
  VirtualQuery: query,
  FlushInstructionCache: one,
  WriteProcessMemory: ofProcess(transfer(true), 0),
  ReadProcessMemory: ofProcess(transfer(false), 0),
  GetProcessHeap: () => 0x140000,
  HeapCreate: () => 0x150000,
  HeapAlloc: allocate(2),
  RtlAllocateHeap: allocate(2),
  HeapReAlloc: (system, _heap, _flags, address = 0, bytes = 0) => system.memory.reallocate(address, bytes),
  HeapFree: one,
  RtlFreeHeap: one,
  HeapDestroy: one,
  HeapSize: (system, _heap, _flags, address = 0) => system.memory.sizeOf(address),
  GlobalAlloc: allocate(1),
  LocalAlloc: allocate(1),
  GlobalReAlloc: (system, address = 0, bytes = 0) => system.memory.reallocate(address, bytes),
  LocalReAlloc: (system, address = 0, bytes = 0) => system.memory.reallocate(address, bytes),
  GlobalLock: same(0),
  LocalLock: same(0),
  GlobalHandle: same(0),
  GlobalUnlock: none,
  LocalUnlock: none,
  GlobalFree: none,
  LocalFree: none,
  GlobalSize: (system, address = 0) => system.memory.sizeOf(address),
  malloc: allocate(0),
  '??2@YAPAXI@Z': allocate(0),
  calloc: (system, count = 0, bytes = 0) => system.memory.allocate(Math.min(count * bytes, 0x7fffffff)),
  realloc: (system, address = 0, bytes = 0) => system.memory.reallocate(address, bytes),
  free: none,
  RtlMoveMemory: (system, to = 0, from = 0, length = 0) => Number(copy(system, to, from, length)),
  memcpy: (system, to = 0, from = 0, length = 0) => (copy(system, to, from, length) ? to : 0),
  memmove: (system, to = 0, from = 0, length = 0) => (copy(system, to, from, length) ? to : 0),
  memset(system, at = 0, value = 0, length = 0) {
    fill(system, at, length, value)
    return at
  },
  RtlZeroMemory(system, at = 0, length = 0) {
    fill(system, at, length, 0)
    return 0
  },
  RtlFillMemory(system, at = 0, length = 0, value = 0) {
    fill(system, at, length, value)
    return 0
  },
  IsBadReadPtr: ({ machine }, address = 0) => (machine.read(address, 1) === undefined ? 1 : 0),
  IsBadWritePtr: ({ machine }, address = 0) => (machine.read(address, 1) === undefined ? 1 : 0),
  lstrlenA: ({ machine }, address = 0) => machine.readText(address).length,
  strlen: ({ machine }, address = 0) => machine.readText(address).length,
  lstrcpyA: copyText(false),
  strcpy: copyText(false),
  lstrcatA: copyText(true),
  strcat: copyText(true),
  lstrcmpA: ({ machine }, first = 0, second = 0) =>
    compare(machine.readText(first), machine.readText(second)),
  lstrcmpiA: ({ machine }, first = 0, second = 0) =>
    compare(machine.readText(first).toLowerCase(), machine.readText(second).toLowerCase()),
}
