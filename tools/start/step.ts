/**
 * The lines `npm start` prints: a step while it runs, the same step with what came of it and how long it took.
 */
import { performance } from 'node:perf_hooks'

const stream = process.stdout

/** Runs a step and shows it; `describe` says in a few words what came of it. A failure is shown and thrown on. */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  describe?: (result: T) => string,
): Promise<T> {
  const from = performance.now()
  if (stream.isTTY) stream.write(`  … ${title}`)
  try {
    const result = await work()
    show('✔', title, describe?.(result), from)
    return result
  } catch (error) {
    show('✘', title, undefined, from)
    throw error
  }
}

function show(mark: string, title: string, result: string | undefined, from: number): void {
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  const line = `  ${mark} ${title.padEnd(34)} ${(result ?? '').padEnd(52)} ${seconds.padStart(6)} s`
  stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}${line}\n`)
}

/** Prints lines as they are. */
export function say(...lines: readonly string[]): void {
  for (const line of lines) stream.write(`${line}\n`)
}
