/**
 * The architecture's rules, each a function from a source tree to complaints. A complaint names the file, the line
 * where there is one, what is wrong and what to do. The rules' figures and tables stand in plan.ts, never here.
 */
import * as plan from './plan.ts'
import type { Import, Module, SourceTree } from './source-tree.ts'

export type Check = (tree: SourceTree) => string[]

/** Fails when there is nothing to check, so that a moved folder cannot make every other check pass. */
const somethingToCheck: Check = (tree) => {
  const complaints: string[] = []
  if (tree.modules.length === 0) complaints.push(`${tree.root}: no modules found: nothing was checked`)
  if (tree.workspaces.length === 0) complaints.push(`${tree.root}: no workspaces found: nothing was checked`)
  return complaints
}

/** package.json holds the arrows and nothing more; apps are never depended upon. */
const dependenciesFollowTheArrows: Check = (tree) =>
  tree.workspaces.flatMap((workspace) => {
    const manifest = `${workspace.folder}package.json`
    const allowed = plan.arrows[workspace.name]
    if (!allowed)
      return [`${manifest}: '${workspace.name}' is not in the table of arrows (tests/architecture/plan.ts)`]
    const complaints: string[] = []
    if (workspace.packageName !== plan.scope + workspace.name) {
      complaints.push(
        `${manifest}: is named ${workspace.packageName}; name it ${plan.scope}${workspace.name}`,
      )
    }
    for (const dependency of [...workspace.dependencies, ...workspace.developmentDependencies]) {
      if (!dependency.startsWith(plan.scope)) continue
      const name = dependency.slice(plan.scope.length)
      if (!allowed.includes(name))
        complaints.push(`${manifest}: ${workspace.name} may not depend on ${dependency}`)
      if (tree.workspaces.some((other) => other.name === name && other.folder.startsWith('apps/'))) {
        complaints.push(`${manifest}: ${dependency} is an app; apps are never imported`)
      }
    }
    return complaints
  })

/** An import of ours is declared, goes through the package's front door, and no relative import leaves its workspace. */
const importsStayInTheirRooms: Check = (tree) =>
  eachImport(tree, (module, found) => {
    const workspace = tree.workspaces.find((candidate) => module.path.startsWith(candidate.folder))
    if (found.specifier.startsWith('.') && found.target !== undefined) {
      const home = workspace?.folder ?? `${module.path.split('/')[0]}/`
      const sibling = /^(?:tests|tools|bench)\//
      const joins =
        plan.checkoutJoins.some((room) => module.path.startsWith(room)) && found.target.startsWith('apps/')
      const forKernel =
        module.path.startsWith(plan.kernelFolder) &&
        found.target === plan.kernelConstants.replace(/\.ts$/, '')
      const measures =
        plan.engineBenches.includes(module.path) && found.target.startsWith('packages/engine/src/')
      const fuzzes =
        module.path.startsWith(plan.fuzzFolder) &&
        /^packages\/(?:engine|definitions)\/src\//.test(found.target)
      const stays =
        fuzzes ||
        joins ||
        forKernel ||
        measures ||
        found.target.startsWith(home) ||
        (sibling.test(home) && sibling.test(found.target))
      return stays
        ? undefined
        : `imports ${found.specifier}, outside its workspace; import the package by name`
    }
    if (!found.specifier.startsWith(plan.scope)) return undefined
    const name = found.specifier.slice(plan.scope.length)
    if (name.includes('/')) return `imports ${found.specifier}; a package has one door, its src/index.ts`
    if (!workspace) return undefined
    if (workspace.name === name) return `imports its own package by name; import the file`
    const declared = module.test
      ? [...workspace.dependencies, ...workspace.developmentDependencies]
      : workspace.dependencies
    return declared.includes(found.specifier)
      ? undefined
      : `imports ${found.specifier}, which ${workspace.folder}package.json does not declare`
  })

/** From outside a server slice only `<noun>.ts` may be imported; main.ts and app.ts, which join them, see all of it. */
const slicesHaveOneDoor: Check = (tree) =>
  eachImport(tree, (module, found) => {
    const target = sliceOf(found.target)
    if (!target || !module.path.startsWith(plan.serverRoot)) return undefined
    const from = sliceOf(module.path)
    if (from?.name === target.name || plan.serverJoins.includes(module.path.slice(plan.serverRoot.length)))
      return undefined
    if (module.path.startsWith(`${plan.serverRoot}database/`) && target.file === 'store.ts') return undefined
    return target.file === `${target.name}.ts`
      ? undefined
      : `imports ${found.target}; from outside a slice only ${target.name}/${target.name}.ts may be imported`
  })

/** Only a slice's own store.ts names its tables, and their names carry the slice's prefix. */
const storesOwnTheirTables: Check = (tree) => {
  const slices = new Set(tree.modules.flatMap((module) => sliceOf(module.path)?.name ?? []))
  return tree.modules.flatMap((module) => {
    if (!module.path.startsWith(plan.serverRoot) || module.test) return []
    const slice = sliceOf(module.path)
    const inDatabase = module.path.startsWith(`${plan.serverRoot}database/`)
    return tablesNamedIn(module).flatMap(({ table, line }) => {
      const owner = [...slices].find((name) => carriesPrefix(table, name))
      if (inDatabase) {
        return owner ? [] : [`${module.path}:${line}: table ${table} carries no slice's prefix`]
      }
      if (slice?.file !== 'store.ts')
        return [`${module.path}:${line}: names table ${table}; only a store.ts may`]
      return carriesPrefix(table, slice.name)
        ? []
        : [`${module.path}:${line}: names table ${table}, which is not of slice ${slice.name}`]
    })
  })
}

/** Duty folders of the daemon do not know one another; they may import config, paths and spool. */
const dutiesDoNotKnowOneAnother: Check = (tree) =>
  eachImport(tree, (module, found) => {
    if (!module.path.startsWith(plan.daemonRoot) || !found.target?.startsWith(plan.daemonRoot))
      return undefined
    const from = module.path.slice(plan.daemonRoot.length).split('/')
    const to = found.target.slice(plan.daemonRoot.length).split('/')
    const room = (to[0] ?? '').replace(/\.ts$/, '')
    if (to.length === 1 || from[0] === to[0] || plan.daemonShared.includes(room)) return undefined
    if (from.length === 1 && (from[0] === 'main.ts' || module.test)) return undefined
    return from.length === 1
      ? `imports duty ${room}; only main.ts joins duties`
      : `duty ${from[0]} imports duty ${room}; let main.ts hand it what it needs as a function`
  })

/** The agent's processes do not import one another; each one's main.ts joins what it needs. */
const processesAreJoinedByMain: Check = (tree) =>
  eachImport(tree, (module, found) => {
    if (!module.path.startsWith(plan.agentRoot) || !found.target?.startsWith(plan.agentRoot) || module.test)
      return undefined
    const from = module.path.slice(plan.agentRoot.length)
    const to = found.target.slice(plan.agentRoot.length)
    const fromRoom = from.split('/')[0] ?? ''
    const toRoom = to.split('/')[0] ?? ''
    if (to.endsWith('/main.ts')) return `imports ${found.target}; a main.ts is started, never imported`
    if (fromRoom === toRoom || !plan.agentProcesses.includes(toRoom) || from === `${fromRoom}/main.ts`)
      return undefined
    return `imports ${found.target}; only ${fromRoom}/main.ts may join ${fromRoom} with ${toRoom}`
  })

/** No circles among modules, type imports included. Each circle is told once, as the path round it. */
const noCircles: Check = (tree) => {
  const byPath = new Map(tree.modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const trail: string[] = []
  const circles: string[] = []
  const visit = (path: string) => {
    const seen = trail.indexOf(path)
    if (seen >= 0) circles.push(`${path}: import circle: ${[...trail.slice(seen), path].join(' → ')}`)
    if (seen >= 0 || done.has(path)) return
    trail.push(path)
    for (const found of byPath.get(path)?.imports ?? []) if (found.target !== undefined) visit(found.target)
    trail.pop()
    done.add(path)
  }
  for (const path of byPath.keys()) visit(path)
  return circles
}

/** A process that drops its privileges after loading can load nothing later. */
const nothingLoadsLate: Check = (tree) =>
  eachImport(tree, (module, found) => {
    if (!found.lazy || module.test || !plan.loadThenDrop.some((folder) => module.path.startsWith(folder)))
      return undefined
    return `loads ${found.specifier} late with import(); this process drops privileges after loading: import it at the top`
  })

/** Modules stay short enough to be read in one go. */
const modulesAreShort: Check = (tree) =>
  tree.modules.flatMap((module) => {
    const lines = module.text.split('\n').length - (module.text.endsWith('\n') ? 1 : 0)
    if (module.test || lines <= plan.longestModule) return []
    return [
      `${module.path}: ${lines} lines; the most is ${plan.longestModule}: give a noun in it its own room`,
    ]
  })

/** Files and folders carry kebab-case nouns that say what they hold. */
const namesSayWhatTheyHold: Check = (tree) =>
  tree.modules.flatMap((module) => {
    const parts = module.path
      .split('/')
      .map((part) => part.replace(/(?:\.test|\.fixture|\.config|\.d)?\.[cm]?[jt]sx?$/, ''))
    return parts.flatMap((part) => {
      if (plan.emptyNames.includes(part))
        return [`${module.path}: '${part}' says nothing about what it holds`]
      return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part)
        ? []
        : [`${module.path}: '${part}' is not a kebab-case name`]
    })
  })

/** Every module opens with a paragraph that says what it holds. Tests say it in their names. */
const modulesOpenWithAParagraph: Check = (tree) =>
  tree.modules.flatMap((module) => {
    if (/\.test\.tsx?$/.test(module.path)) return []
    const opening = /^(?:#![^\n]*\n)?\s*(\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(module.text)?.[1] ?? ''
    const words = opening.replace(/[^\p{L}]/gu, '')
    if (words.length >= plan.shortestOpening && !/^\W*(?:biome-ignore|@ts-)/.test(opening)) return []
    return [`${module.path}:1: does not open with a paragraph that says what it holds`]
  })

/** Every rule, by the name it is reported under. */
export const checks = {
  somethingToCheck,
  dependenciesFollowTheArrows,
  importsStayInTheirRooms,
  slicesHaveOneDoor,
  storesOwnTheirTables,
  dutiesDoNotKnowOneAnother,
  processesAreJoinedByMain,
  noCircles,
  nothingLoadsLate,
  modulesAreShort,
  namesSayWhatTheyHold,
  modulesOpenWithAParagraph,
} as const satisfies Record<string, Check>

function eachImport(
  tree: SourceTree,
  judge: (module: Module, found: Import) => string | undefined,
): string[] {
  return tree.modules.flatMap((module) =>
    module.imports.flatMap((found) => {
      const complaint = judge(module, found)
      return complaint === undefined ? [] : [`${module.path}:${found.line}: ${complaint}`]
    }),
  )
}

function sliceOf(path: string | undefined): { name: string; file: string } | undefined {
  if (!path?.startsWith(plan.serverRoot)) return undefined
  const [name, ...rest] = path.slice(plan.serverRoot.length).split('/')
  if (!name || rest.length === 0 || plan.serverShared.includes(name)) return undefined
  return { name, file: rest.join('/') }
}

function carriesPrefix(table: string, slice: string): boolean {
  const prefix = slice.replaceAll('-', '_')
  return table === prefix || table.startsWith(`${prefix}_`)
}

/** Tables named in Kysely calls and in SQL text. Plain prose in a string is not SQL: keywords must be capital there. */
function tablesNamedIn(module: Module): { table: string; line: number }[] {
  const builder =
    /\.(?:selectFrom|insertInto|replaceInto|updateTable|deleteFrom|mergeInto|(?:inner|left|right|full|cross)Join|createTable|alterTable|dropTable)\(\s*['"`]([a-z0-9_]+)/g
  const index = /\.on\(\s*['"`]([a-z0-9_]+)['"`]\s*\)/g
  const text =
    /\b(?:INSERT INTO|REPLACE INTO|DELETE FROM|UPDATE|FROM|JOIN|CREATE TABLE(?: IF NOT EXISTS)?|DROP TABLE)\s+([a-z_][a-z0-9_]*)\b/g
  return [builder, index, text].flatMap((pattern) =>
    [...module.code.matchAll(pattern)].flatMap((match) => {
      const table = match[1] ?? ''
      const line = module.code.slice(0, match.index).split('\n').length
      return /^(?:sqlite_|pragma_|json_each$|select$|set$)/.test(table) ? [] : [{ table, line }]
    }),
  )
}
