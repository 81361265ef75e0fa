/**
 * The heartbeat: says how this host is at once, then every so often, and sooner when something important changed.
 */
import { endpoints, type Heartbeat, type HeartbeatAnswer } from '@coreward/contracts'
import { Bell, backOff } from './bell.ts'
import type { Session } from './session.ts'

export interface HeartbeatDuties {
  /** Rung when something important changed. */
  readonly bell: Bell
  readonly collect: () => Promise<Heartbeat>
  /** The time between two heartbeats, in seconds. */
  readonly interval: () => number
  readonly onAnswer: (answer: HeartbeatAnswer) => void
}

/** However much happens, no more than one heartbeat in this time, in milliseconds. */
const LEAST_INTERVAL = 1_000

/** Runs until the session ends. */
export async function runHeartbeatLoop(session: Session, duties: HeartbeatDuties): Promise<void> {
  const pause = new Bell()
  let failures = 0
  while (!session.signal.aborted) {
    try {
      const sentAt = Date.now()
      const answer = await session.call(endpoints.heartbeat, { body: await duties.collect() })
      session.serverClock = Date.parse(answer.serverTime) - (sentAt + Date.now()) / 2
      failures = 0
      duties.onAnswer(answer)
    } catch (error) {
      failures += 1
      session.log.debug({ err: error }, 'heartbeat failed')
    }
    await pause.wait(LEAST_INTERVAL, session.signal)
    // A fleet that was switched on at once must not beat at once for ever: a tenth either way.
    const interval = duties.interval() * 1000 * (0.9 + 0.2 * Math.random())
    await duties.bell.wait(failures === 0 ? interval : Math.min(interval, backOff(failures)), session.signal)
  }
}
