/**
 * Reads the modules of a tree and what each imports. It looks at text only: nothing is executed, nothing is resolved
 * through node_modules. Comments and the insides of strings are blanked first, so that neither can look like code.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { scope, sourceFolders } from './plan.ts'

/** One import or re-export, type-only ones included. `target` is the module's path in the tree, if it is one of ours. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly lazy: boolean
  readonly target?: string
}

/** One module: its path from the root with forward slashes, its text, and its text with comments or strings blanked. */
export interface Module {
  readonly path: string
  readonly text: string
  readonly code: string
  readonly imports: readonly Import[]
  readonly test: boolean
}

/** One workspace's package.json, as far as the checks need it. */
interface Workspace {
  readonly name: string
  readonly folder: string
  readonly packageName: string
  readonly dependencies: readonly string[]
  readonly developmentDependencies: readonly string[]
}

export interface SourceTree {
  readonly root: string
  readonly modules: readonly Module[]
  readonly workspaces: readonly Workspace[]
}

/** Reads every module and workspace under `root`. An empty tree is returned as such; judging it is the checks' work. */
export function readSourceTree(root: string): SourceTree {
  const paths = sourceFolders.flatMap((folder) => listModules(root, folder))
  const known = new Set(paths)
  const modules = paths.map((path) => readModule(root, path, known))
  const workspaces = ['packages', 'apps'].flatMap((folder) => listWorkspaces(root, folder))
  return { root, modules, workspaces }
}

function listModules(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        return ['node_modules', 'dist', 'coverage'].includes(entry.name) ? [] : listModules(root, path)
      }
      return /\.(?:ts|tsx|mts|js|mjs)$/.test(entry.name) ? [path] : []
    })
}

function listWorkspaces(root: string, folder: string): Workspace[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(root, folder, name, 'package.json')
    if (!existsSync(path)) return []
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    return {
      name,
      folder: `${folder}/${name}/`,
      packageName: String(manifest.name),
      dependencies: namesIn(manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies),
      developmentDependencies: namesIn(manifest.devDependencies),
    }
  })
}

function namesIn(...tables: unknown[]): string[] {
  return tables.flatMap((table) => (table && typeof table === 'object' ? Object.keys(table) : []))
}

function readModule(root: string, path: string, known: ReadonlySet<string>): Module {
  const text = readFileSync(join(root, path), 'utf8')
  const { code, bare } = blank(text)
  const imports = findImports(code, bare).map((found) => {
    const target = resolve(path, found.specifier, known)
    return target === undefined ? found : { ...found, target }
  })
  return { path, text, code, imports, test: /\.(?:test|fixture)\.tsx?$/.test(path) || /^tests\//.test(path) }
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('.'))
    return posix.normalize(posix.join(dirname(from), specifier.replace(/\?.*$/, '')))
  if (!specifier.startsWith(scope)) return undefined
  const index = `packages/${specifier.slice(scope.length)}/src/index.ts`
  return known.has(index) ? index : undefined
}

/**
 * Finds imports: `code` has comments blanked, `bare` has string contents blanked too (both keep every offset), so a
 * keyword is looked for in `bare` and its specifier is read from `code` at the same place.
 */
function findImports(code: string, bare: string): Import[] {
  const found: Import[] = []
  const add = (start: number, end: number, lazy: boolean) => {
    const quoted = /(['"`])([^'"`]*)\1[^'"`]*$/.exec(code.slice(start, end))
    const specifier = quoted?.[2] ?? '(computed)'
    found.push({ specifier, line: code.slice(0, end).split('\n').length, lazy })
  }
  const statement = /^[ \t]*(?:import|export)\b(?!\s*\()[^;'"`=()]*?(?:\bfrom\b)?\s*(['"])[^'"\n]*\1/gm
  for (const match of bare.matchAll(statement)) {
    const from = /\bfrom\s*['"]/.test(match[0]) || /^\s*import\s*['"]/.test(match[0])
    if (from) add(match.index, match.index + match[0].length, false)
  }
  for (const match of bare.matchAll(/(?<!typeof\s)(?<![.\w$])import\s*\(\s*(?:(['"`])[^'"`]*\1)?/g)) {
    add(match.index, match.index + match[0].length, true)
  }
  for (const match of bare.matchAll(/(?<=typeof\s)import\s*\(\s*(['"])[^'"]*\1/g)) {
    add(match.index, match.index + match[0].length, false)
  }
  return found
}

/** Blanks comments (`code`), and comments and string contents (`bare`), keeping offsets and line breaks. */
function blank(text: string): { code: string; bare: string } {
  const code = text.split('')
  const bare = text.split('')
  const wipe = (target: string[], from: number, to: number) => {
    for (let at = from; at < to; at++) if (target[at] !== '\n') target[at] = ' '
  }
  const templates: number[] = []
  let braces = 0
  let before = ''
  let at = 0
  const template = (start: number) => {
    let end = start
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end))
      end += text[end] === '\\' ? 2 : 1
    wipe(bare, start, Math.min(end, text.length))
    if (text.startsWith('${', end)) {
      templates.push(braces)
      before = '{'
      return end + 2
    }
    before = '`'
    return end + 1
  }
  while (at < text.length) {
    const here = text[at] ?? ''
    if (text.startsWith('//', at) || (at === 0 && text.startsWith('#!'))) {
      const end = lineEnd(text, at)
      wipe(code, at, end)
      wipe(bare, at, end)
      at = end
    } else if (text.startsWith('/*', at)) {
      const close = text.indexOf('*/', at + 2)
      const end = close < 0 ? text.length : close + 2
      wipe(code, at, end)
      wipe(bare, at, end)
      at = end
    } else if (here === '/' && startsRegularExpression(text, at, before)) {
      const end = regularExpressionEnd(text, at)
      wipe(bare, at + 1, end - 1)
      before = '/'
      at = end
    } else if (here === '"' || here === "'") {
      let end = at + 1
      while (end < text.length && text[end] !== here && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1
      wipe(bare, at + 1, Math.min(end, text.length))
      before = here
      at = end + 1
    } else if (here === '`') {
      at = template(at + 1)
    } else if (here === '}' && templates.at(-1) === braces) {
      templates.pop()
      at = template(at + 1)
    } else {
      if (here === '{') braces++
      if (here === '}') braces--
      if (here.trim() !== '') before = here
      at++
    }
  }
  return { code: code.join(''), bare: bare.join('') }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function startsRegularExpression(text: string, at: number, before: string): boolean {
  if (before === '' || '(,=:[!&|?{;~+-*%^'.includes(before)) return true
  if (before === '>') return text.slice(0, at).trimEnd().endsWith('=>')
  return /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|yield|await)\s*$/.test(
    text.slice(Math.max(0, at - 12), at),
  )
}

function regularExpressionEnd(text: string, start: number): number {
  let inClass = false
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return start + 1
}
