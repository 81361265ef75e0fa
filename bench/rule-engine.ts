/**
 * The rule engine alone (ADR 21): `node bench/rule-engine.ts [RULES…]` prints, for each number of rules in a process of its own, what the engine's thread takes
 * of memory, how long the first question waits, and what a content costs: when all rules are asked about it, and when one is.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../packages/engine/src/byte-source.ts'
import { createRuleJudge } from '../packages/engine/src/rules/rule-judge.ts'
import { openRuleLibrary } from '../packages/engine/src/rules/rule-library.ts'

const CONTENTS = 500
const content = Buffer.alloc(1024, 'some text of a kilobyte, ')

const [mode, ...counts] = process.argv.slice(2)
if (mode === 'measure') await measure(Number(counts[0]))
else {
  const wanted = process.argv.slice(2)
  for (const count of wanted.length > 0 ? wanted : ['1', '10', '100', '1000', '2000']) {
    const options = ['--expose-gc', import.meta.filename, 'measure', count]
    spawnSync(process.execPath, options, { stdio: 'inherit' })
  }
}

/** Bytes of the process that it shares with nobody. */
function ownBytes(): number {
  globalThis.gc?.()
  const lines = readFileSync('/proc/self/smaps_rollup', 'utf8')
  const kilobytes = [...lines.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)]
  return kilobytes.reduce((sum, [, count]) => sum + Number(count) * 1024, 0)
}

/** Of half of the rules nothing must be found, so that they are asked about every content; the others wait for a text. */
async function measure(count: number): Promise<void> {
  const rules = Array.from({ length: count }, (_, index) => [
    `rule Always${index} { condition: math.entropy(0, filesize) > ${7 + (index + 1) / 1e5} }`,
    `rule Waiting${index} { strings: $a = "a text of number ${index}" condition: $a and math.entropy(0, filesize) > 7 }`,
  ])
  const { bytes } = compileDefinitions({
    version: 'bench',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'bench.yar', text: `import "math"\n${rules.flat().join('\n')}` }],
  })
  const definitions = openDefinitions(bytes)
  const without = ownBytes()
  const library = openRuleLibrary()
  const ready = ownBytes()
  const judgeOf = (always: boolean) => {
    const judge = createRuleJudge(
      { ...definitions, rules: definitions.rules.filter((rule) => rule.always === always) },
      library,
    )
    if (judge === undefined) throw new Error('the set has no such rules')
    return judge
  }
  const told = [`${count} rules; ready ${megabytes(ready - without)}`]
  const waiting = definitions.rules.find(({ always }) => !always)?.signature ?? 0
  for (const [name, always, asked] of [
    ['one that waits', false, [waiting]],
    ['all that are always asked', true, []],
  ] as const) {
    const before = ownBytes()
    const judge = judgeOf(always)
    const ask = () => judge.judge(bytesSource(content), asked, () => {})
    const [first] = await timed(ask)
    const memory = ownBytes() - before
    const [each, cpu] = await timed(async () => {
      for (let index = 0; index < CONTENTS; index += 1) await ask()
    })
    told.push(
      `${name}: thread ${megabytes(memory)}, first ${first.toFixed(0)} ms, then ${(each / CONTENTS).toFixed(3)} ms (${(cpu / CONTENTS).toFixed(3)} of processor time)`,
    )
  }
  console.log(told.join('\n  '))
}

async function timed(work: () => Promise<unknown>): Promise<[milliseconds: number, cpu: number]> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return [performance.now() - started, (user + system) / 1000]
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
