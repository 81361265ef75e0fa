import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { eicar, zipOf } from '../fixtures/eicar.ts'

/**
 * @coreward/engine as a stranger has it: built, packed, installed from its tarball into an empty project that knows nothing of this checkout, and
 * its README's example compiled and run. There is no network: what the package needs is packed from this checkout's node_modules.
 */

const root = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'coreward-engine-package-'))
const project = join(home, 'project')
after(() => rmSync(home, { recursive: true }))

/** The Node that runs this, and the system's when it is another. */
const nodes = [...new Set([process.execPath, ...['/usr/bin/node', '/usr/local/bin/node'].filter(existsSync)])]

before(() => {
  const built = join(home, 'built')
  run(process.execPath, [join(root, 'tools/build-engine.ts'), built], root)
  const packed = join(home, 'packed')
  mkdirSync(packed)
  const sources = ['engine', 'definitions'].map((name) => join(root, 'packages', name))
  const folders = [built, ...sources.reduce((known, folder) => neededBy(folder, known), new Set<string>())]
  const list = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', packed, ...folders], home),
  ) as readonly { readonly name: string; readonly filename: string }[]
  assert.equal(list.length, folders.length)
  mkdirSync(project)
  const dependencies = list.map(({ name, filename }) => [name, `file:${join(packed, filename)}`])
  const manifest = { type: 'module', private: true, dependencies: Object.fromEntries(dependencies) }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], project)
})

test('the example of the README compiles against the types, without looking past them', () => {
  const readme = readFileSync(join(project, 'node_modules/@coreward/engine/README.md'), 'utf8')
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readme) ?? []
  writeFileSync(join(project, 'example.ts'), example)
  const options = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['example.ts'] }),
  )
  run(join(root, 'node_modules/.bin/tsc'), ['-p', '.'], project)
  assert.ok(existsSync(join(project, 'example.js')))
})

for (const node of nodes) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  test(`with Node ${version} it finds what is there and nothing else`, () => {
    write('clean.txt', 'nothing to see here')
    write('eicar.com', eicar())
    write('eicar.zip', zipOf('eicar.com', eicar()))
    write('own.txt', 'this is a marker of my own, alone')
    // Encrypted, by its flags: general purpose bit 0, in both headers.
    const locked = zipOf('a.txt', Buffer.from('locked'))
    for (const at of [6, locked.indexOf('PK\x01\x02', 0, 'latin1') + 8]) locked[at] = 1
    write('locked.zip', locked)
    const names = ['clean.txt', 'eicar.com', 'eicar.zip', 'own.txt', 'locked.zip']
    assert.deepEqual(
      run(node, ['example.js', ...names], project)
        .trimEnd()
        .split('\n'),
      [
        'clean.txt: clean',
        'eicar.com: infected: Eicar-Test-Signature',
        'eicar.zip: infected: Eicar-Test-Signature in eicar.com',
        'own.txt: infected: Own.Marker',
        'locked.zip: not scanned: encrypted',
      ],
    )
  })
}

test('its tarball holds what it needs and no tests', () => {
  const installed = join(project, 'node_modules/@coreward/engine')
  const files = run('find', ['.', '-type', 'f'], installed).split('\n')
  for (const file of [
    './LICENSE',
    './README.md',
    './lib/engine/src/worker.js',
    './lib/engine/emulator/emulator.wasm',
    './lib/engine/kernel/kernel.wasm',
    './lib/definitions/builtin/eicar.ndb',
  ])
    assert.ok(files.includes(file), file)
  assert.deepEqual(
    files.filter((file) => /\.(?:test|fixture)\.|[^d]\.ts$/.test(file)),
    [],
  )
})

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(project, name), content)
}

/** Adds the folders of all packages that a folder's package.json names, and of those that these name; ours are built in. */
function neededBy(folder: string, known: Set<string>): Set<string> {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith('@coreward/')) continue
    const found = folderOf(name, folder)
    if (known.has(found)) continue
    known.add(found)
    neededBy(found, known)
  }
  return known
}

function folderOf(name: string, from: string): string {
  const paths = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  const folder = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, 'package.json')))
  if (folder === undefined) throw new Error(`${name}, needed by ${dirname(from)}, is not installed`)
  return realpathSync(folder)
}

function run(command: string, options: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, options, { cwd, encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${options.join(' ')}: ${error?.message ?? ''}${stderr}${stdout}`)
  return stdout
}
