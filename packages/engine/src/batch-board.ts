/**
 * How far a thread is with its batch, in memory that it shares with the pool: a file that was not begun can be taken back and given to
 * another thread, a file that is scanned can be cancelled, and of a thread that died it is known which file it was at.
 */

/** The most files of a batch. A message between threads costs some 20 µs, a small file some 50. */
export const BATCH_FILES = 32

const WAITING = 0
const BEGUN = 1
const ENDED = 2
const WITHDRAWN = 3

export class BatchBoard {
  /** A state for each place of the batch, then a mark for each place that is cancelled. */
  readonly memory: Int32Array<SharedArrayBuffer>

  /** A new board, or the other side of one. */
  constructor(memory = new Int32Array(new SharedArrayBuffer(2 * BATCH_FILES * 4))) {
    this.memory = memory
  }

  /** The pool's, before it hands over a batch: nothing is begun or cancelled. */
  clear(): void {
    this.memory.fill(0)
  }

  /** The thread's: begins a file; false when it was taken back. */
  begin(place: number): boolean {
    return Atomics.compareExchange(this.memory, place, WAITING, BEGUN) === WAITING
  }

  /** The thread's: it has a result, which it may not have sent yet. */
  end(place: number): void {
    Atomics.store(this.memory, place, ENDED)
  }

  /** Takes a file back; false when the thread has begun it. */
  withdraw(place: number): boolean {
    return Atomics.compareExchange(this.memory, place, WAITING, WITHDRAWN) === WAITING
  }

  isWaiting(place: number): boolean {
    return Atomics.load(this.memory, place) === WAITING
  }

  /** Whether this is the file that the thread is at. */
  isUnderWay(place: number): boolean {
    return Atomics.load(this.memory, place) === BEGUN
  }

  /** Asks the thread to end its scan of a file early. */
  cancel(place: number): void {
    Atomics.store(this.memory, BATCH_FILES + place, 1)
  }

  isCancelled(place: number): boolean {
    return Atomics.load(this.memory, BATCH_FILES + place) !== 0
  }
}
