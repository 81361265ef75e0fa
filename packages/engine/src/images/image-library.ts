/**
 * The library that decodes images (ADR 26), held ready without being loaded: its program as an open file. It is opened while the process may
 * still read its own code, and costs nothing to speak of until an image is to be decoded.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** May be posted to other threads, which read from the descriptor too. */
export interface ImageLibrary {
  readonly fd: number
}

/** Throws what opening throws when the package is not installed. */
export function openImageLibrary(): ImageLibrary {
  return { fd: openSync(fileURLToPath(import.meta.resolve('@cf-wasm/photon/photon.wasm')), 'r') }
}

/** The program. Throws what reading throws. */
export function readImageProgram({ fd }: ImageLibrary): Uint8Array<ArrayBuffer> {
  const program = new Uint8Array(fstatSync(fd).size)
  for (let at = 0; at < program.length; ) {
    const length = readSync(fd, program, at, program.length - at, at)
    if (length === 0) throw new Error('The program of the image library ends early; install it again.')
    at += length
  }
  return program
}

export function closeImageLibrary({ fd }: ImageLibrary): void {
  closeSync(fd)
}
