/**
 * One set of definitions as all threads of the process have it: what lies in memory, once, and the descriptor or the memory
 * that the rest is read from when it is asked for.
 */
import { closeSync } from 'node:fs'
import {
  type Definitions,
  definitionsInMemory,
  definitionsOnDisk,
  openDefinitions,
  readResident,
} from '@coreward/definitions'

/**
 * Compiled definitions (docs/formats/definitions.md): their bytes, which are copied; or an open file of them, of which only a small
 * part is read into memory. The descriptor is taken over: it is closed when the set is no longer used, and when it is refused.
 */
export type DefinitionsInput = Uint8Array | { readonly fd: number }

/** What threads hand each other; it may be posted. */
export interface SharedDefinitions {
  /** The whole file, or its resident part when there is a descriptor. */
  readonly memory: SharedArrayBuffer
  readonly fd: number | undefined
}

/** Puts a set where all threads can use it. Throws DefinitionsError `truncated`, and what reading throws. */
export function shareDefinitions(input: DefinitionsInput): SharedDefinitions {
  const allocate = (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes))
  if ('fd' in input) return { memory: readResident(input.fd, allocate).buffer, fd: input.fd }
  const memory = allocate(input.length)
  memory.set(input)
  return { memory: memory.buffer, fd: undefined }
}

/** Opens a shared set. Throws DefinitionsError. */
export function openShared({ memory, fd }: SharedDefinitions): Definitions {
  const bytes = new Uint8Array(memory)
  return openDefinitions(fd === undefined ? definitionsInMemory(bytes) : definitionsOnDisk(fd, bytes))
}

/** Closes a set's descriptor; no thread may use the set any more. */
export function closeDefinitions({ fd }: { readonly fd?: number | undefined }): void {
  if (fd !== undefined) closeSync(fd)
}
