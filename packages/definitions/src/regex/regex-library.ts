/**
 * PCRE2 in a WebAssembly module of its own (pcre2/, ADR 18): regular expressions over bytes, as ClamAV uses them. It is
 * loaded when the first one is asked for. Nothing in here can hang or grow without end: every match has a number of steps,
 * an amount of memory, and somebody who is asked now and then whether to go on.
 */
import { gunzipSync } from 'node:zlib'
import { pcre2Module } from './pcre2-module.ts'

/** PCRE2's options that a signature may ask for, or that we do. */
export const regexOptions = {
  caseless: 0x8,
  dollarEndOnly: 0x10,
  dotAll: 0x20,
  extended: 0x80,
  multiline: 0x400,
  /** `(*UTF)` is an error: contents are bytes. */
  neverUtf: 0x1000,
  ungreedy: 0x40000,
  anchored: 0x80000000,
} as const

/** What an expression is to be tried with. */
export interface RegexBudget {
  /** Steps it may take; a step may look at all of the subject, but seldom does. */
  readonly steps: number
  /** Asked every few steps; true ends the match. */
  readonly mustEnd: () => boolean
}

/** `exceeded`: the match was ended before it was decided, by its budget or for want of memory. */
export type RegexOutcome =
  | { readonly kind: 'match'; readonly start: number; readonly end: number; readonly steps: number }
  | { readonly kind: 'none'; readonly steps: number }
  | { readonly kind: 'exceeded'; readonly steps: number }

/** A compiled expression: a place in the library's memory. */
export type Regex = number

export interface RegexLibrary {
  /** Bytes that its memory has grown to; it never shrinks. */
  readonly memoryBytes: number
  /** Compiles. Throws RegexError for what is no expression. */
  compile(text: Uint8Array, options: number): Regex
  /** Bytes that a compiled expression takes. */
  bytesOf(regex: Regex): number
  release(regex: Regex): void
  /** Takes memory for a subject, to be filled by the caller; the one before is given back. Undefined when there is none. */
  subject(length: number): Uint8Array | undefined
  /** Matches within bytes `from` to `to` of the subject, which are all that the expression sees, at `start` or later. */
  match(
    regex: Regex,
    from: number,
    to: number,
    start: number,
    anchored: boolean,
    budget: RegexBudget,
  ): RegexOutcome
}

/** Why a text is no expression, in PCRE2's words. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
}

interface Pcre2 {
  readonly memory: WebAssembly.Memory
  _initialize(): void
  allocate(size: number): number
  release(memory: number): void
  compile(text: number, length: number, options: number): number
  releaseCode(code: number): void
  errorOffset(): number
  errorMessage(into: number, size: number): number
  codeBytes(code: number): number
  match(
    code: number,
    subject: number,
    length: number,
    start: number,
    options: number,
    steps: number,
    heap: number,
  ): number
  stepsLeft(): number
  matchStart(): number
  matchEnd(): number
}

const NO_MATCH = -1

/** KiB that one match may take for its way back. */
const HEAP_KIB = 64 * 1024

const MESSAGE_BYTES = 256

/** Compiled once for a thread: 20 ms. */
let module: WebAssembly.Module | undefined

/** A library with memory of its own. Drop it to have that freed. */
export function openRegexLibrary(): RegexLibrary {
  module ??= new WebAssembly.Module(gunzipSync(Buffer.from(pcre2Module, 'base64')))
  let mustEnd = () => false
  const host = { mustEnd: () => (mustEnd() ? 1 : 0) }
  const pcre2 = new WebAssembly.Instance(module, { host }).exports as unknown as Pcre2
  pcre2._initialize()
  let subjectAt = 0

  function place(bytes: Uint8Array): number {
    const at = pcre2.allocate(Math.max(1, bytes.length)) >>> 0
    if (at === 0) throw new RegexError('is too long')
    new Uint8Array(pcre2.memory.buffer).set(bytes, at)
    return at
  }

  function lastError(): RegexError {
    const into = place(new Uint8Array(MESSAGE_BYTES))
    const length = pcre2.errorMessage(into, MESSAGE_BYTES)
    const message = Buffer.from(pcre2.memory.buffer, into, Math.max(0, length)).toString('latin1')
    pcre2.release(into)
    return new RegexError(`${message} at character ${pcre2.errorOffset() + 1}`)
  }

  return {
    get memoryBytes() {
      return pcre2.memory.buffer.byteLength
    },
    compile(text, options) {
      const at = place(text)
      const code = pcre2.compile(at, text.length, options | regexOptions.neverUtf) >>> 0
      pcre2.release(at)
      if (code === 0) throw lastError()
      return code
    },
    bytesOf: (regex) => pcre2.codeBytes(regex) >>> 0,
    release: (regex) => pcre2.releaseCode(regex),
    subject(length) {
      if (subjectAt !== 0) pcre2.release(subjectAt)
      subjectAt = pcre2.allocate(Math.max(1, length)) >>> 0
      return subjectAt === 0 ? undefined : new Uint8Array(pcre2.memory.buffer, subjectAt, length)
    },
    match(regex, from, to, start, anchored, budget) {
      const granted = Math.max(0, Math.min(budget.steps, 0xffffffff))
      mustEnd = budget.mustEnd
      const options = anchored ? regexOptions.anchored : 0
      const code = pcre2.match(regex, subjectAt + from, to - from, start - from, options, granted, HEAP_KIB)
      const steps = granted - (pcre2.stepsLeft() >>> 0)
      if (code === NO_MATCH) return { kind: 'none', steps }
      if (code < 0) return { kind: 'exceeded', steps }
      return {
        kind: 'match',
        start: from + (pcre2.matchStart() >>> 0),
        end: from + (pcre2.matchEnd() >>> 0),
        steps,
      }
    },
  }
}
