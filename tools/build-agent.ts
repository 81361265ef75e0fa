/**
 * The agent's processes as `npm start` and the benchmarks run them: each one file of JavaScript, without comments and without what it
 * does not use (ADR 23). A build lies in a folder named after what it was made of and is put in place whole. So none is stale, half
 * there, or taken away from an agent that runs.
 */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'
import { buildKernelIfOld } from './build-kernel.ts'

const checkout = join(import.meta.dirname, '..')
const ownBuilds = join(checkout, 'apps/agent/dist')

/** What a build is made of. */
const sources = [
  'package-lock.json',
  'tools/build-agent.ts',
  'apps/agent/package.json',
  'apps/agent/src/**/*.ts',
  'packages/*/package.json',
  'packages/{contracts,definitions,engine,host,trust,updates}/src/**/*.ts',
  'packages/engine/{kernel,emulator}/*.wasm',
]

/** Programs, each from its first module. What one reads beside itself lies as it does in the sources. */
const programs: Readonly<Record<string, string>> = {
  'agent/launcher/main.js': 'apps/agent/src/launcher/main.ts',
  'agent/guard/main.js': 'apps/agent/src/guard/main.ts',
  'agent/scanner/main.js': 'apps/agent/src/scanner/main.ts',
  'agent/scanner/worker.js': 'packages/engine/src/worker.ts',
  'agent/daemon/main.js': 'apps/agent/src/daemon/main.ts',
}
/** Read beside the programs, where their sources have them. */
const wasmModules = ['kernel/kernel.wasm', 'emulator/emulator.wasm']

/** koffi's native code, a package for each system. */
const external = [/^@koromix\//]

/** An agent starts a process that ended from the build it was started with, so former ones stay. */
const KEPT_BUILDS = 3

if (import.meta.main) console.log(await buildAgentIfOld())

/**
 * Builds if what is in `builds` was made of other sources. Answers with the folder of the programs, as startAgentProcesses takes it. Throws what the
 * bundler throws, and where the checkout may not be written to.
 */
export async function buildAgentIfOld(builds = ownBuilds): Promise<string> {
  await buildKernelIfOld()
  const build = join(builds, stateOf(checkout, sources))
  if (!existsSync(build)) await buildAgent(build)
  return join(build, 'agent')
}

/** Names the state of files by their sizes and times. */
export function stateOf(folder: string, patterns: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of globSync([...patterns], { cwd: folder }).sort()) {
    const { size, mtimeMs } = statSync(join(folder, path))
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

/** Builds into a folder that is not there. Several processes may do so at once. */
async function buildAgent(build: string): Promise<void> {
  const fresh = `${build}.${process.pid}`
  // Root may run this: nobody but who builds may write there, whatever he lets others do to his files.
  const umask = process.umask(0o022)
  try {
    for (const [program, module] of Object.entries(programs)) await bundle(module, join(fresh, program))
    for (const module of wasmModules) {
      mkdirSync(join(fresh, dirname(module)))
      copyFileSync(join(checkout, 'packages/engine', module), join(fresh, module))
    }
    putInPlace(fresh, build)
  } finally {
    process.umask(umask)
    rmSync(fresh, { recursive: true, force: true })
  }
  removeFormer(dirname(build))
}

/** Who comes second leaves what is there: it was made of the same sources. */
function putInPlace(fresh: string, build: string): void {
  try {
    renameSync(fresh, build)
  } catch (error) {
    if (!existsSync(build)) throw error
  }
}

/** The map is for tools/read-trace.ts; no process reads it. */
async function bundle(module: string, file: string): Promise<void> {
  await using build = await rolldown({
    input: join(checkout, module),
    cwd: checkout,
    platform: 'node',
    tsconfig: false,
    external,
    logLevel: 'warn',
    // A module of ours is needed for what it exports, or not at all.
    treeshake: { moduleSideEffects: (id) => id.includes('node_modules') },
  })
  // A trace has the names of our functions, and a line that Node prints of an error is one line.
  const keepNames = { function: true, class: true }
  const { output } = await build.generate({
    format: 'esm',
    codeSplitting: false,
    sourcemap: 'hidden',
    comments: false,
    minify: { compress: { keepNames }, mangle: { keepNames }, codegen: { removeWhitespace: false } },
  })
  const [{ code, map }] = output
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, onlyAscii(withoutFacades(code)))
  writeFileSync(`${file}.map`, JSON.stringify({ ...map, sourcesContent: undefined }))
}

/**
 * Takes Node's own modules as `require` gives them. An `import` asks a module for all it exports, and `node:http` then loads a client with
 * web sockets: six megabytes. Lines stay where they are.
 */
export function withoutFacades(code: string): string {
  const imports = /^import (?:\* as )?(?:([\w$]+),? )?(?:\{([^}]*)\} )?(?:from )?"(node:[\w/]+)";/gm
  return code.replace(imports, (_, all: string | undefined, some: string | undefined, name: string) => {
    const module = `process.getBuiltinModule("${name}")`
    const names = some?.replace(/ as /g, ': ')
    const taken = [all, names === undefined ? undefined : `{${names}}`].filter((each) => each !== undefined)
    return taken.map((each) => `const ${each} = ${module};`).join(' ')
  })
}

/** V8 keeps a text in two bytes a letter if one of them is beyond Latin 1. */
function onlyAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function removeFormer(builds: string): void {
  const age = (name: string) => -(statSync(join(builds, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  const complete = readdirSync(builds).filter((name) => /^[0-9a-f]{16}$/.test(name))
  for (const name of complete.sort((a, b) => age(a) - age(b)).slice(KEPT_BUILDS))
    rmSync(join(builds, name), { recursive: true, force: true })
}
