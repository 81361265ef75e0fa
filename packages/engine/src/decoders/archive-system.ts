/**
 * The system that the archive library's program runs in: one file to read, the archive, and a folder to write to, whose files are handed out as
 * they are written and kept nowhere. There is nothing else in it: no disk, no network, no time, no other program. The function here stands by
 * itself, since it is started from its source text; its calls are those of WASI (preview 1) and of Linux as Emscripten numbers them.
 */

/** What the system is made of. */
export interface SystemParts {
  readonly size: number
  /** Bytes of the archive: `length` of them at most, one at least unless it ends there. Valid until the next call. */
  read(offset: number, length: number): Uint8Array
  entry(path: Uint8Array): void
  data(bytes: Uint8Array): void
  closed(): void
  text(bytes: Uint8Array): void
  /** Bytes that the program's memory may grow to. */
  readonly memoryMax: number
}

export interface ArchiveSystem {
  readonly imports: Record<string, (...values: never[]) => unknown>
  /** To be called with the program's memory before it runs. */
  use(memory: WebAssembly.Memory): void
  /** Whether the program was refused memory. */
  wantedMemory(): boolean
}

/** A program that ended by itself throws this. */
export interface ProgramEnd {
  readonly exit: number
}

export function createArchiveSystem(parts: SystemParts): ArchiveSystem {
  const archivePath = '/a'
  const folderPath = '/o'
  const [noEntry, badDescriptor, wrongSeek, notTerminal] = [44, 8, 29, 59]
  const [folderMode, fileMode, terminalMode] = [0o040755, 0o100644, 0o020600]
  const zeros = new Uint8Array(64 * 1024)
  let memory: WebAssembly.Memory
  let bytes = new Uint8Array(0)
  let view = new DataView(new ArrayBuffer(0))
  let isRefused = false
  /** Of the archive, which may be open more than once: places in it by descriptor. */
  const readers = new Map<number, number>()
  /** The file that is being written: there is one at a time. */
  let writer:
    | { readonly descriptor: number; readonly path: string; length: number; place: number }
    | undefined
  let [lastFile, lastFolder] = ['', '']
  let nextDescriptor = 3

  function look(): void {
    if (bytes.buffer === memory.buffer) return
    bytes = new Uint8Array(memory.buffer)
    view = new DataView(memory.buffer)
  }

  function textAt(place: number): Uint8Array {
    look()
    return bytes.subarray(place, bytes.indexOf(0, place))
  }

  const pathAt = (place: number) => Buffer.from(textAt(place)).toString('utf8')

  function writeState(place: number, mode: number, size: number): number {
    look()
    bytes.fill(0, place, place + 96)
    view.setInt32(place, 1, true)
    view.setInt32(place + 4, mode, true)
    view.setUint32(place + 8, 1, true)
    view.setBigInt64(place + 24, BigInt(size), true)
    view.setInt32(place + 32, 4096, true)
    view.setBigInt64(place + 88, 1n, true)
    return 0
  }

  function stateOf(pathPlace: number, place: number): number {
    const path = pathAt(pathPlace).replace(/\/$/, '')
    if (path === archivePath) return writeState(place, fileMode, parts.size)
    if (path === '' || path === folderPath || path === lastFolder) return writeState(place, folderMode, 0)
    if (path === lastFile) return writeState(place, fileMode, 0)
    return -noEntry
  }

  /** What lies between was left out because it is zero. */
  function fill(upTo: number): void {
    if (writer === undefined) return
    while (writer.length < upTo) {
      const count = Math.min(zeros.length, upTo - writer.length)
      parts.data(zeros.subarray(0, count))
      writer.length += count
    }
  }

  function write(descriptor: number, chunk: Uint8Array): boolean {
    if (descriptor < 3) {
      parts.text(chunk)
      return true
    }
    // What has been handed out cannot be written again.
    if (writer?.descriptor !== descriptor || writer.place < writer.length) return false
    fill(writer.place)
    parts.data(chunk)
    writer.length += chunk.length
    writer.place = writer.length
    return true
  }

  function readTo(descriptor: number, start: number, length: number): number {
    const place = readers.get(descriptor) ?? 0
    let read = 0
    while (read < length && place + read < parts.size) {
      const chunk = parts.read(place + read, length - read)
      look()
      bytes.set(chunk, start + read)
      read += chunk.length
    }
    readers.set(descriptor, place + read)
    return read
  }

  const imports = {
    __cxa_throw: () => {
      throw new Error('an exception')
    },
    _abort_js: () => {
      throw new Error('an exception')
    },
    exit: (exit: number) => {
      const end: ProgramEnd = { exit }
      throw end
    },
    __syscall_chmod: () => 0,
    __syscall_fchownat: () => 0,
    __syscall_utimensat: () => 0,
    __syscall_ftruncate64: () => 0,
    __syscall_getdents64: () => 0,
    __syscall_symlinkat: () => 0,
    __syscall_renameat: () => 0,
    __syscall_unlinkat: () => 0,
    __syscall_rmdir: () => 0,
    __syscall_readlinkat: () => -noEntry,
    __syscall_ioctl: () => -notTerminal,
    __syscall_mkdirat: (_folder: number, path: number) => {
      lastFolder = pathAt(path)
      return 0
    },
    __syscall_getcwd: (place: number, size: number) => {
      if (size < 2) return -28
      look()
      bytes.set([0x2f, 0], place)
      return 2
    },
    __syscall_fstat64: (descriptor: number, place: number) => {
      if (readers.has(descriptor)) return writeState(place, fileMode, parts.size)
      return writeState(place, descriptor < 3 ? terminalMode : fileMode, writer?.length ?? 0)
    },
    __syscall_stat64: stateOf,
    __syscall_lstat64: stateOf,
    __syscall_newfstatat: (_folder: number, path: number, place: number) => stateOf(path, place),
    __syscall_openat: (_folder: number, path: number, flags: number) => {
      const isWritten = (flags & 3) !== 0
      const name = pathAt(path)
      if (!isWritten && name !== archivePath) return -noEntry
      const descriptor = nextDescriptor
      nextDescriptor += 1
      if (isWritten) {
        if (writer !== undefined) return -badDescriptor
        writer = { descriptor, path: name, length: 0, place: 0 }
        lastFile = name
        parts.entry(textAt(path).subarray(folderPath.length + 1))
      } else readers.set(descriptor, 0)
      return descriptor
    },
    fd_close: (descriptor: number) => {
      if (writer?.descriptor === descriptor) {
        fill(writer.place)
        writer = undefined
        parts.closed()
        return 0
      }
      return readers.delete(descriptor) ? 0 : badDescriptor
    },
    fd_fdstat_get: (descriptor: number, place: number) => {
      look()
      bytes.fill(0, place, place + 24)
      bytes[place] = descriptor < 3 ? 2 : 4
      return 0
    },
    fd_seek: (descriptor: number, distance: bigint, from: number, result: number) => {
      const isWriter = writer?.descriptor === descriptor
      const place = isWriter ? writer?.place : readers.get(descriptor)
      if (place === undefined) return badDescriptor
      const start = from === 0 ? 0 : from === 1 ? place : isWriter ? (writer?.length ?? 0) : parts.size
      const target = start + Number(distance)
      if (!Number.isSafeInteger(target) || target < 0) return wrongSeek
      if (isWriter && writer !== undefined) writer.place = target
      else readers.set(descriptor, target)
      look()
      view.setBigInt64(result, BigInt(target), true)
      return 0
    },
    fd_read: (descriptor: number, vectors: number, count: number, result: number) => {
      let read = 0
      for (let index = 0; index < count && readers.has(descriptor); index += 1) {
        look()
        const start = view.getUint32(vectors + 8 * index, true)
        const length = view.getUint32(vectors + 8 * index + 4, true)
        const got = readTo(descriptor, start, length)
        read += got
        if (got < length) break
      }
      look()
      view.setUint32(result, read, true)
      return 0
    },
    fd_write: (descriptor: number, vectors: number, count: number, result: number) => {
      look()
      let written = 0
      for (let index = 0; index < count; index += 1) {
        const start = view.getUint32(vectors + 8 * index, true)
        const length = view.getUint32(vectors + 8 * index + 4, true)
        if (length > 0 && !write(descriptor, bytes.subarray(start, start + length))) return wrongSeek
        written += length
      }
      view.setUint32(result, written, true)
      return 0
    },
    environ_sizes_get: (count: number, size: number) => {
      look()
      view.setUint32(count, 1, true)
      view.setUint32(size, 13, true)
      return 0
    },
    environ_get: (list: number, text: number) => {
      look()
      view.setUint32(list, text, true)
      bytes.set(Buffer.from('LANG=C.UTF-8\0'), text)
      return 0
    },
    clock_time_get: (_clock: number, _precision: bigint, result: number) => {
      look()
      view.setBigInt64(result, BigInt(Math.floor(performance.now() * 1e6)), true)
      return 0
    },
    emscripten_date_now: () => 0,
    // The library asks for local times to print them; nobody reads them.
    _tzset_js: (zone: number, daylight: number, name: number, summerName: number) => {
      look()
      for (const place of [zone, daylight, name, summerName]) view.setInt32(place, 0, true)
    },
    _mktime_js: () => 0n,
    _localtime_js: (_time: bigint, place: number) => {
      look()
      bytes.fill(0, place, place + 44)
      view.setInt32(place + 12, 1, true)
    },
    _gmtime_js: (_time: bigint, place: number) => {
      look()
      bytes.fill(0, place, place + 44)
      view.setInt32(place + 12, 1, true)
    },
    emscripten_get_heap_max: () => parts.memoryMax,
    emscripten_resize_heap: (size: number) => {
      const wanted = size >>> 0
      const pages = Math.ceil((wanted - memory.buffer.byteLength) / 65536)
      try {
        if (wanted > parts.memoryMax) throw new RangeError('more than it may have')
        memory.grow(pages)
        return 1
      } catch {
        isRefused = true
        return 0
      }
    },
  }
  return {
    imports: imports as ArchiveSystem['imports'],
    use(given) {
      memory = given
    },
    wantedMemory: () => isRefused,
  }
}
