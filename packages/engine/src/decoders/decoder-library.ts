/**
 * The library that opens archives (ADR 31), held ready without being loaded: its program as an open file. It is opened while the process may
 * still read its own code, and costs nothing to speak of until the first archive that needs it.
 */
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** May be posted to other threads, which read from the descriptor too. */
export interface DecoderLibrary {
  readonly fd: number
}

/** Throws what opening throws when the package is not installed. */
export function openDecoderLibrary(): DecoderLibrary {
  return { fd: openSync(fileURLToPath(import.meta.resolve('7z-wasm/7zz.wasm')), 'r') }
}

export function closeDecoderLibrary({ fd }: DecoderLibrary): void {
  closeSync(fd)
}
