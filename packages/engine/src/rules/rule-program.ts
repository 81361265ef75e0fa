/**
 * What a rule thread runs. It is started from its source text, by a process that may no longer read its own code: the function
 * here stands by itself, and speaks of nothing but what it is given.
 */
import type { MessagePort } from 'node:worker_threads'

type Library = typeof import('@virustotal/yara-x')

/** Rules that are asked about together, by number; their texts when the thread has not had them. */
export interface RuleGroup {
  readonly key: number
  readonly texts?: readonly (readonly [rule: number, text: string])[]
}

export interface RuleQuestion {
  readonly content: Uint8Array<ArrayBuffer>
  readonly groups: readonly RuleGroup[]
}

export interface RuleAnswer {
  /** Each rule of a text that holds: the text's number, and its name. */
  readonly found: readonly (readonly [rule: number, name: string])[]
  /** Bytes of memory that the library has taken, which it does not give back. */
  readonly memory: number
}

/** Says `ready`, and serves questions, one at a time. */
export function serveRules(
  library: Library,
  port: MessagePort,
  program: Uint8Array<ArrayBuffer>,
  matchesMax: number,
): void {
  const { memory } = library.initSync({ module: program })
  const known = new Map<number, InstanceType<Library['Scanner']>>()

  function scannerOf({ key, texts = [] }: RuleGroup): InstanceType<Library['Scanner']> {
    const old = known.get(key)
    if (old !== undefined) return old
    const compiler = new library.Compiler()
    for (const [rule, text] of texts) {
      compiler.newNamespace(`${rule}`)
      compiler.addSource(text)
    }
    const rules = compiler.build()
    const scanner = rules.scanner()
    scanner.setMaxMatchesPerPattern(matchesMax)
    known.set(key, scanner)
    rules.free()
    compiler.free()
    return scanner
  }

  port.on('message', ({ content, groups }: RuleQuestion) => {
    const found: [number, string][] = []
    for (const group of groups) {
      const { valid, errors, matches } = scannerOf(group).scan(content)
      if (!valid) throw new Error(errors.join('; '))
      for (const { namespace, identifier } of matches) found.push([Number(namespace), identifier])
    }
    const answer: RuleAnswer = { found, memory: memory.buffer.byteLength }
    port.postMessage(answer)
  })
  port.postMessage('ready')
}
