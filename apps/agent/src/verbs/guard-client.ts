/**
 * The file verbs, asked of the guard process.
 */
import type { Paths } from '@coreward/host'
import { ChannelClient } from './channel-client.ts'
import { fromBase64 } from './entry-page.ts'
import type { FileVerbs, ScanAnswer } from './file-verbs.ts'
import { guardContract } from './guard-contract.ts'
import { ASSUMED_TIME_LIMIT } from './scan-answer.ts'

/** A file of any size is encrypted, verified or decrypted in this time; it is only there so that nothing waits for ever. */
const MOVE_MILLISECONDS = 3_600_000
/** Longer than scanner-client.ts waits behind the guard. */
const SCAN_TIMES = 10

/**
 * The verbs of the guard that runs on this data folder; connects when first used. Call it after the daemon has become its own user: the guard
 * takes no other. `guardUid` is whom the guard must be, root unless a test says otherwise.
 */
export function connectGuard(paths: Pick<Paths, 'agent'>, guardUid = 0): FileVerbs {
  const channel = new ChannelClient(guardContract, {
    path: paths.agent.guardSocket,
    peerUids: [guardUid],
    gone: 'guard-gone',
  })
  const scanning = (limits: { timeLimitMilliseconds?: number } = {}, signal?: AbortSignal) => {
    const limit = limits.timeLimitMilliseconds ?? ASSUMED_TIME_LIMIT
    return { signal, timeoutMilliseconds: limit * SCAN_TIMES + 180_000 }
  }
  const moving = { timeoutMilliseconds: MOVE_MILLISECONDS }

  return {
    async list(what) {
      const asked = typeof what === 'string' ? { next: what } : { folders: [...what] }
      const { entries, next } = await channel.call('list', asked)
      return { entries: fromBase64(entries), next }
    },
    stat: (path) => channel.call('stat', { path }),
    runningFiles: () =>
      allPages(async (offset) => {
        const { paths: items, more } = await channel.call('runningFiles', { offset })
        return { items, more }
      }),
    async scan(paths, { limits = {}, passwords, against = 'all', signal }, onAnswer) {
      const onPart = (part: readonly [number, ScanAnswer][]) => {
        for (const [place, answer] of part) onAnswer(place, answer)
      }
      await channel.call(
        'scan',
        { paths: [...paths], limits, passwords: passwords && [...passwords], against },
        { ...scanning(limits, signal), onPart },
      )
    },
    quarantine: (path, reason) => channel.call('quarantine', { path, reason }, moving),
    quarantined: () => allPages((offset) => channel.call('quarantined', { offset })),
    scanQuarantined: (id, { limits = {}, passwords, signal } = {}) =>
      channel.call(
        'scanQuarantined',
        { id, limits, passwords: passwords && [...passwords] },
        { ...scanning(limits, signal), ...moving },
      ),
    restore: (id, { to, overwrite = false } = {}) => channel.call('restore', { id, to, overwrite }, moving),
    remove: async (id) => {
      await channel.call('remove', { id })
    },
    loadDefinitions: (path, additions) => channel.call('loadDefinitions', { path, additions }),
    health: () => channel.call('health', {}, { timeoutMilliseconds: 10_000, patienceMilliseconds: 0 }),
    [Symbol.asyncDispose]: async () => channel.close(),
  }
}

async function allPages<T>(page: (offset: number) => Promise<{ items: T[]; more: boolean }>): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const { items, more } = await page(all.length)
    all.push(...items)
    if (!more || items.length === 0) return all
  }
}
