/**
 * What a project of macros says of itself: its `dir` stream ([MS-OVBA], section 2.3.4.2) names its modules, the streams that they are in and how many
 * bytes stand before their code. Nothing is decompressed here but `dir` itself.
 */
import type { Budget } from '../budget.ts'
import type { ByteSource } from '../byte-source.ts'
import { beginsContainer, decompressVba } from './vba-compression.ts'
import { lineOfRecord, textDecoder } from './vba-records.ts'
import { wideText } from './wide-text.ts'

export interface NamedStream {
  readonly name: string
  readonly content: ByteSource
}

export interface VbaModule {
  /** The names of the stream that it is in, in small letters: as bytes and in UTF-16, which may differ. */
  readonly streams: ReadonlySet<string>
  /** Where its code begins there. */
  readonly offset: number
  /** What `dir` says of it, as lines. */
  readonly lines: readonly string[]
}

export interface VbaProject {
  readonly lines: readonly string[]
  readonly modules: readonly VbaModule[]
  /** Makes text of bytes in the project's code page. */
  readonly decode: (bytes: Uint8Array) => string
}

/** A stream that only a file with macros has (section 2.2.7), in small letters. */
export const VBA_STREAM = '_vba_project'

const RECORD_BYTES = 6
const CODE_PAGE = 0x03
const MODULE_NAME = 0x19
const STREAM_NAME = 0x1a
const STREAM_NAME_WIDE = 0x32
const MODULE_OFFSET = 0x31
const MODULE_END = 0x2b
/** The one record whose length is not what its header says (section 2.3.4.2.1.11). */
const PROJECT_VERSION = 0x09
const VERSION_BYTES = 12
/** More modules than any project has. */
const MODULES_MAX = 10_000

/** Reads a `dir` stream; nothing where it is none. Throws the budget's errors and failed reads. */
export function readProject(dir: ByteSource, budget: Budget): VbaProject | undefined {
  if (!beginsContainer(dir.read(0, 3), 0)) return undefined
  const { bytes } = decompressVba(dir, 0, budget)
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const lines: string[] = []
  const modules: VbaModule[] = []
  let decode = textDecoder(0)
  let streams = new Set<string>()
  let offset = 0
  let moduleLines: string[] | undefined
  for (let at = 0; at + RECORD_BYTES <= records.length && modules.length < MODULES_MAX; ) {
    budget.check()
    const id = records.readUInt16LE(at)
    const start = at + RECORD_BYTES
    const isVersion = id === PROJECT_VERSION
    const length = isVersion ? VERSION_BYTES - RECORD_BYTES : records.readUInt32LE(at + 2)
    const data = records.subarray(start, start + length)
    at = start + length
    if (id === CODE_PAGE && data.length >= 2) decode = textDecoder(data.readUInt16LE(0))
    if (id === MODULE_NAME) moduleLines ??= []
    if (id === STREAM_NAME) streams.add(decode(data).toLowerCase())
    else if (id === STREAM_NAME_WIDE) streams.add(wideText(data).toLowerCase())
    else if (id === MODULE_OFFSET && data.length >= 4) offset = data.readUInt32LE(0)
    const line = lineOfRecord(id, data, decode)
    if (line !== undefined) (moduleLines ?? lines).push(line)
    if (id !== MODULE_END) continue
    modules.push({ streams, offset, lines: moduleLines ?? [] })
    streams = new Set()
    offset = 0
    moduleLines = undefined
  }
  return modules.length === 0 ? undefined : { lines, modules, decode }
}

/** What the code of every module that Office writes begins with, behind the flags of its first eight bytes. */
const CODE = Buffer.from('\0Attribut', 'latin1')
/** The container's byte and the chunk's header stand before it. */
const BEFORE_BYTES = 3
const BLOCK_BYTES = 64 * 1024

/** Where compressed code begins in a stream, whatever `dir` says. `check` is called for each block. */
export function codePlaces(stream: ByteSource, check: () => void): number[] {
  const places: number[] = []
  const overlap = BEFORE_BYTES + CODE.length
  for (let at = 0; at < stream.size; at += BLOCK_BYTES) {
    check()
    const view = stream.read(at, Math.min(BLOCK_BYTES + overlap, stream.size - at))
    const block = Buffer.from(view.buffer, view.byteOffset, view.length)
    for (let code = block.indexOf(CODE); code !== -1; code = block.indexOf(CODE, code + 1)) {
      const start = code - BEFORE_BYTES
      if (start >= 0 && start < BLOCK_BYTES && beginsContainer(block, start)) places.push(at + start)
    }
  }
  return places
}
