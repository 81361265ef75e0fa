/**
 * Addresses of unix sockets, and who is at the other end of one (unix(7): sockaddr_un, SO_PEERCRED).
 */
import { HostError } from '../host-error.ts'
import { SOCKET_PATH_BYTES } from '../paths.ts'
import { callError, calls } from './system-calls.ts'

/** The user and process at the other end, as the kernel noted them when it connected, or began to listen. */
export interface PeerUser {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

/** sockaddr_un for a path. Throws HostError `path-too-long`. */
export function socketAddress(path: string): Buffer {
  const name = Buffer.from(path, 'utf8')
  if (name.length > SOCKET_PATH_BYTES || name.includes(0)) {
    throw new HostError(
      'path-too-long',
      `The socket path ${path} has ${name.length} bytes and may have ${SOCKET_PATH_BYTES}; choose a shorter folder.`,
    )
  }
  const address = Buffer.alloc(2 + name.length + 1)
  address.writeUInt16LE(1, 0)
  name.copy(address, 2)
  return address
}

/** SO_PEERCRED of a connected socket. */
export function peerOf(fd: number): PeerUser {
  const credentials = Buffer.alloc(12)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(credentials.length)
  if (calls.getsockopt(fd, 1, 17, credentials, length) < 0)
    throw callError('ask who is at the other end of a socket')
  return {
    pid: credentials.readInt32LE(0),
    uid: credentials.readUInt32LE(4),
    gid: credentials.readUInt32LE(8),
  }
}
