/**
 * What is known of whoever is at the other end of a connection, before a word of the request is believed: the address, whether
 * TLS is spoken, and the client certificate that TLS has checked. Handed to the application as Hono's bindings, so that tests
 * can call it without a socket.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** A client certificate as TLS saw it. */
export interface PeerCertificate {
  /** DER. */
  readonly raw: Uint8Array
  /** Whether it was issued by our authority and is within its time, as OpenSSL checked. */
  readonly trusted: boolean
  /** Why it is not trusted: OpenSSL's own word. */
  readonly reason: string | undefined
}

/** The other end of a connection. */
export interface Connection {
  readonly address: string
  readonly secure: boolean
  readonly certificate: PeerCertificate | undefined
}

/** Hono's types for our applications. */
export interface HttpEnvironment {
  Bindings: { connection: Connection }
  Variables: { requestId: string }
}

// A socket's peer does not change while it lives: TLS 1.3 has no renegotiation.
const known = new WeakMap<Socket, Connection>()

/** The other end of the connection that a request came over. */
export function connectionOf(incoming: Pick<IncomingMessage, 'socket'>): Connection {
  const { socket } = incoming
  const before = known.get(socket)
  if (before !== undefined) return before
  const connection: Connection = {
    address: socket.remoteAddress ?? '',
    secure: socket instanceof TLSSocket,
    certificate: socket instanceof TLSSocket ? certificateOf(socket) : undefined,
  }
  known.set(socket, connection)
  return connection
}

function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  const certificate = socket.getPeerCertificate()
  // An empty object is what Node gives when the client has shown none.
  if (!certificate?.raw) return undefined
  const reason = socket.authorizationError
  return {
    raw: certificate.raw,
    trusted: socket.authorized,
    reason: socket.authorized ? undefined : String(reason ?? 'not authorized'),
  }
}
