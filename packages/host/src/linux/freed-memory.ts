/**
 * What the C library keeps of freed memory, given back to the system: it does that by itself only for what lies at the end of its heap, and
 * one small piece in use there holds up megabytes.
 */
import { optionalCall } from './system-calls.ts'

/** malloc_trim(3) of glibc; musl has none and keeps little. */
const trim = optionalCall('int malloc_trim(uint64 pad)')

/** Takes a millisecond for some megabytes. Does nothing where the C library cannot. */
export function giveBackFreedMemory(): void {
  trim?.(0)
}
