/**
 * Reading the program's own file, which some unpackers do to check it or to find what is packed in it. There is no other file, and nothing can be written.
 */
import { PROGRAM_NAME } from './windows-process.ts'
import type { WindowsCall, WindowsSystem } from './windows-system.ts'

const INVALID_HANDLE = 0xffffffff
/** The only file there is, and its mapping. */
const FILE_HANDLE = 0x50
const MAPPING_HANDLE = 0x54
const OPEN_EXISTING = 3
/** Bytes of one call. */
const READ_MAX = 16 * 1024 * 1024
const PIECE_BYTES = 64 * 1024

const open =
  (isWide: boolean): WindowsCall =>
  ({ machine, file }, name = 0, _access, _share, _security, disposition = 0) => {
    const path = isWide ? machine.readWideText(name) : machine.readText(name)
    const isProgram = PROGRAM_NAME.toLowerCase() === path.toLowerCase()
    if (!isProgram || disposition !== OPEN_EXISTING) return INVALID_HANDLE
    file.position = 0
    return FILE_HANDLE
  }

function copyFile({ machine, file }: WindowsSystem, to: number, from: number, length: number): boolean {
  for (let at = 0; at < length; at += PIECE_BYTES)
    if (!machine.write(to + at, file.source.read(from + at, Math.min(PIECE_BYTES, length - at)))) return false
  return true
}

function read(system: WindowsSystem, handle = 0, buffer = 0, wanted = 0, done = 0): number {
  const { machine, file } = system
  if (handle !== FILE_HANDLE) return 0
  const length = Math.max(0, Math.min(wanted, READ_MAX, file.source.size - file.position))
  if (!copyFile(system, buffer, file.position, length)) return 0
  file.position += length
  if (done !== 0) machine.write32(done, length)
  return 1
}

/** From the beginning, the position, or the end; distances are signed. */
function seek({ file }: WindowsSystem, handle = 0, distance = 0, _high = 0, from = 0): number {
  if (handle !== FILE_HANDLE) return INVALID_HANDLE
  const base = from === 0 ? 0 : from === 1 ? file.position : file.source.size
  file.position = Math.max(0, base + (distance | 0))
  return file.position
}

function view(system: WindowsSystem, handle = 0, _access = 0, _high = 0, from = 0, wanted = 0): number {
  const { size } = system.file.source
  const length = wanted === 0 ? size - from : Math.min(wanted, size - from)
  if (handle !== MAPPING_HANDLE || length <= 0 || length > READ_MAX) return 0
  const address = system.memory.reserve(0, length)
  return address !== 0 && copyFile(system, address, from, length) ? address : 0
}

export const fileCalls: Readonly<Record<string, WindowsCall>> = {
  CreateFileA: open(false),
  CreateFileW: open(true),
  CloseHandle: () => 1,
  ReadFile: read,
  SetFilePointer: seek,
  GetFileSize: ({ file }, handle) => (handle === FILE_HANDLE ? file.source.size : INVALID_HANDLE),
  CreateFileMappingA: (_, handle) => (handle === FILE_HANDLE ? MAPPING_HANDLE : 0),
  MapViewOfFile: view,
  UnmapViewOfFile: () => 1,
}
