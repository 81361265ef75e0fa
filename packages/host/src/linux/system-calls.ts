/**
 * The C functions that Node does not offer, called through koffi, and how a failed one becomes a HostError. Loaded at once, so
 * that a process can drop its privileges afterwards. Linux on little-endian 64-bit machines only (x86-64, arm64).
 */
import koffi from 'koffi'
import { HostError, hostError } from '../host-error.ts'

const library = process.platform === 'linux' ? koffi.load(null) : undefined

type SystemCall = (...args: (number | bigint | string | Uint8Array | null)[]) => number

/** Declares a C function; on another system, calling it throws `unsupported`. koffi has no ssize_t: int64 stands for it. */
function declare(prototype: string): SystemCall {
  if (library !== undefined) return library.func(prototype) as unknown as SystemCall
  return () => {
    throw new HostError('unsupported', `This needs Linux (${prototype}); this system is ${process.platform}.`)
  }
}

/** Declares a function that not every C library has; undefined where it is missing. */
export function optionalCall(prototype: string): SystemCall | undefined {
  try {
    return library?.func(prototype) as unknown as SystemCall | undefined
  } catch {
    return undefined
  }
}

/** See the manual page of each in section 2. */
export const calls = {
  socket: declare('int socket(int domain, int type, int protocol)'),
  socketpair: declare('int socketpair(int domain, int type, int protocol, void *sv)'),
  bind: declare('int bind(int fd, void *address, uint32 length)'),
  listen: declare('int listen(int fd, int backlog)'),
  connect: declare('int connect(int fd, void *address, uint32 length)'),
  accept4: declare('int accept4(int fd, void *address, void *length, int flags)'),
  getsockopt: declare('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  sendmsg: declare('int64 sendmsg(int fd, void *message, int flags)'),
  recvmsg: declare('int64 recvmsg(int fd, void *message, int flags)'),
  flistxattr: declare('int64 flistxattr(int fd, void *list, uint64 size)'),
  fgetxattr: declare('int64 fgetxattr(int fd, const char *name, void *value, uint64 size)'),
  fsetxattr: declare('int fsetxattr(int fd, const char *name, void *value, uint64 size, int flags)'),
  futimens: declare('int futimens(int fd, void *times)'),
  getdents64: declare('int64 getdents64(int fd, void *entries, uint64 size)'),
  // The name is an address: names stand in what getdents64 gave.
  statx: declare('int statx(int folder, intptr name, int flags, uint32 mask, void *status)'),
  renameat2: declare('int renameat2(int from, void *old, int to, void *new, uint32 flags)'),
  prctl: declare('int prctl(int option, uint64 a, uint64 b, uint64 c, uint64 d)'),
  setrlimit: declare('int setrlimit(int resource, void *limit)'),
} as const

const names = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]))
// Two names of one number on Linux: keep the one that Node uses.
names.set(koffi.os.errno.EAGAIN ?? 11, 'EAGAIN')

/** The name of the error of the last call, which must have been made just before. */
export function lastError(): string {
  const number = koffi.errno()
  return names.get(number) ?? `E${number}`
}

/** The failure of a call as a HostError. `doing` as in hostError. */
export function callError(doing: string, code: string = lastError()): HostError {
  return hostError(doing, Object.assign(new Error(code), { code }))
}

/** The address of a buffer's bytes, for structures that hold pointers. The buffer must outlive every use of it. */
export function addressOf(buffer: Uint8Array): bigint {
  return koffi.address(buffer)
}

/** What koffi's poll handle does; its own type declarations leave out the callback's status. */
export interface PollHandle {
  start(interest: PollInterest, callback: (status: number) => void): void
  stop(): void
  close(): void
}
export interface PollInterest {
  readonly readable?: boolean
  readonly writable?: boolean
}

/** Calls back on the event loop whenever the descriptor is ready. Close the handle before the descriptor. */
export function watch(fd: number, interest: PollInterest, callback: (status: number) => void): PollHandle {
  if (library === undefined) throw new HostError('unsupported', 'Watching descriptors needs Linux.')
  return koffi.node.poll(fd, interest, callback as never) as unknown as PollHandle
}
