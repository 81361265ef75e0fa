/**
 * A listener: an application on a socket, and its end. Stopping lets requests in flight finish, for a little while.
 */
import { createServer } from 'node:http'
import type { ServerOptions } from 'node:https'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { ServerError } from '../server-error.ts'
import { connectionOf, type HttpEnvironment } from './connection.ts'

/** Where to listen. `name` and `option` tell people which listener it is and what would change its port. */
export interface ListenerOptions {
  readonly name: string
  readonly option: string
  readonly host: string
  readonly port: number
  readonly tls?: ServerOptions
  /** Told of failures that concern no request, such as having no descriptor left for another connection. */
  readonly onFailure: (error: Error) => void
}

/** A listener that is open. */
export interface Listener {
  readonly port: number
  /** Renews the certificate without closing a connection. */
  readonly setTls: (tls: ServerOptions) => void
  /** Takes no more connections and waits up to `milliseconds` for those that are open. */
  readonly close: (milliseconds: number) => Promise<void>
}

/** Opens a listener. Throws `port-in-use`, `port-forbidden` or `address-unavailable`. */
export async function listen(app: Hono<HttpEnvironment>, options: ListenerOptions): Promise<Listener> {
  const handle = getRequestListener(
    (request, { incoming }) =>
      app.fetch(request, { connection: connectionOf(incoming as Parameters<typeof connectionOf>[0]) }),
    { overrideGlobalObjects: false },
  )
  const onRequest = (...parameters: Parameters<typeof handle>) => void handle(...parameters)
  // Slow senders are cut off: TLS within 10 s, headers within 20 s, a whole request within 60 s.
  const limits = { headersTimeout: 20_000, requestTimeout: 60_000, maxHeaderSize: 16_384 }
  const secure =
    options.tls === undefined
      ? undefined
      : createSecureServer({ ...limits, handshakeTimeout: 10_000, ...options.tls }, onRequest)
  const server = secure ?? createServer(limits, onRequest)
  // Counted here because those that have sent nothing yet, or are at the TLS handshake, are nothing to the HTTP server.
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done, fail) => {
    const refused = (cause: NodeJS.ErrnoException) => fail(listenError(cause, options))
    server.once('error', refused)
    server.listen({ port: options.port, host: options.host }, () => {
      server.off('error', refused)
      server.on('error', options.onFailure)
      done()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    setTls: (tls) => secure?.setSecureContext(tls),
    close: (milliseconds) =>
      new Promise((done) => {
        const forced = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
        }, milliseconds)
        server.close(() => {
          clearTimeout(forced)
          done()
        })
        server.closeIdleConnections()
      }),
  }
}

function listenError(cause: NodeJS.ErrnoException, options: ListenerOptions): ServerError {
  const where = `${options.host} port ${options.port}`
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ServerError(
        'port-in-use',
        `${options.name} cannot listen on ${where}: another program has that port. Stop it, or choose another with ${options.option}.`,
        { cause },
      )
    case 'EACCES':
      return new ServerError(
        'port-forbidden',
        `${options.name} may not listen on ${where}: ports below 1024 need privileges. Choose another with ${options.option}.`,
        { cause },
      )
    default:
      return new ServerError(
        'address-unavailable',
        `${options.name} cannot listen on ${where} (${cause.code ?? cause.message}): give an address of this machine.`,
        { cause },
      )
  }
}
