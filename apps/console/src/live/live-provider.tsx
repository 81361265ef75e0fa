/**
 * Joins the stream of changes with the query cache: messages are gathered for a moment and the answers they touch are
 * asked again once; progress goes into the cache at once. After a gap everything on screen is asked again.
 */
import { endpoints, type LiveMessage, type Scan, type ScanProgress } from '@coreward/contracts'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react'
import { type ConnectionStatus, LiveConnection } from './live-connection.ts'
import { touchedBy } from './touched-queries.ts'

const Connection = createContext<LiveConnection | undefined>(undefined)

/** How long messages are gathered, in milliseconds: a scan that finds much must not refetch each list for each file. */
const gatherFor = 400

/** Keeps the stream open while its children are on screen. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const [connection, setConnection] = useState<LiveConnection>()
  useEffect(() => {
    const gathering = gatherInto(client)
    const opened = new LiveConnection(gathering.take, () => void client.invalidateQueries())
    opened.open()
    setConnection(opened)
    return () => {
      opened.close()
      gathering.stop()
    }
  }, [client])
  return <Connection value={connection}>{children}</Connection>
}

function gatherInto(client: QueryClient) {
  const gathered = new Map<string, readonly unknown[]>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    for (const queryKey of gathered.values()) void client.invalidateQueries({ queryKey })
    gathered.clear()
  }
  return {
    take: (message: LiveMessage) => {
      if (message.kind === 'scan-progress') return keepProgress(client, message.progress)
      for (const key of touchedBy(message)) gathered.set(JSON.stringify(key), key)
      timer ??= setTimeout(flush, gatherFor)
    },
    stop: () => clearTimeout(timer),
  }
}

const progressKey = (scanId: string) => [endpoints.readScan.path, 'progress', scanId] as const

function keepProgress(client: QueryClient, progress: ScanProgress): void {
  client.setQueryData(progressKey(progress.scanId), progress)
}

/** The latest progress of a scan: what the stream said last, or what came with the scan itself. */
export function useScanProgress(scan: Pick<Scan, 'id' | 'progress'>): ScanProgress | null {
  const { data } = useQuery<ScanProgress | null>({
    queryKey: progressKey(scan.id),
    queryFn: () => scan.progress,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!data || !scan.progress) return data ?? scan.progress
  return data.filesDone >= scan.progress.filesDone ? data : scan.progress
}

const connecting: ConnectionStatus = { state: 'connecting', since: new Date() }

/** How the stream is. */
export function useConnectionStatus(): ConnectionStatus {
  const connection = use(Connection)
  return useSyncExternalStore(
    (listener) => connection?.subscribe(listener) ?? (() => undefined),
    () => connection?.status ?? connecting,
  )
}
