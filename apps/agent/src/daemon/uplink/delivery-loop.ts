/**
 * Delivers events: lease → POST → commit, again and again. Whatever fails is rolled back and sent again after a while; the
 * server knows an event by its id. An event that the server calls malformed is left waiting and stands in no other's way.
 */
import { type AgentEvent, endpoints } from '@coreward/contracts'
import type { Spool } from '../spool/spool.ts'
import { type Bell, backOff } from './bell.ts'
import type { Session } from './session.ts'
import { UplinkError } from './uplink-error.ts'

/** Events of one request; the most that the server takes is 500. */
const BATCH = 250

/** Bytes of JSON in one request: half of what the server takes. */
const BATCH_BYTES = 4 * 1024 * 1024

/** Runs until the session ends. `bell` is rung when an event was stored. */
export async function runDeliveryLoop(session: Session, spool: Spool, bell: Bell): Promise<void> {
  let failures = 0
  while (!session.signal.aborted) {
    const events = leaseBatch(spool)
    if (events.length === 0) {
      await bell.wait(60_000, session.signal)
      continue
    }
    try {
      await deliver(session, spool, events)
      failures = 0
    } catch (error) {
      spool.rollback(events.map((event) => event.id))
      failures += 1
      session.log.debug({ err: error }, 'events not delivered')
      await waitQuietly(backOff(failures), session.signal)
    }
  }
}

async function deliver(session: Session, spool: Spool, events: readonly AgentEvent[]): Promise<void> {
  try {
    await session.call(endpoints.sendEvents, { body: { events: [...events] } }, { timeout: 30_000 })
    spool.commit(events.map((event) => event.id))
  } catch (error) {
    const refused =
      error instanceof UplinkError &&
      (error.code === 'request.malformed' || error.code === 'request.too-large')
    if (!refused) throw error
    const [only] = events
    if (events.length === 1) {
      // It stays in the spool and stays leased, so that it is tried again after the next start, perhaps of a newer agent.
      session.log.error({ err: error, event: only }, 'the server does not take this event')
      return
    }
    const half = events.length >> 1
    await deliver(session, spool, events.slice(0, half))
    await deliver(session, spool, events.slice(half))
  }
}

function leaseBatch(spool: Spool): AgentEvent[] {
  const leased = spool.lease(BATCH)
  let bytes = 0
  const fits = leased.findIndex((event) => {
    bytes += Buffer.byteLength(JSON.stringify(event))
    return bytes > BATCH_BYTES
  })
  if (fits <= 0) return leased
  spool.rollback(leased.slice(fits).map((event) => event.id))
  return leased.slice(0, fits)
}

/** Not the bell: while the server is away, new events must not make this agent knock faster. */
async function waitQuietly(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}
