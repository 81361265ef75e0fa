/**
 * `npm run build`: @coreward/engine as others can install it, JavaScript and types for Node 20 and newer, in packages/engine/dist or the folder
 * that is named, which is emptied. tsc keeps the tree of modules, so that workers, the kernel and the built-in set are found where their sources have them;
 * @coreward/definitions, which is published nowhere, comes along under a second door of the package.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { buildKernelIfOld } from './build-kernel.ts'

const root = join(import.meta.dirname, '..')
const packages = join(root, 'packages')
const dist = resolve(process.argv[2] ?? join(packages, 'engine/dist'))
const lib = join(dist, 'lib')

/** What modules read besides other modules, and a licence that goes with one of them. JSON that is imported is written by tsc. */
const assets = [
  'definitions/builtin/*.{hdb,hsb,ndb,ldb}',
  'engine/{kernel,emulator}/*.wasm',
  'definitions/pcre2/LICENCE',
]

/** The oldest Node that this is tested with; README.md of the package names the same. */
const oldestNode = '>=20.19'

await buildKernelIfOld()
rmSync(dist, { recursive: true, force: true })
compile()
for (const file of globSync('**/*.{js,d.ts}', { cwd: lib })) joinModules(join(lib, file))
for (const asset of globSync(assets, { cwd: packages })) {
  mkdirSync(dirname(join(lib, asset)), { recursive: true })
  copyFileSync(join(packages, asset), join(lib, asset))
}
copyFileSync(join(packages, 'engine/README.md'), join(dist, 'README.md'))
copyFileSync(join(root, 'LICENSE'), join(dist, 'LICENSE'))
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`)
console.log(`built ${dist}`)

function compile(): void {
  const project = join(packages, 'engine/tsconfig.build.json')
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project, '--outDir', lib], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`tsc ended with ${status}`)
}

/** Types name modules as their sources do, and our packages one another by names that only this checkout knows. */
function joinModules(path: string): void {
  const text = readFileSync(path, 'utf8')
  const joined = text
    .replaceAll("'@coreward/definitions'", "'@coreward/engine/definitions'")
    .replace(/((?:from|import\()\s*'\.{1,2}\/[^']*)\.ts'/g, "$1.js'")
  writeFileSync(path, joined)
}

function manifest(): object {
  const read = (name: string) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
  const [engine, definitions] = [read('engine'), read('definitions')]
  const needed = { ...definitions.dependencies, ...engine.dependencies } as Record<string, string>
  const door = (name: string) => ({
    types: `./lib/${name}/src/index.d.ts`,
    default: `./lib/${name}/src/index.js`,
  })
  return {
    name: engine.name,
    version: engine.version,
    description: 'A scan engine for ClamAV signatures: a file in, a verdict out',
    license: engine.license,
    type: engine.type,
    engines: { node: oldestNode },
    exports: { '.': door('engine'), './definitions': door('definitions') },
    files: ['lib'],
    dependencies: Object.fromEntries(
      Object.entries(needed).filter(([name]) => !name.startsWith('@coreward/')),
    ),
  }
}
