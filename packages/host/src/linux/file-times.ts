/**
 * Times of files to the nanosecond, and a rename that never overwrites: Node's own lose digits, or have no such flag.
 */
import { callError, calls, lastError } from './system-calls.ts'

const AT_FDCWD = -100
const RENAME_NOREPLACE = 1

/** Sets access and modification time, in nanoseconds since 1970 (futimens(3)). */
export function setFileTimes(fd: number, atimeNs: bigint, mtimeNs: bigint): void {
  const times = Buffer.alloc(32)
  for (const [index, time] of [atimeNs, mtimeNs].entries()) {
    const nanoseconds = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
    times.writeBigInt64LE((time - nanoseconds) / 1_000_000_000n, index * 16)
    times.writeBigInt64LE(nanoseconds, index * 16 + 8)
  }
  if (calls.futimens(fd, times) < 0) throw callError('set the times of a file')
}

/** Renames unless something stands at `to`: HostError `exists` then, `unsupported` where the file system cannot. */
export function renameWithoutReplacing(from: Uint8Array, to: Uint8Array): void {
  const end = Buffer.of(0)
  const old = Buffer.concat([from, end])
  const fresh = Buffer.concat([to, end])
  if (calls.renameat2(AT_FDCWD, old, AT_FDCWD, fresh, RENAME_NOREPLACE) < 0) {
    const code = lastError()
    throw callError(`rename to ${Buffer.from(to).toString()}`, code === 'EINVAL' ? 'EOPNOTSUPP' : code)
  }
}
