/**
 * Builds what of the engine is written in AssemblyScript, `node tools/build-kernel.ts`: the matcher's kernel, packages/engine/kernel/kernel.wasm, and the
 * emulator, packages/engine/emulator/emulator.wasm. npm runs it behind `npm ci` and `npm install` (script `prepare`); tests and `npm start` build
 * again when a source is newer.
 */
import { globSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..')

interface WasmModule {
  /** For messages. */
  readonly name: string
  /** Without its ending. */
  readonly path: string
  readonly sources: readonly string[]
  readonly options: string
}

/** Neither has data of its own nor a heap, and the few checks that AssemblyScript would add are made before (`--noAssert`). */
const common = '-O3 --noAssert --runtime stub'

const modules: readonly WasmModule[] = [
  {
    name: "matcher's kernel",
    path: 'packages/engine/kernel/kernel',
    sources: ['packages/engine/kernel/*.ts', 'packages/definitions/src/filter-layout.ts'],
    // Its memory is its user's, and shared.
    options: `${common} --importMemory --sharedMemory --enable threads --enable simd --initialMemory 1 --maximumMemory 65536`,
  },
  {
    name: 'emulator',
    path: 'packages/engine/emulator/emulator',
    sources: ['packages/engine/emulator/*.ts', 'packages/engine/src/emulation/machine-layout.ts'],
    // State and tables, and then as many pages as machine-layout.ts lets a program have.
    options: `${common} --initialMemory 17 --maximumMemory 1041`,
  },
]

if (import.meta.main) for (const module of modules) await buildModule(module)

/** Several processes may do so at once: what they build is put in place whole. */
async function buildModule({ name, path, options }: WasmModule): Promise<void> {
  const { default: asc } = await import('assemblyscript/asc')
  const fresh = `${path}.${process.pid}.wasm`
  try {
    const { error, stderr } = await asc.main(
      [`${path}.ts`, '-o', fresh, '--baseDir', repository, ...options.split(' ')],
      {},
    )
    if (error !== null) throw new Error(`The ${name} could not be built: ${stderr}`, { cause: error })
    renameSync(join(repository, fresh), join(repository, `${path}.wasm`))
  } finally {
    rmSync(join(repository, fresh), { force: true })
  }
}

/** Builds those that are not there or older than what they are made of. */
export async function buildKernelIfOld(): Promise<void> {
  for (const module of modules) {
    const sources = [...module.sources, 'tools/build-kernel.ts']
    const changed = globSync(sources, { cwd: repository }).map(
      (path) => statSync(join(repository, path)).mtimeMs,
    )
    const since = statSync(join(repository, `${module.path}.wasm`), { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (changed.some((time) => time > since)) await buildModule(module)
  }
}
