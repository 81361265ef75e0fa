/** An instant as text that stays true: relative while recent, the exact one with its zone on hover. */
import { useSyncExternalStore } from 'react'
import { useFormat } from '../format/use-format.ts'
import { Absent } from './absent.tsx'

/** How often relative times are told anew, in milliseconds. */
const tick = 15_000

let now = new Date()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = new Date()
    for (const each of listeners) each()
  }, tick)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The present, told again every few seconds to all who show it. */
function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now)
}

/** Shows `at` (RFC 3339), or a dash when there is none. */
export function Moment({ at, exact = false }: { at: string | null; exact?: boolean }) {
  const format = useFormat()
  const present = useNow()
  if (at === null) return <Absent />
  const latest = Date.parse(at) > present.getTime() - tick ? new Date() : present
  return (
    <time dateTime={at} title={format.exactly(at)}>
      {exact ? format.exactly(at) : format.moment(at, latest)}
    </time>
  )
}
