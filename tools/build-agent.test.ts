import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { buildAgentIfOld, stateOf, withoutFacades } from './build-agent.ts'
import { readTrace } from './read-trace.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-build-'))
after(() => rmSync(folder, { recursive: true }))
let programs: string
before(async () => {
  programs = await buildAgentIfOld()
})
const names = ['launcher/main.js', 'guard/main.js', 'scanner/main.js', 'scanner/worker.js', 'daemon/main.js']
const run = (program: string, environment: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, [join(programs, program), '--data-folder', folder], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })

test('what was built of the same sources is not built again', async () => {
  const { mtimeMs } = statSync(join(programs, 'daemon/main.js'))
  assert.equal(await buildAgentIfOld(), programs)
  assert.equal(statSync(join(programs, 'daemon/main.js')).mtimeMs, mtimeMs)
})

test('several may build at once, and each gets the whole build', async () => {
  const builds = join(folder, 'builds')
  const module = JSON.stringify(new URL('./build-agent.ts', import.meta.url).href)
  const code = `const { buildAgentIfOld } = await import(${module}); console.log(await buildAgentIfOld(${JSON.stringify(builds)}))`
  const builders = Array.from({ length: 3 }, () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]),
  )
  const built = new Set((await Promise.all(builders)).map(({ stdout }) => stdout.trim()))
  assert.deepEqual([...built], [join(builds, basename(dirname(programs)), 'agent')])
  assert.deepEqual(readdirSync(builds), [basename(dirname(programs))])
  for (const name of names) assert.ok(statSync(join([...built].join(), name)).size > 0, name)
})

test('a source that is changed, added or removed is another state', () => {
  const sources = join(folder, 'sources')
  mkdirSync(sources)
  const one = join(sources, 'one.ts')
  writeFileSync(one, 'export {}')
  const states = [stateOf(folder, ['sources/*.ts'])]
  utimesSync(one, 1, 1)
  states.push(stateOf(folder, ['sources/*.ts']))
  writeFileSync(join(sources, 'two.ts'), '')
  states.push(stateOf(folder, ['sources/*.ts']))
  rmSync(one)
  states.push(stateOf(folder, ['sources/*.ts']))
  assert.equal(new Set(states).size, 4)
  assert.equal(stateOf(folder, ['sources/*.ts']), states[3])
})

test('nobody but who built it can write to a build', () => {
  for (const path of ['..', '.', ...names]) {
    const { mode, uid } = statSync(join(programs, path))
    assert.equal(mode & 0o022, 0, path)
    assert.equal(uid, process.getuid?.(), path)
  }
})

test('each process loads all of its code from its build alone', () => {
  for (const name of ['launcher', 'guard', 'scanner', 'daemon']) {
    const { status, stderr } = run(`${name}/main.js`, { COREWARD_LOAD_ONLY: '1' })
    assert.equal(status, 0, `${name}: ${stderr}`)
  }
})

test('no build holds a letter that V8 would store in two bytes, and none reads a map', () => {
  for (const name of names) {
    const code = readFileSync(join(programs, name), 'utf8')
    assert.ok(!/[^\0-\x7f]/.test(code), name)
    assert.ok(!code.includes('sourceMappingURL'), name)
    assert.doesNotMatch(code.slice(0, 5000), /^import .*"node:/m, name)
  }
})

test('modules of Node are taken without all that they export', () => {
  const code = [
    'import { createHash as n, hash } from "node:crypto";',
    'import a from "node:fs";',
    'import * as b from "node:fs/promises";',
    'import c, { once } from "node:events";',
    'import d from "elsewhere";',
  ]
  assert.deepEqual(withoutFacades(code.join('\n')).split('\n'), [
    'const { createHash: n, hash } = process.getBuiltinModule("node:crypto");',
    'const a = process.getBuiltinModule("node:fs");',
    'const b = process.getBuiltinModule("node:fs/promises");',
    'const c = process.getBuiltinModule("node:events"); const { once } = process.getBuiltinModule("node:events");',
    'import d from "elsewhere";',
  ])
})

test('a trace of a build names functions, and is led back to its sources', () => {
  const { stderr } = run('scanner/worker.js', {})
  assert.ok(stderr.length < 20_000)
  assert.match(stderr, /worker\.js:\d+:\d+/)
  assert.match(readTrace(stderr), /packages\/engine\/src\/worker\.ts:\d+:\d+/)
  assert.equal(readTrace('no place at all\n'), 'no place at all\n')
})
