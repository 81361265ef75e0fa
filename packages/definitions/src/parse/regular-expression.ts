/** A regular expression as a sub-signature: `[offset:]Trigger/PCRE/flags` (ClamAV manual, "PCRE subsignatures"). */
import { regexOptions } from '../regex/regex-library.ts'
import type { RegexCondition, RegexFlags } from './condition.ts'
import { parseExpression } from './expression.ts'
import { type PatternOffset, Refusal } from './pattern.ts'
import { parseOffset } from './place.ts'

const options: { readonly [flag: string]: number } = {
  i: regexOptions.caseless,
  s: regexOptions.dotAll,
  m: regexOptions.multiline,
  x: regexOptions.extended,
  A: regexOptions.anchored,
  E: regexOptions.dollarEndOnly,
  U: regexOptions.ungreedy,
}

/** Reads sub-signature number `sub`, which must hold a `/`. What PCRE2 thinks of the expression is not asked here. Throws Refusal. */
export function parseRegularExpression(text: string, sub: number, target: number): RegexCondition {
  const begin = text.indexOf('/')
  const end = text.lastIndexOf('/')
  if (begin === end) throw new Refusal('a regular expression without a second "/"')
  if (end - begin === 1) throw new Refusal('a regular expression that is empty')
  const [trigger = '', offset = '*', ...more] = text.slice(0, begin).split(':').reverse()
  if (more.length > 0) throw new Refusal('has more than one offset')
  const operations = parseExpression(trigger)
  for (const step of operations) {
    if (step.kind === 'count' && step.sub >= sub) {
      throw new Refusal(
        `a regular expression that waits for sub-signature ${step.sub}, which is not before it`,
      )
    }
  }
  return {
    kind: 'regex',
    trigger: operations,
    offset: regexOffset(offset, target),
    text: new Uint8Array(Buffer.from(text.slice(begin + 1, end))),
    flags: parseFlags(text.slice(end + 1)),
  }
}

/** As in clamscan an expression is not confined to version information: it may match anywhere. */
function regexOffset(text: string, target: number): PatternOffset {
  const offset = parseOffset(text, target)
  return offset.kind === 'versionInfo' ? { kind: 'any' } : offset
}

function parseFlags(letters: string): RegexFlags {
  let bits = 0
  for (const letter of letters) {
    if ('gre'.includes(letter)) continue
    const option = Object.hasOwn(options, letter) ? options[letter] : undefined
    if (option === undefined) throw new Refusal(`"${letter}" is not a flag of a regular expression`)
    bits |= option
  }
  return {
    global: letters.includes('g'),
    rolling: letters.includes('r'),
    encompass: letters.includes('e'),
    options: bits >>> 0,
  }
}
