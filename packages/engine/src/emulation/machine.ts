/**
 * The emulator's processor and memory (packages/engine/emulator) as its users see them. It knows neither programs nor systems. The
 * module is read when this one is imported, since a process may lose the right to read later.
 */
import { readFileSync } from 'node:fs'
import {
  FROM,
  FS_BASE,
  GS_BASE,
  IP,
  LONG_MODE,
  PAGE_BYTES,
  PAGE_LIMIT,
  PAGE_LOADED,
  PAGE_TABLE,
  PAGE_TABLE_LOG,
  PAGE_WRITTEN,
  PAGES_MAX,
  REGISTERS,
  STOP,
  STOP_ACCESS,
  STOP_ADDRESS,
} from './machine-layout.ts'

interface EmulatorExports {
  readonly memory: WebAssembly.Memory
  reset(): void
  map(start: bigint, end: bigint): number
  page(address: bigint): number
  writtenPage(address: bigint): number
  flags(): number
  setFlags(value: number): void
  forgetCode(): void
  run(steps: number): number
}

/** Why a run ended; `STOP_NONE` when its steps were used up. */
export interface Stop {
  readonly reason: number
  readonly address: number
  /** 0 for reading, 1 for writing, 8 for running. */
  readonly access: number
  readonly stepsLeft: number
}

/** Views of the machine's memory, which hold until it runs again. `before` is how a written page was. */
export interface MemoryPage {
  readonly address: number
  readonly bytes: Uint8Array
  readonly before: Uint8Array
  readonly isWritten: boolean
}

const emulatorFile = new URL('../../emulator/emulator.wasm', import.meta.url)
const remedy = 'run "npm install" in the repository, which builds it'
const compiled = compile()

function compile(): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(emulatorFile))
  } catch (error) {
    throw new Error(`The emulator, ${emulatorFile.pathname}, cannot be loaded: ${remedy}.`, { cause: error })
  }
}

/** Memory beyond this is given back when the next program comes: 16 MiB. */
const KEPT_BYTES = 16 * 1024 * 1024

/** One thread's; it serves one program at a time. */
let instance: EmulatorExports | undefined

/** A processor with empty memory. What the one before it held is gone. */
export function createMachine(isLong: boolean, pages: number = PAGES_MAX): Machine {
  if (instance === undefined || instance.memory.buffer.byteLength > KEPT_BYTES)
    instance = new WebAssembly.Instance(compiled).exports as unknown as EmulatorExports
  instance.reset()
  return new Machine(instance, isLong, pages)
}

/** Addresses are numbers: a program of 64 bits has them below 2⁴⁷. */
export class Machine {
  readonly isLong: boolean
  readonly #emulator: EmulatorExports
  #view: DataView
  #bytes: Uint8Array

  constructor(emulator: EmulatorExports, isLong: boolean, pages: number) {
    this.#emulator = emulator
    this.isLong = isLong
    this.#view = new DataView(emulator.memory.buffer)
    this.#bytes = new Uint8Array(emulator.memory.buffer)
    this.#view.setUint32(LONG_MODE, isLong ? 1 : 0, true)
    this.#view.setUint32(PAGE_LIMIT, Math.min(pages, PAGES_MAX), true)
    emulator.setFlags(0)
  }

  /** Makes a stretch of addresses usable, rounded to pages. False when there are too many. */
  map(start: number, bytes: number): boolean {
    const end = Math.ceil((start + bytes) / PAGE_BYTES) * PAGE_BYTES
    return this.#emulator.map(BigInt(start - (start % PAGE_BYTES)), BigInt(end)) !== 0
  }

  get ip(): number {
    return Number(this.#state().getBigUint64(IP, true))
  }

  set ip(address: number) {
    this.#state().setBigUint64(IP, BigInt(this.isLong ? address : address >>> 0), true)
  }

  /** The instruction that ran before changed code began. */
  get from(): number {
    return Number(this.#state().getBigUint64(FROM, true))
  }

  get flags(): number {
    return this.#emulator.flags()
  }

  set flags(value: number) {
    this.#emulator.setFlags(value)
  }

  /** A general register by its number, without a sign; what has more than 53 bits is rounded. */
  register(number: number): number {
    return Number(this.register64(number))
  }

  register64(number: number): bigint {
    return this.#state().getBigUint64(REGISTERS + 8 * number, true)
  }

  setRegister(number: number, value: number | bigint): void {
    const bits = BigInt.asUintN(this.isLong ? 64 : 32, BigInt(value))
    this.#state().setBigUint64(REGISTERS + 8 * number, bits, true)
  }

  setSegmentBase(segment: 'fs' | 'gs', address: number): void {
    this.#state().setBigUint64(segment === 'fs' ? FS_BASE : GS_BASE, BigInt(address), true)
  }

  /** Runs up to so many steps. */
  run(steps: number): Stop {
    const stepsLeft = this.#emulator.run(steps) >>> 0
    const state = this.#state()
    return {
      reason: state.getUint32(STOP, true),
      address: Number(state.getBigUint64(STOP_ADDRESS, true)),
      access: state.getUint32(STOP_ACCESS, true),
      stepsLeft,
    }
  }

  /** Copies memory; absent when not all of it is mapped. */
  read(address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length)
    const isWhole = this.#eachPiece(address, length, false, (host, at, piece) => {
      bytes.set(this.#bytes.subarray(host, host + piece), at)
    })
    return isWhole ? bytes : undefined
  }

  /** Fills memory before the program runs. False when not all of it is mapped. */
  load(address: number, bytes: Uint8Array): boolean {
    return this.#eachPiece(address, bytes.length, false, (host, at, piece, entry) => {
      this.#bytes.set(bytes.subarray(at, at + piece), host)
      this.#view.setUint32(entry + 16, this.#view.getUint32(entry + 16, true) | PAGE_LOADED, true)
    })
  }

  /** Writes what the program had the system write. False when not all of it is mapped. */
  write(address: number, bytes: Uint8Array): boolean {
    return this.#eachPiece(address, bytes.length, true, (host, at, piece) => {
      this.#bytes.set(bytes.subarray(at, at + piece), host)
    })
  }

  read32(address: number): number | undefined {
    const bytes = this.read(address, 4)
    return bytes && new DataView(bytes.buffer).getUint32(0, true)
  }

  write32(address: number, value: number): boolean {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value >>> 0, true)
    return this.write(address, bytes)
  }

  /** A text up to its zero, of at most 512 bytes. */
  readText(address: number): string {
    let text = ''
    for (let at = address; text.length < 512; at++) {
      const byte = this.read(at, 1)?.[0] ?? 0
      if (byte === 0) break
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** The same of two bytes a character. */
  readWideText(address: number): string {
    let text = ''
    for (let at = address; text.length < 512; at += 2) {
      const bytes = this.read(at, 2)
      const character = (bytes?.[0] ?? 0) | ((bytes?.[1] ?? 0) << 8)
      if (character === 0) break
      text += String.fromCharCode(character)
    }
    return text
  }

  /** The pages that anything was read from or written to, by address. */
  pages(): readonly MemoryPage[] {
    const state = this.#state()
    const pages: MemoryPage[] = []
    for (let index = 0; index < 1 << PAGE_TABLE_LOG; index++) {
      const entry = PAGE_TABLE + 32 * index
      const key = state.getBigUint64(entry, true)
      if (key === 0n) continue
      const host = state.getUint32(entry + 8, true)
      const before = state.getUint32(entry + 12, true)
      pages.push({
        address: Number(key - 1n),
        bytes: this.#bytes.subarray(host, host + PAGE_BYTES),
        before: this.#bytes.subarray(before, before + PAGE_BYTES),
        isWritten: (state.getUint32(entry + 16, true) & PAGE_WRITTEN) !== 0,
      })
    }
    return pages.sort((a, b) => a.address - b.address)
  }

  /** Whether a byte is another one than before the program wrote it. */
  isChanged(address: number): boolean {
    const entry = this.#emulator.page(BigInt(address)) >>> 0
    if (entry === 0) return false
    const state = this.#state()
    if ((state.getUint32(entry + 16, true) & PAGE_WRITTEN) === 0) return false
    const offset = address % PAGE_BYTES
    const now = state.getUint8(state.getUint32(entry + 8, true) + offset)
    return now !== state.getUint8(state.getUint32(entry + 12, true) + offset)
  }

  /** Growing has given the memory another buffer. */
  #state(): DataView {
    const { buffer } = this.#emulator.memory
    if (this.#view.buffer !== buffer) {
      this.#view = new DataView(buffer)
      this.#bytes = new Uint8Array(buffer)
    }
    return this.#view
  }

  #eachPiece(
    address: number,
    length: number,
    isWrite: boolean,
    visit: (host: number, at: number, piece: number, entry: number) => void,
  ): boolean {
    for (let at = 0; at < length; ) {
      const place = address + at
      const page = BigInt(place)
      const entry = (isWrite ? this.#emulator.writtenPage(page) : this.#emulator.page(page)) >>> 0
      if (entry === 0) return false
      const offset = place % PAGE_BYTES
      const piece = Math.min(PAGE_BYTES - offset, length - at)
      visit(this.#state().getUint32(entry + 8, true) + offset, at, piece, entry)
      at += piece
    }
    return true
  }
}
