/**
 * Where things lie in the address space of an emulated Windows program of 32 bits, much as Windows XP has them: what unpacking code looks at by
 * itself, without asking the system, it expects there.
 */

export const STACK_START = 0x30000
export const STACK_END = 0x130000
/** What VirtualAlloc and heaps give out, upwards. */
export const HEAP_START = 0x20000000
export const HEAP_END = 0x70000000
/** The libraries' images. */
export const LIBRARIES_START = 0x7c800000
export const LIBRARIES_END = 0x7e000000
export const LIBRARY_STRIDE = 0x100000
/** Stubs of functions that no library's table has. */
export const SPARE_STUBS = 0x7ff00000
export const SPARE_STUBS_BYTES = 0x80000
/** The process's block and the thread's (PEB and TEB), and the lists of libraries. */
export const PROCESS_BLOCK = 0x7ffdf000
export const THREAD_BLOCK = 0x7ffde000
export const LIBRARY_LIST = 0x7ffd0000
export const BLOCKS_START = 0x7ffd0000
export const BLOCKS_END = 0x7ffe0000
/** Where programs may be loaded. */
export const IMAGE_LOWEST = 0x130000
export const IMAGE_END = 0x7c000000
