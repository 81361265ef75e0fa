/**
 * Builds the matcher's kernel, packages/engine/kernel/kernel.wasm, from its AssemblyScript: `node tools/build-kernel.ts`. npm
 * runs it behind `npm ci` and `npm install` (script `prepare`); tests and `npm start` build again when a source is newer.
 */
import { globSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..')
const kernel = 'packages/engine/kernel/kernel'
const built = join(repository, `${kernel}.wasm`)
const sources = [
  'packages/engine/kernel/*.ts',
  'packages/definitions/src/filter-layout.ts',
  'tools/build-kernel.ts',
]

/**
 * Its memory is its user's, and shared. It has neither data of its own nor a heap, and the few checks that AssemblyScript would
 * add are made before (`--noAssert`).
 */
const options =
  '-O3 --noAssert --runtime stub --importMemory --sharedMemory --enable threads --initialMemory 1 --maximumMemory 65536'

if (import.meta.main) await buildKernel()

/** Builds. Several processes may do so at once: what they build is put in place whole. */
export async function buildKernel(): Promise<void> {
  const { default: asc } = await import('assemblyscript/asc')
  const fresh = `${kernel}.${process.pid}.wasm`
  try {
    const { error, stderr } = await asc.main(
      [`${kernel}.ts`, '-o', fresh, '--baseDir', repository, ...options.split(' ')],
      {},
    )
    if (error !== null)
      throw new Error(`The matcher's kernel could not be built: ${stderr}`, { cause: error })
    renameSync(join(repository, fresh), built)
  } finally {
    rmSync(join(repository, fresh), { force: true })
  }
}

/** Builds when there is none, or one that is older than what it is made of. */
export async function buildKernelIfOld(): Promise<void> {
  const changed = globSync(sources, { cwd: repository }).map(
    (path) => statSync(join(repository, path)).mtimeMs,
  )
  const since = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (changed.some((time) => time > since)) await buildKernel()
}
