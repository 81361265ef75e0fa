/** One piece of work after another: what keeps two writers of one folder apart within a process. */

/** Runs each piece of work when all before it have ended, well or badly, and gives back its outcome. */
export function createSequence(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}
