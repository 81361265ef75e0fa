/**
 * The oracle for logical signatures: an .ldb line read by itself and judged over a whole content in memory, by what the
 * manual says and clamscan does. Shares no code with the matcher or the compiler.
 */
import { naiveStarts } from './naive.fixture.ts'

/** Whether it holds, the matches behind that, and the numbers of the sub-signatures they are of. */
type Outcome = readonly [holds: boolean, matches: number, subs: ReadonlySet<string>]

const nothing: Outcome = [false, 0, new Set()]

/** Whether the signature of an .ldb line, which must be well-formed, is found in the content. Targets are not looked at. */
export function naiveLogicalMatch(line: string, content: Uint8Array): boolean {
  const [, description = '', expression = '', ...subs] = line.split(';')
  const [, low = '0', high = 'Infinity'] = /FileSize:(\d+)-(\d+)/.exec(description) ?? []
  if (content.length < Number(low) || content.length > Number(high)) return false
  const counts = subs.map((sub) => {
    const [pattern = '', letters = ''] = sub.split('::')
    const [hex = '', offset = '*'] = pattern.split(':').reverse()
    const starts = variants(hex, letters).map((variant) => [...naiveStarts(offset, variant, content)])
    return new Set(starts.flat()).size
  })
  return judge(expression, counts, true)[0]
}

/**
 * The patterns without modifiers that one with them stands for. Not for a byte near a part, nor for a whole word that is
 * wide or whose pattern begins or ends with other than bytes.
 */
function variants(hex: string, letters: string): string[] {
  const widths = letters.includes('w') ? (letters.includes('a') ? [false, true] : [true]) : [false]
  return widths.map((wide) => {
    const pieces = hex.split(/(\{.*?\}|\([BWL]\)|[()|!*])/).map((piece) => {
      if (!/^[0-9a-f?]+$/i.test(piece)) return piece
      const bytes = piece.match(/../g) ?? []
      return bytes
        .map((byte) => `${letters.includes('i') ? eitherCase(byte) : byte}${wide ? '00' : ''}`)
        .join('')
    })
    return letters.includes('f') ? `(W)${pieces.join('')}(W)` : pieces.join('')
  })
}

function eitherCase(byte: string): string {
  const letter = byte.includes('?') ? '' : String.fromCharCode(Number.parseInt(byte, 16))
  if (!/^[a-z]$/i.test(letter)) return byte
  return `(${[letter.toLowerCase(), letter.toUpperCase()].map((each) => Buffer.from(each).toString('hex')).join('|')})`
}

function judge(text: string, counts: readonly number[], outermost: boolean): Outcome {
  const operators = [...text].flatMap((sign, at) =>
    /[&|]/.test(sign) && depthAt(text, at) === 0 ? [at] : [],
  )
  const at = outermost ? operators[0] : operators.at(-1)
  if (at !== undefined) {
    const left = judge(text.slice(0, at), counts, outermost)
    const right = judge(text.slice(at + 1), counts, outermost)
    const holds = text[at] === '&' ? left[0] && right[0] : left[0] || right[0]
    return holds ? [true, left[1] + right[1], new Set([...left[2], ...right[2]])] : nothing
  }
  const group = /^\((.*)\)([^)]*)$/.exec(text)
  if (group !== null) {
    const [, inner = '', asked = ''] = group
    const outcome = judge(inner, counts, false)
    if (asked === '') return outcome
    const holds = compares(asked, outcome[1]) && outcome[2].size >= Number(asked.split(',')[1] ?? 0)
    return holds ? [true, outcome[1], new Set()] : nothing
  }
  const [, number = '', asked = ''] = /^(\d+)(.*)$/.exec(text) ?? []
  const matches = counts[Number(number)] ?? Number.NaN
  return compares(asked === '' ? '>0' : asked, matches) ? [true, matches, new Set([number])] : nothing
}

function depthAt(text: string, at: number): number {
  const before = text.slice(0, at)
  return before.split('(').length - before.split(')').length
}

function compares(asked: string, matches: number): boolean {
  const bound = Number.parseInt(asked.slice(1), 10)
  return asked[0] === '=' ? matches === bound : asked[0] === '>' ? matches > bound : matches < bound
}
