/**
 * The house's plan as data: which workspace may depend on which, which rooms an app has, and which names and sizes
 * are allowed. ARCHITECTURE.md draws the same thing in words. Nothing here reads a file or decides anything.
 */

/** Workspace name → the workspaces it may depend on. A workspace that is not in this table may not exist. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  trust: [],
  host: [],
  definitions: [],
  updates: ['trust'],
  engine: ['definitions'],
  'group-policy': ['contracts'],
  assessment: ['contracts', 'host'],
  agent: ['contracts', 'trust', 'host', 'definitions', 'engine', 'updates', 'group-policy', 'assessment'],
  server: ['contracts', 'trust', 'definitions', 'engine', 'updates', 'group-policy', 'assessment'],
  console: ['contracts'],
  admin: ['contracts', 'trust'],
  setup: ['contracts', 'trust', 'host', 'updates'],
}

/** The scope that marks an import as one of ours. */
export const scope = '@coreward/'

/** Folders whose modules are checked; the rest of a checkout (documents, packaging) holds no modules. */
export const sourceFolders = ['packages', 'apps', 'tests', 'tools', 'bench'] as const

/** The longest a module may be outside tests, in lines. A longer one has a noun in it that wants its own room. */
export const longestModule = 400

/** Names that say nothing about what a module holds. */
export const emptyNames: readonly string[] = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'misc',
  'manager',
  'types',
]

/** The shortest opening comment that can say what a module holds, in letters. */
export const shortestOpening = 12

/** Processes that drop privileges after loading and so must never load a module later. */
export const loadThenDrop: readonly string[] = [
  'apps/server/src/',
  'apps/agent/src/daemon/',
  'apps/agent/src/scanner/',
  'apps/agent/src/guard/',
  'apps/agent/src/verbs/',
]

/** AssemblyScript, which knows no packages: it takes its constants from the one file of another workspace that is written for it. */
export const kernelFolder = 'packages/engine/kernel/'
export const kernelConstants = 'packages/definitions/src/filter-layout.ts'

/** Measure parts of the engine alone, which no door of it leads to. */
export const engineBenches: readonly string[] = ['bench/matcher.ts', 'bench/rule-engine.ts']

/** The fuzzer's targets are parsers, which no door leads to, and its seeds come from what their tests make. */
export const fuzzFolder = 'tests/fuzz/'

/** Where the agent's processes live; each is joined by its own main.ts and by nothing else. */
export const agentRoot = 'apps/agent/src/'
export const agentProcesses: readonly string[] = [
  'guard',
  'scanner',
  'daemon',
  'launcher',
  'cli',
  'clamscan',
  'ui',
]

/** What every duty of the daemon may import from beside itself. */
export const daemonRoot = 'apps/agent/src/daemon/'
export const daemonShared: readonly string[] = ['config', 'paths', 'spool']

/** The server: every folder is a slice except those named here; only the joining modules see inside a slice. */
export const serverRoot = 'apps/server/src/'
export const serverShared: readonly string[] = ['database', 'http']
export const serverJoins: readonly string[] = ['main.ts', 'app.ts']

/**
 * What `npm start` runs joins the apps of this checkout, as a main.ts joins a process, and the benchmark asks the scanner process as the guard
 * does: these may import their modules.
 */
export const checkoutJoins: readonly string[] = ['tools/', 'bench/']
