/**
 * Extended attributes of open files (xattr(7)): all of them read, and put back one by one.
 */
import { callError, calls, lastError } from './system-calls.ts'

export interface ExtendedAttribute {
  readonly name: string
  readonly value: Uint8Array
}

/** The largest list and the largest value that Linux has, in bytes (XATTR_LIST_MAX, XATTR_SIZE_MAX). */
const LARGEST = 65_536

/** All extended attributes of an open file that this user may read; none where the file system has none. */
export function readExtendedAttributes(fd: number): ExtendedAttribute[] {
  const buffer = Buffer.alloc(LARGEST)
  const length = Number(calls.flistxattr(fd, buffer, LARGEST))
  if (length < 0) {
    const code = lastError()
    if (code === 'EOPNOTSUPP' || code === 'ENOTSUP') return []
    throw callError('list extended attributes', code)
  }
  const names = buffer.subarray(0, length).toString('latin1').split('\0').slice(0, -1)
  const attributes: ExtendedAttribute[] = []
  for (const name of names) {
    const size = Number(calls.fgetxattr(fd, name, buffer, LARGEST))
    if (size >= 0) attributes.push({ name, value: Uint8Array.from(buffer.subarray(0, size)) })
    else {
      const code = lastError()
      // Gone meanwhile, or of a namespace that is not ours to read.
      if (code !== 'ENODATA' && code !== 'EPERM' && code !== 'EACCES' && code !== 'EOPNOTSUPP') {
        throw callError(`read the extended attribute ${name}`, code)
      }
    }
  }
  return attributes
}

/** Sets one; returns undefined or the name of the system's error. */
export function writeExtendedAttribute(fd: number, attribute: ExtendedAttribute): string | undefined {
  const { name, value } = attribute
  return calls.fsetxattr(fd, name, value, value.length, 0) < 0 ? lastError() : undefined
}
