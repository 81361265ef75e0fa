/**
 * One request within this process. The HTTP client loads its parser with the first request; once privileges are dropped its files
 * may be out of reach, so the first request is made before that.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'

/** Makes the request, to a server of its own on the loopback interface that is gone again afterwards. */
export async function warmUp(): Promise<void> {
  const server = createServer((_, response) => response.end('{}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent()
  const { port } = server.address() as AddressInfo
  const { body } = await request(`http://127.0.0.1:${port}/`, {
    dispatcher: agent,
    method: 'POST',
    body: '{}',
  })
  await body.text()
  await agent.close()
  server.close()
}
