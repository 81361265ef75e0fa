/**
 * A scan's input as a source of bytes that asks the budget before every read, knows how far the file was read, and can
 * say afterwards whether the file is still the one the scan began with.
 */
import { type BigIntStats, fstatSync, readSync } from 'node:fs'
import type { Budget } from './budget.ts'
import {
  type ByteSource,
  bytesSource,
  createReadBuffer,
  descriptorSource,
  type ReadBuffer,
} from './byte-source.ts'
import { EngineError } from './engine-error.ts'
import type { ScanInput } from './worker-messages.ts'

/** Of a scan that ended, for the next one in this thread. */
let idle: ReadBuffer | undefined
/** A larger one is not kept, in bytes. */
const KEPT_BYTES = 1024 * 1024

export interface OpenedInput extends Disposable {
  readonly source: ByteSource
  /** How far the file was read without a gap from its beginning, in bytes. */
  bytesRead(): number
  /** False once size or modification time differ from those at the opening. */
  unchanged(): boolean
}

/**
 * Takes the file's state and prepares to read it. Throws the system's error when the descriptor is no use, and EngineError
 * `unreadable` for what is not a regular file, or is one of the system's pseudo-files, which have content but no size.
 */
export function openInput(input: ScanInput, budget: Budget): OpenedInput {
  if ('bytes' in input) return metered(bytesSource(input.bytes), budget, () => true)
  const { fd } = input
  const before = fstatSync(fd, { bigint: true })
  if (!before.isFile()) throw new EngineError('unreadable', 'not a regular file')
  if (before.size === 0n && readSync(fd, new Uint8Array(1), 0, 1, 0) > 0) {
    throw new EngineError('unreadable', 'a pseudo-file: it has content but states no size')
  }
  const buffer = idle ?? createReadBuffer()
  idle = undefined
  const source = descriptorSource(fd, Number(before.size), buffer)
  return metered(
    source,
    budget,
    () => sameState(before, fd),
    () => {
      if (buffer.bytes.length <= KEPT_BYTES) idle = buffer
    },
  )
}

function metered(
  source: ByteSource,
  budget: Budget,
  unchanged: () => boolean,
  release: () => void = () => undefined,
): OpenedInput {
  let reached = 0
  return {
    source: {
      size: source.size,
      read(offset, length) {
        budget.check()
        const bytes = source.read(offset, length)
        if (offset <= reached) reached = Math.max(reached, offset + bytes.length)
        return bytes
      },
    },
    bytesRead: () => reached,
    unchanged,
    [Symbol.dispose]: release,
  }
}

function sameState(before: BigIntStats, fd: number): boolean {
  try {
    const after = fstatSync(fd, { bigint: true })
    return after.size === before.size && after.mtimeNs === before.mtimeNs
  } catch {
    // A descriptor that can no longer be asked vouches for nothing.
    return false
  }
}
