/**
 * Photon's WebAssembly program, of which one function is used: an image's file → its pixels. The program is called as it stands, without the
 * script that comes with it, so that it can be started anew: it ends with a trap where an image is damaged, and never gives memory back. It can
 * reach nothing but its own memory: what it imports are a browser's functions, and none of them is there.
 */
import type { ByteSource } from '../byte-source.ts'
import { type ImageLibrary, readImageProgram } from './image-library.ts'

/** Read at a time. */
const BLOCK_BYTES = 256 * 1024

/** A program whose memory has grown beyond this is dropped with its image. */
const MEMORY_KEPT_BYTES = 16 * 1024 * 1024

/** Pixels in rows from the top; each has four bytes: red, green, blue, alpha. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** The program's own memory: copy what must last beyond the call that is given it. */
  readonly rgba: Uint8Array
}

/** What the program exports and we call; as wasm-bindgen lays it out. */
interface Program {
  readonly memory: WebAssembly.Memory
  readonly __wbindgen_start: () => void
  readonly __wbindgen_malloc: (bytes: number, alignment: number) => number
  readonly __wbindgen_free: (at: number, bytes: number, alignment: number) => void
  /** Takes the memory over. Traps when it is no image. */
  readonly photonimage_new_from_byteslice: (at: number, bytes: number) => number
  readonly photonimage_get_width: (image: number) => number
  readonly photonimage_get_height: (image: number) => number
  readonly photonimage_get_raw_pixels: (image: number) => [at: number, bytes: number]
  readonly __wbg_photonimage_free: (image: number, unused: number) => void
}

export class ImageDecoder {
  readonly #library: ImageLibrary
  #module: WebAssembly.Module | undefined
  #program: Program | undefined

  constructor(library: ImageLibrary) {
    this.#library = library
  }

  /**
   * Decodes the image that a content is, and gives its pixels to `use`. Undefined when `isWanted` says no to the content's bytes, which it must
   * not keep, or when the decoder says that it is damaged or of no kind that it knows. What the source and `check` throw passes through.
   */
  decode<Value>(
    source: ByteSource,
    isWanted: (content: Uint8Array) => boolean,
    use: (pixels: Pixels) => Value,
    check: () => void,
  ): Value | undefined {
    const program = this.#start()
    const at = program.__wbindgen_malloc(source.size, 1) >>> 0
    try {
      const content = new Uint8Array(program.memory.buffer, at, source.size)
      for (let from = 0; from < source.size; from += BLOCK_BYTES) {
        check()
        content.set(source.read(from, BLOCK_BYTES), from)
      }
      if (!isWanted(content)) {
        program.__wbindgen_free(at, source.size, 1)
        return undefined
      }
      const image = imageOf(program, at, source.size)
      if (image === undefined) {
        this.#program = undefined
        return undefined
      }
      check()
      return withPixels(program, image, use)
    } catch (error) {
      this.#program = undefined
      throw error
    } finally {
      if (program.memory.buffer.byteLength > MEMORY_KEPT_BYTES) this.#program = undefined
    }
  }

  #start(): Program {
    this.#module ??= new WebAssembly.Module(readImageProgram(this.#library))
    this.#program ??= startProgram(this.#module)
    return this.#program
  }
}

function startProgram(module: WebAssembly.Module): Program {
  const imports: { [module: string]: { [name: string]: () => void } } = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = () => {
      throw new Error(`${name} is a browser's`)
    }
    // Called at the start, for objects of the browser.
    if (name === '__wbindgen_init_externref_table') imports[from][name] = () => {}
  }
  const program = new WebAssembly.Instance(module, imports).exports as unknown as Program
  program.__wbindgen_start()
  return program
}

/** The program is of no more use when there is none. */
function imageOf(program: Program, at: number, bytes: number): number | undefined {
  try {
    return program.photonimage_new_from_byteslice(at, bytes)
  } catch {
    return undefined
  }
}

function withPixels<Value>(program: Program, image: number, use: (pixels: Pixels) => Value): Value {
  const [width, height] = [program.photonimage_get_width(image), program.photonimage_get_height(image)]
  const [pixelsAt, bytes] = program.photonimage_get_raw_pixels(image)
  const rgba = new Uint8Array(program.memory.buffer, pixelsAt >>> 0, bytes >>> 0)
  const value = use({ width: width >>> 0, height: height >>> 0, rgba })
  program.__wbindgen_free(pixelsAt, bytes, 1)
  program.__wbg_photonimage_free(image, 0)
  return value
}
