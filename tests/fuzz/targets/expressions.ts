/** Regular expressions of signatures over hostile texts: PCRE2 with its steps, and POSIX extended ones as RE2's. */
import { fromExtendedRegex, openRegexLibrary, RegexError } from '@coreward/definitions'
import { type FuzzTarget, mustHold, type Outcome } from '../fuzz-target.ts'

const library = openRegexLibrary()
const STEPS = 20_000
/** Expressions and subjects are of some hundred bytes; what a match takes for its way back is bounded by 64 MiB. */
const MEMORY_MAX_BYTES = 160 * 1024 * 1024
const OPTIONS = 0x8 | 0x20 | 0x400

/** The expression, a zero, and the text. */
function parts(input: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const zero = input.indexOf(0)
  return zero === -1 ? [input, input] : [input.subarray(0, zero), input.subarray(zero + 1)]
}

function runPcre(input: Uint8Array): Outcome {
  const [text, content] = parts(input)
  try {
    const regex = library.compile(text, OPTIONS)
    try {
      const subject = library.subject(content.length)
      mustHold(subject !== undefined, 'there is no memory for a subject')
      subject.set(content)
      const budget = { steps: STEPS, mustEnd: () => false }
      const outcome = library.match(regex, 0, content.length, 0, false, budget)
      mustHold(outcome.steps <= STEPS, `${outcome.steps} steps were taken`)
      if (outcome.kind === 'match') {
        const { start, end } = outcome
        mustHold(
          start >= 0 && start <= content.length && end <= content.length,
          `a match from ${start} to ${end}`,
        )
      }
      return JSON.stringify(outcome)
    } finally {
      library.release(regex)
      mustHold(library.memoryBytes <= MEMORY_MAX_BYTES, `the memory grew to ${library.memoryBytes} bytes`)
    }
  } catch (error) {
    if (error instanceof RegexError) return error.message
    throw error
  }
}

const expressions = [
  '^a(b|c)+d$\0abcbcd',
  '(a+)+$\0aaaaaaaaaaaaaaaaaaaaaaaab',
  '(?i)[[:alpha:]]{2,5}\\.exe\0ab.EXE',
  '(?<n>x)\\k<n>(?=y)(?!z)\0xxy',
]
const words = [
  '(',
  ')',
  '[',
  ']',
  '{1,3}',
  '{250}',
  '*',
  '+',
  '?',
  '|',
  '^',
  '$',
  '\\1',
  '\\b',
  '(?:',
  '(?=',
  '(?<=',
  '(?R)',
  '(*',
  '[[:alpha:]]',
  '\0',
]

export const targets: readonly FuzzTarget[] = [
  {
    name: 'expressions:pcre',
    longest: 512,
    seeds: () => expressions.map((text) => Buffer.from(text)),
    words,
    run: runPcre,
  },
  {
    name: 'expressions:extended',
    longest: 512,
    seeds: () => expressions.map((text) => Buffer.from(text)),
    words,
    run(input) {
      const [text, content] = parts(input)
      try {
        return String(
          fromExtendedRegex(Buffer.from(text).toString('latin1')).test(
            Buffer.from(content).toString('latin1'),
          ),
        )
      } catch (error) {
        if (error instanceof SyntaxError) return 'malformed'
        throw error
      }
    },
  },
]
