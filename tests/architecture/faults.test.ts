import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checks } from './checks.ts'
import { readSourceTree } from './source-tree.ts'

type Tree = Record<string, string>

const opening = '/** A module of a small tree that stands only to be judged by the checks. */\n'
const manifest = (name: string, dependencies: string[] = []) =>
  JSON.stringify({
    name: `@coreward/${name}`,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '*'])),
  })

const sound: Tree = {
  'packages/contracts/package.json': manifest('contracts', ['zod']),
  'packages/contracts/src/index.ts': `${opening}export { verdict } from './verdict.ts'\n`,
  'packages/contracts/src/verdict.ts': `${opening}// import { no } from '../../trust/src/index.ts'\nexport const verdict = "import('x')"\n`,
  'packages/trust/package.json': manifest('trust'),
  'packages/trust/src/index.ts': `${opening}export const trust = 1\n`,
  'apps/server/package.json': manifest('server', ['@coreward/contracts', '@coreward/trust']),
  'apps/server/src/main.ts': `${opening}import { store } from './agents/store.ts'\nimport './app.ts'\nexport { store }\n`,
  'apps/server/src/app.ts': `${opening}import { routes } from './agents/routes.ts'\nexport const app = routes\n`,
  'apps/server/src/agents/routes.ts': `${opening}import { agents } from './agents.ts'\nexport const routes = agents\n`,
  'apps/server/src/agents/agents.ts': `${opening}import { verdict } from '@coreward/contracts'\nexport const agents = verdict\n`,
  'apps/server/src/agents/store.ts': `${opening}export const store = (db) => db.selectFrom('agents').innerJoin('agents_groups as g')\n`,
  'apps/server/src/events/events.ts': `${opening}import { agents } from '../agents/agents.ts'\nexport const events = agents\n`,
  'apps/server/src/database/migrations.ts': `${opening}export const up = (db) => db.schema.createTable('agents_groups')\n`,
  'apps/agent/package.json': manifest('agent', ['@coreward/contracts']),
  'apps/agent/src/daemon/main.ts': `${opening}import { scan } from './scan/scan.ts'\nimport { uplink } from './uplink/uplink.ts'\nimport { verbs } from '../guard/verbs.ts'\nexport default [scan, uplink, verbs]\n`,
  'apps/agent/src/daemon/config.ts': `${opening}export const config = {}\n`,
  'apps/agent/src/daemon/scan/scan.ts': `${opening}import { config } from '../config.ts'\nimport { spool } from '../spool/spool.ts'\nexport const scan = [config, spool]\n`,
  'apps/agent/src/daemon/spool/spool.ts': `${opening}export const spool = {}\n`,
  'apps/agent/src/daemon/uplink/uplink.ts': `${opening}export const uplink = {}\n`,
  'tools/start.ts': `${opening}import { scan } from '../apps/agent/src/daemon/scan/scan.ts'\nexport const start = scan\n`,
  'apps/agent/src/guard/verbs.ts': `${opening}export const verbs = {}\n`,
}

/** Writes the tree into a temporary folder and returns every complaint, as `check: complaint`. */
function judge(tree: Tree): string[] {
  const root = mkdtempSync(join(tmpdir(), 'coreward-architecture-'))
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const read = readSourceTree(root)
    return Object.entries(checks).flatMap(([name, check]) =>
      check(read).map((complaint) => `${name}: ${complaint}`),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

test('a sound tree raises no complaint', () => {
  assert.deepEqual(judge(sound), [])
})

test('a tree with no modules is a failure, not a success', () => {
  assert.match(judge({ 'README.md': 'nothing' }).join('\n'), /no modules found[\s\S]*no workspaces found/)
})

const faults: [sentence: string, files: Tree, complaint: RegExp][] = [
  [
    'a package that depends against the arrows',
    { 'packages/trust/package.json': manifest('trust', ['@coreward/contracts']) },
    /^dependenciesFollowTheArrows: packages\/trust\/package.json: trust may not depend on @coreward\/contracts$/,
  ],
  [
    'an app that depends on an app',
    {
      'apps/server/package.json': manifest('server', [
        '@coreward/agent',
        '@coreward/contracts',
        '@coreward/trust',
      ]),
    },
    /^dependenciesFollowTheArrows: .*(may not depend on|apps are never imported)/,
  ],
  [
    'a workspace outside the table',
    { 'packages/extra/package.json': manifest('extra') },
    /^dependenciesFollowTheArrows: .*'extra' is not in the table/,
  ],
  [
    'a workspace whose package has another name',
    { 'packages/trust/package.json': manifest('faith') },
    /^dependenciesFollowTheArrows: .*name it @coreward\/trust/,
  ],
  [
    'an import that is not declared',
    { 'packages/trust/src/extra.ts': `${opening}import type { verdict } from '@coreward/contracts'\n` },
    /^importsStayInTheirRooms: packages\/trust\/src\/extra.ts:2: .*does not declare/,
  ],
  [
    'a relative import that leaves its workspace',
    { 'packages/trust/src/extra.ts': `${opening}export * from '../../contracts/src/verdict.ts'\n` },
    /^importsStayInTheirRooms: .*outside its workspace/,
  ],
  [
    'a tool that reaches into a package instead of using its door',
    { 'tools/start/extra.ts': `${opening}export * from '../../packages/trust/src/index.ts'\n` },
    /^importsStayInTheirRooms: .*outside its workspace/,
  ],
  [
    "an import that passes by a package's door",
    { 'apps/agent/src/cli/extra.ts': `${opening}import '@coreward/contracts/src/verdict.ts'\n` },
    /^importsStayInTheirRooms: .*one door/,
  ],
  [
    "a slice that reaches into another's store",
    { 'apps/server/src/events/extra.ts': `${opening}import { store } from '../agents/store.ts'\n` },
    /^slicesHaveOneDoor: .*only agents\/agents.ts may be imported/,
  ],
  [
    "a store that names another slice's table",
    { 'apps/server/src/events/store.ts': `${opening}export const read = (db) => db.selectFrom('agents')\n` },
    /^storesOwnTheirTables: .*not of slice events/,
  ],
  [
    'a table named outside a store',
    { 'apps/server/src/events/extra.ts': `${opening}export const sql = 'DELETE FROM events_seen'\n` },
    /^storesOwnTheirTables: .*only a store.ts may/,
  ],
  [
    'a migration whose table belongs to no slice',
    {
      'apps/server/src/database/extra.ts': `${opening}export const up = (db) => db.createTable('orphans')\n`,
    },
    /^storesOwnTheirTables: .*orphans carries no slice's prefix/,
  ],
  [
    'a duty that imports another duty',
    { 'apps/agent/src/daemon/scan/extra.ts': `${opening}import { uplink } from '../uplink/uplink.ts'\n` },
    /^dutiesDoNotKnowOneAnother: .*duty scan imports duty uplink/,
  ],
  [
    'a module other than main.ts that joins duties',
    { 'apps/agent/src/daemon/extra.ts': `${opening}import { uplink } from './uplink/uplink.ts'\n` },
    /^dutiesDoNotKnowOneAnother: .*only main.ts joins duties/,
  ],
  [
    'a process that reaches into another process',
    { 'apps/agent/src/daemon/scan/extra.ts': `${opening}import { verbs } from '../../guard/verbs.ts'\n` },
    /^processesAreJoinedByMain: .*only daemon\/main.ts may join/,
  ],
  [
    'a main.ts that is imported',
    { 'apps/agent/src/cli/extra.ts': `${opening}import '../daemon/main.ts'\n` },
    /^processesAreJoinedByMain: .*never imported/,
  ],
  [
    'a circle made of type imports',
    {
      'packages/trust/src/one.ts': `${opening}import type { Two } from './two.ts'\nexport type One = Two\n`,
      'packages/trust/src/two.ts': `${opening}export type {\n  One,\n} from './one.ts'\nexport type Two = 2\n`,
    },
    /^noCircles: .*one.ts → packages\/trust\/src\/two.ts → packages\/trust\/src\/one.ts$/,
  ],
  [
    'a late import in a process that drops privileges',
    { 'apps/server/src/events/extra.ts': `${opening}export const late = () => import('node:dns')\n` },
    /^nothingLoadsLate: .*extra.ts:2: loads node:dns late/,
  ],
  [
    'a late import behind a template and a regular expression',
    {
      'apps/agent/src/guard/extra.ts': `${opening}const a = \`\${/[\`"]/.test('')}\`\nexport const late = (x) => import(x + a)\n`,
    },
    /^nothingLoadsLate: .*extra.ts:3: loads \(computed\) late/,
  ],
  [
    'a module of 401 lines',
    { 'packages/trust/src/long.ts': `${opening}${'//\n'.repeat(400)}` },
    /^modulesAreShort: .*401 lines/,
  ],
  [
    'a name that says nothing',
    { 'packages/trust/src/utils.ts': opening },
    /^namesSayWhatTheyHold: .*says nothing/,
  ],
  [
    'a folder name that says nothing',
    { 'packages/trust/src/common/hash.ts': opening },
    /^namesSayWhatTheyHold: .*says nothing/,
  ],
  [
    'a name in camel case',
    { 'packages/trust/src/hashChain.ts': opening },
    /^namesSayWhatTheyHold: .*kebab-case/,
  ],
  [
    'a module without an opening',
    { 'packages/trust/src/bare.ts': 'export const bare = 1\n' },
    /^modulesOpenWithAParagraph: /,
  ],
  [
    'an opening that says nothing',
    { 'packages/trust/src/bare.ts': '// bare\n' },
    /^modulesOpenWithAParagraph: /,
  ],
]

for (const [sentence, files, complaint] of faults) {
  test(`${sentence} is complained of, and nothing else is`, () => {
    const complaints = judge({ ...sound, ...files })
    assert.ok(complaints.length > 0, 'no complaint')
    for (const line of complaints) assert.match(line, complaint)
  })
}
