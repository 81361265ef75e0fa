/**
 * Who listens, and what each has still to be sent: the only state of this slice, and none of it outlives the process. A
 * listener that does not read is bounded in what it holds of our memory.
 */

/** One open console. */
export interface Subscriber {
  /** Gives it a text, or drops the subscriber when it has not read the last ones. */
  readonly send: (text: string) => void
  readonly close: () => void
}

export interface Subscription {
  readonly stream: ReadableStream<Uint8Array>
  readonly subscriber: Subscriber
}

/** The most that is kept for a console that does not read; then it is cut off, and asks anew when it comes back. */
const maxQueuedBytes = 256 * 1024

/** A new listener. `onClosed` is called once, whoever ended it. */
export function subscription(onClosed: (subscriber: Subscriber) => void): Subscription {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const finish = () => {
    if (controller === undefined) return
    controller = undefined
    onClosed(subscriber)
  }
  const subscriber: Subscriber = {
    send(text) {
      if (controller === undefined) return
      if ((controller.desiredSize ?? 0) <= 0) return subscriber.close()
      controller.enqueue(encoder.encode(text))
    },
    close() {
      try {
        controller?.close()
      } finally {
        finish()
      }
    },
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given
      },
      cancel: finish,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxQueuedBytes }),
  )
  return { stream, subscriber }
}
