/**
 * Counters for a module's source: each block, branch and arm gets one, in place, so that lines stay where they are. It reads
 * TypeScript as it stands and never changes what the module does.
 */
import { parseAst } from 'rolldown/parseAst'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

export interface Instrumented {
  readonly source: string
  /** How many counters were used. */
  readonly counters: number
  /** Texts and numbers that stand in the source: what it compares its input with is among them. */
  readonly words: readonly (string | number)[]
}

/** Longer texts and those with spaces are messages for people. */
const WORD_MAX_CHARACTERS = 32

/** Adds counters, numbered from `first`, to a module. Throws the parser's error when it is no TypeScript. */
export function instrument(source: string, first: number): Instrumented {
  const inserts: { readonly at: number; readonly text: string }[] = []
  const words = new Set<string | number>()
  let next = first
  const count = () => `__hits[${next++}]++`
  const before = (at: number, text: string) => inserts.push({ at, text })
  const visitWrapped = (node: Node, open: string, close: string) => {
    before(node.start, open)
    visit(node)
    before(node.end, close)
  }
  const visitExpression = (node: Node) => visitWrapped(node, `(${count()},`, ')')
  const visitStatement = (node: Node) => {
    if (node.type === 'BlockStatement') visit(node)
    else visitWrapped(node, `{${count()};`, '}')
  }
  // Inserts at one place keep their order: what lies outside comes first where it begins, and last where it ends.
  const visit = (node: Node) => {
    if (node.type.startsWith('TS') && !runtimeTypes.has(node.type)) return
    if (node.type === 'BlockStatement') before(node.start + 1, `${count()};`)
    const child = node as Node & { readonly [key: string]: unknown }
    if (node.type === 'Literal') gather(child.value, words)
    if (node.type === 'SwitchCase') {
      const [statement] = child.consequent as Node[]
      if (statement !== undefined) before(statement.start, `${count()};`)
    }
    for (const [key, value] of Object.entries(child)) {
      if (Array.isArray(value)) for (const item of value) if (isNode(item)) visit(item)
      if (!isNode(value)) continue
      if (expressions.has(`${node.type}.${key}`) && value.type !== 'BlockStatement') visitExpression(value)
      else if (statements.has(`${node.type}.${key}`)) visitStatement(value)
      else visit(value)
    }
    if (node.type === 'IfStatement' && !child.alternate) before(node.end, ` else {${count()}}`)
  }
  visit(parseAst(source, { lang: 'ts' }) as unknown as Node)
  return { source: withInserts(source, inserts), counters: next - first, words: [...words] }
}

/** What is reached or not by itself: bodies of arrow functions, arms, and what stands behind `&&`, `||` and `??`. */
const expressions = new Set([
  'ArrowFunctionExpression.body',
  'ConditionalExpression.consequent',
  'ConditionalExpression.alternate',
  'LogicalExpression.right',
])
const statements = new Set([
  'IfStatement.consequent',
  'IfStatement.alternate',
  'ForStatement.body',
  'ForOfStatement.body',
  'ForInStatement.body',
  'WhileStatement.body',
  'DoWhileStatement.body',
])
const runtimeTypes = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression'])

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

function gather(value: unknown, words: Set<string | number>): void {
  if (typeof value === 'number' && value > 0xff && Number.isSafeInteger(value)) words.add(value)
  if (
    typeof value === 'string' &&
    value.length > 1 &&
    value.length <= WORD_MAX_CHARACTERS &&
    !/ |^\.\.?\//.test(value)
  )
    words.add(value)
}

function withInserts(
  source: string,
  inserts: readonly { readonly at: number; readonly text: string }[],
): string {
  const pieces: string[] = []
  let done = 0
  for (const { at, text } of [...inserts].sort((left, right) => left.at - right.at)) {
    pieces.push(source.slice(done, at), text)
    done = at
  }
  return [...pieces, source.slice(done)].join('')
}
