/**
 * What functions of Windows do for an emulated program: those that unpacking code needs to find libraries and functions, to get memory and to look
 * around. Nothing reaches the real system: there are no files, no network, no windows and no other processes.
 */
import type { Machine } from './machine.ts'
import { fileCalls } from './windows-file-calls.ts'
import { memoryCalls } from './windows-memory-calls.ts'
import { PROGRAM_NAME } from './windows-process.ts'
import type { WindowsCall, WindowsSystem } from './windows-system.ts'

const INVALID_HANDLE = 0xffffffff
const CURRENT_PROCESS = 0xffffffff
const VERSION_XP = 0x0a280105
/** Milliseconds since the start, at first. */
const UPTIME = 600_000

function text(system: WindowsSystem, address: number, isWide: boolean): string {
  return isWide ? system.machine.readWideText(address) : system.machine.readText(address)
}

/** Writes a text and its zero, if it fits. Its length. */
function putText(machine: Machine, address: number, room: number, value: string): number {
  if (value.length >= room) return value.length + 1
  machine.write(address, Buffer.from(`${value}\0`, 'latin1'))
  return value.length
}

const load =
  (isWide: boolean): WindowsCall =>
  (system, name = 0) =>
    system.libraries.load(text(system, name, isWide))?.base ?? 0

const moduleHandle =
  (isWide: boolean): WindowsCall =>
  (system, name = 0) => {
    if (name === 0) return system.image.base
    const wanted = text(system, name, isWide)
    if (PROGRAM_NAME.endsWith(wanted.toLowerCase())) return system.image.base
    return system.libraries.find(wanted)?.base ?? 0
  }

function functionAddress(system: WindowsSystem, base = 0, name = 0): number {
  const library = system.libraries.at(base)
  if (library === undefined) return 0
  const wanted = name < 0x10000 ? `#${name}` : system.machine.readText(name)
  return wanted === '' ? 0 : (system.libraries.functionAddress(library.name, wanted) ?? 0)
}

const systemFolder =
  (name: string): WindowsCall =>
  ({ machine }, buffer = 0, room = 0) =>
    putText(machine, buffer, room, name)

const always =
  (answer: number): WindowsCall =>
  () =>
    answer

const lookingAround: Readonly<Record<string, WindowsCall>> = {
  LoadLibraryA: load(false),
  LoadLibraryW: load(true),
  LoadLibraryExA: load(false),
  LoadLibraryExW: load(true),
  GetModuleHandleA: moduleHandle(false),
  GetModuleHandleW: moduleHandle(true),
  GetProcAddress: functionAddress,
  FreeLibrary: always(1),
  DisableThreadLibraryCalls: always(1),
  GetCurrentProcess: always(CURRENT_PROCESS),
  GetCurrentThread: always(0xfffffffe),
  GetCurrentProcessId: always(0x6c4),
  GetCurrentThreadId: always(0x6c8),
  GetVersion: always(VERSION_XP),
  GetTickCount: ({ steps }) => UPTIME + Math.floor(steps() / 100_000),
  GetLastError: ({ state }) => state.lastError,
  SetLastError({ state }, value = 0) {
    state.lastError = value
    return 0
  },
  IsDebuggerPresent: always(0),
  CheckRemoteDebuggerPresent: ({ machine }, _process, answer = 0) => Number(machine.write32(answer, 0)),
  OutputDebugStringA: always(0),
  SetErrorMode: always(0),
  Sleep: always(0),
  CreateToolhelp32Snapshot: always(INVALID_HANDLE),
  GetCommandLineA: ({ commandLine }) => commandLine,
  GetModuleFileNameA: ({ machine }, _module, buffer = 0, room = 0) =>
    putText(machine, buffer, room, PROGRAM_NAME),
  GetSystemDirectoryA: systemFolder('C:\\WINDOWS\\system32'),
  GetWindowsDirectoryA: systemFolder('C:\\WINDOWS'),
  GetStartupInfoA({ machine }, buffer = 0) {
    machine.write(buffer, new Uint8Array(68))
    machine.write32(buffer, 68)
    return 0
  },
  GetVersionExA({ machine }, buffer = 0) {
    for (const [index, value] of [5, 1, 2600, 2].entries()) machine.write32(buffer + 4 + 4 * index, value)
    return 1
  },
  InitializeCriticalSection: always(0),
  EnterCriticalSection: always(0),
  LeaveCriticalSection: always(0),
  DeleteCriticalSection: always(0),
  InterlockedIncrement: ({ machine }, place = 0) => change(machine, place, (value) => value + 1),
  InterlockedDecrement: ({ machine }, place = 0) => change(machine, place, (value) => value - 1),
  InterlockedExchange({ machine }, place = 0, value = 0) {
    const before = machine.read32(place) ?? 0
    machine.write32(place, value)
    return before
  },
  SetUnhandledExceptionFilter: ({ exceptions }, filter = 0) => exceptions.setFilter(filter),
  AddVectoredExceptionHandler({ exceptions }, _first, handler = 0) {
    // As many as any chain may have.
    if (exceptions.vectored.length < 64) exceptions.vectored.push(handler)
    return handler
  },
  RemoveVectoredExceptionHandler({ exceptions }, handler = 0) {
    const index = exceptions.vectored.indexOf(handler)
    if (index !== -1) exceptions.vectored.splice(index, 1)
    return 1
  },
  RtlUnwind: ({ unwind }, frame = 0) => unwind(frame),
}

function change(machine: Machine, place: number, to: (value: number) => number): number {
  const value = to(machine.read32(place) ?? 0) >>> 0
  machine.write32(place, value)
  return value
}

/** By name. Others do nothing and answer 0. */
export const windowsCalls: Readonly<Record<string, WindowsCall>> = {
  ...lookingAround,
  ...memoryCalls,
  ...fileCalls,
}

/** Functions that end the program. */
export const endingCalls: ReadonlySet<string> = new Set([
  'ExitProcess',
  'ExitThread',
  'FatalExit',
  'TerminateProcess',
  'NtTerminateProcess',
  'ZwTerminateProcess',
  'exit',
  '_exit',
  'abort',
])
