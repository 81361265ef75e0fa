/**
 * File verbs behind the guard's socket: each request of the contract becomes one call, lists are cut into pages.
 */
import { DescriptorListener, type ListenOptions } from '@coreward/host'
import { type Handlers, serveConnection } from '../verbs/channel-server.ts'
import type { FileVerbs, ScanAnswer } from '../verbs/file-verbs.ts'
import { guardContract, pageFrom } from '../verbs/guard-contract.ts'
import { PartsGatherer } from '../verbs/scan-answer.ts'

/** Listens and serves until the listener is closed. Throws as DescriptorListener. */
export function serveVerbs(
  verbs: FileVerbs,
  options: Omit<ListenOptions, 'onConnection'>,
): DescriptorListener {
  const handlers = handlersOf(verbs)
  return new DescriptorListener({
    ...options,
    onConnection: (socket) => serveConnection(socket, guardContract, handlers),
  })
}

function handlersOf(verbs: FileVerbs): Handlers<typeof guardContract> {
  let running: readonly string[] = []
  return {
    list: async ({ params }) => {
      const { entries, next } = await verbs.list('next' in params ? params.next : params.folders)
      return {
        entries: Buffer.from(entries.buffer, entries.byteOffset, entries.length).toString('base64'),
        next,
      }
    },
    stat: ({ params }) => verbs.stat(params.path),
    runningFiles: async ({ params: { offset } }) => {
      if (offset === 0) running = await verbs.runningFiles()
      const { items, more } = pageFrom(running, offset)
      return { paths: items, more }
    },
    async scan({ params: { paths, limits, passwords, against }, signal, answerPart }) {
      const isClean = ({ result }: ScanAnswer) => result.verdict.outcome === 'clean'
      const answers = new PartsGatherer<ScanAnswer>(isClean, answerPart)
      try {
        await verbs.scan(paths, { limits, passwords, against, signal }, (place, answer) =>
          answers.add(place, answer),
        )
      } finally {
        answers.flush()
      }
      return null
    },
    quarantine: ({ params }) => verbs.quarantine(params.path, params.reason),
    quarantined: async ({ params: { offset } }) => pageFrom(await verbs.quarantined(), offset),
    scanQuarantined: ({ params: { id, limits, passwords }, signal }) =>
      verbs.scanQuarantined(id, { limits, passwords, signal }),
    restore: async ({ params: { id, to, overwrite } }) => {
      const { path, lostAttributes } = await verbs.restore(id, {
        ...(to === undefined ? {} : { to }),
        overwrite,
      })
      return { path, lostAttributes: [...lostAttributes] }
    },
    remove: async ({ params }) => {
      await verbs.remove(params.id)
      return null
    },
    loadDefinitions: ({ params }) => verbs.loadDefinitions(params.path, params.additions),
    health: async () => {
      const { guard, scanner, quarantineRecovery } = await verbs.health()
      return { guard, scanner, quarantineRecovery: [...quarantineRecovery] }
    },
  }
}
