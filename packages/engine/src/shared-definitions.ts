/**
 * One set of definitions as all threads of the process have it: what lies in memory, once, and the descriptor or the memory
 * that the rest is read from when it is asked for.
 */
import { closeSync } from 'node:fs'
import {
  type Definitions,
  definitionsInMemory,
  definitionsOnDisk,
  type OpenOptions,
  openDefinitions,
  readResident,
} from '@coreward/definitions'
import { createKernelMemory } from './match/kernel-memory.ts'

/**
 * Compiled definitions (docs/formats/definitions.md): their bytes, which are copied; or an open file of them, of which only a small
 * part is read into memory. The descriptor is taken over: it is closed when the set is no longer used, and when it is refused.
 */
export type DefinitionsInput = Uint8Array | { readonly fd: number }

/** What threads hand each other; it may be posted. */
export interface SharedDefinitions {
  /** Holds the whole file, or its resident part when there is a descriptor, from its first byte on; behind it the threads' slots. */
  readonly memory: WebAssembly.Memory
  readonly length: number
  readonly fd: number | undefined
  /** The additions that were given along, a set of their own. */
  readonly additions?: SharedDefinitions
}

/** Puts a set where all threads can use it. Throws DefinitionsError `truncated`, and what reading throws. */
export function shareDefinitions(input: DefinitionsInput): SharedDefinitions {
  let memory = createKernelMemory(0)
  const allocate = (bytes: number) => {
    memory = createKernelMemory(bytes)
    return new Uint8Array(memory.buffer, 0, bytes)
  }
  if ('fd' in input) return { length: readResident(input.fd, allocate).length, memory, fd: input.fd }
  allocate(input.length).set(input)
  return { memory, length: input.length, fd: undefined }
}

/** Opens a shared set; a thread that gets it from one that has opened it need not check it. Throws DefinitionsError. */
export function openShared({ memory, length, fd }: SharedDefinitions, options?: OpenOptions): Definitions {
  const bytes = new Uint8Array(memory.buffer, 0, length)
  return openDefinitions(
    fd === undefined ? definitionsInMemory(bytes) : definitionsOnDisk(fd, bytes),
    options,
  )
}

/** A set of which no memory is left, only the descriptor by which it can be read again. */
export function nowhere(fd: number): SharedDefinitions {
  return { memory: createKernelMemory(0), length: 0, fd }
}

/** Closes a set's descriptor, and its additions'; no thread may use the set any more. */
export function closeDefinitions({ fd, additions }: Pick<SharedDefinitions, 'fd' | 'additions'>): void {
  if (fd !== undefined) closeSync(fd)
  if (additions !== undefined) closeDefinitions(additions)
}
