/**
 * Memory that an emulated program asks Windows for: one arena that is given out upwards and never taken back. Its pages come into being when they
 * are touched, so what is only reserved costs nothing.
 */
import type { Machine } from './machine.ts'
import { HEAP_END, HEAP_START, IMAGE_END, IMAGE_LOWEST } from './windows-layout.ts'

const HEAP_UNIT = 16
/** What VirtualAlloc rounds addresses to. */
const RESERVE_UNIT = 0x10000
const PAGE = 0x1000

export interface WindowsMemory {
  /** From a heap; 0 when there is none left. */
  allocate(bytes: number): number
  reallocate(address: number, bytes: number): number
  /** Of what `allocate` gave out. */
  sizeOf(address: number): number
  /** Whole pages, at an address if one is wished. 0 when that cannot be. */
  reserve(address: number, bytes: number): number
}

/** `imageEnd`: nothing is given out below, if the image lies there. */
export function createWindowsMemory(machine: Machine, imageEnd: number): WindowsMemory {
  const start = Math.max(HEAP_START, Math.ceil(imageEnd / RESERVE_UNIT) * RESERVE_UNIT)
  let next = start
  if (start < HEAP_END) machine.map(start, HEAP_END - start)
  const sizes = new Map<number, number>()

  const take = (bytes: number, unit: number): number => {
    const address = Math.ceil(next / unit) * unit
    if (address + bytes > HEAP_END) return 0
    next = address + bytes
    return address
  }
  const allocate = (bytes: number): number => {
    const address = take(Math.max(bytes, 1), HEAP_UNIT)
    // The list is bounded by the calls a program may make.
    if (address !== 0) sizes.set(address, bytes)
    return address
  }
  return {
    allocate,
    reallocate(address, bytes) {
      const moved = allocate(bytes)
      const kept = machine.read(address, Math.min(bytes, sizes.get(address) ?? 0))
      if (moved !== 0 && kept !== undefined) machine.write(moved, kept)
      return moved
    },
    sizeOf: (address) => sizes.get(address) ?? 0,
    reserve(address, bytes) {
      if (bytes === 0) return 0
      const size = Math.ceil(bytes / PAGE) * PAGE
      if (address === 0) return take(size, RESERVE_UNIT)
      const place = address - (address % PAGE)
      // What is committed has been reserved, and what lies in an image or a stack is there.
      if (machine.read(place, 1) !== undefined) return place
      if (place < IMAGE_LOWEST || place + size > IMAGE_END) return 0
      return machine.map(place, size) ? place : 0
    },
  }
}
