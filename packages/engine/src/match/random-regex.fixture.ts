/**
 * Random logical signatures whose sub-signatures are fixed bytes and regular expressions, and an oracle for them that
 * counts fixed bytes by itself and asks V8's RegExp over Latin-1 text. Shares no code with the matcher or the compiler.
 */
import type { Random } from './random-signatures.fixture.ts'

/** An .ldb line without its name. Its letters are `a` to `d` and `!`; no expression matches nothing. */
export function randomRegexLogical(random: Random): string {
  const fixed = Array.from(
    { length: 1 + random.whole(2) },
    () => randomText(random, 1) + randomText(random, 1),
  )
  const expressions = Array.from({ length: 1 + random.whole(2) }, (_, index) =>
    randomRegexSub(random, fixed.length + index),
  )
  const subs = [...fixed.map((text) => Buffer.from(text).toString('hex')), ...expressions]
  const asked = subs.map((_, sub) =>
    random.chance(0.5) ? `${sub}` : `${sub}${random.pick(['=', '>', '<'])}${random.whole(3)}`,
  )
  return `Engine:81-255,Target:0;${asked.join(random.pick(['&', '|']))};${subs.join(';')}`
}

function randomRegexSub(random: Random, sub: number): string {
  const first = random.whole(sub)
  const trigger = random.pick([
    `${first}`,
    `${first}`,
    `${first}=${random.whole(2)}`,
    `${first}|${random.whole(sub)}`,
    `(${first}|${random.whole(sub)})>1`,
  ])
  const distance = random.whole(12)
  const offset = random.pick([
    '',
    '',
    `${distance}:`,
    `${distance},${random.whole(9)}:`,
    `EOF-${distance},${random.whole(9)}:`,
    `EOF-${distance}:`,
  ])
  const flags = ['g', 'r', 'e', 'i', 's', 'm'].filter(() => random.chance(0.3)).join('')
  const before = random.chance(0.2) ? random.pick(['^', '\\b', '(?<=b)', '(?<!a)', '(?=a)']) : ''
  const behind = random.chance(0.2) ? random.pick(['$', '\\B', '(?!c)', '(?=[ab])']) : ''
  const core = `${randomText(random, 1)}${randomRegex(random, 2)}`
  return `${offset}${trigger}/${before}${core}${behind}/${flags}`
}

function randomRegex(random: Random, depth: number): string {
  return Array.from({ length: 1 + random.whole(3) }, () => {
    const atom = randomAtom(random, depth)
    if (random.chance(0.6)) return atom
    // Repeated groups of repeated things would exceed stock clamscan's limit.
    const often = atom.endsWith(')') ? ['?', '{2}'] : ['*', '+', '?', '{2}', '{1,2}', '{0,3}']
    return `${atom}${random.pick(often)}${random.chance(0.3) ? '?' : ''}`
  }).join('')
}

function randomAtom(random: Random, depth: number): string {
  if (depth === 0 || random.chance(0.6)) {
    return random.pick(['a', 'b', 'c', '.', '[ab]', '[^a]', '\\x61', '[a-c]', '\\w', '\\W', '\\n', '\\s'])
  }
  const inner = randomRegex(random, depth - 1)
  if (random.chance(0.2)) return `(?:${inner}|${randomRegex(random, depth - 1)})`
  if (random.chance(0.2)) return `(?:([ab])${inner}\\1)`.replace('\\1', depth === 2 ? '[ab]' : '')
  return random.chance(0.5) ? `(?:${inner})` : `(?=${inner})${randomText(random, 1)}`
}

function randomText(random: Random, most: number): string {
  return Array.from({ length: 1 + random.whole(most) }, () => random.pick(['a', 'b', 'c'])).join('')
}

/** A content of the same letters, line feeds and others. */
export function randomRegexContent(random: Random, length: number): Buffer {
  const letters = random.pick(['ab', 'abc', 'abcA!', 'abC \n', 'ab\n\xe9\0'])
  return Buffer.from(Array.from({ length }, () => letters.charCodeAt(random.whole(letters.length))))
}

/** Whether the signature of such a line is found in the content. */
export function naiveRegexMatch(line: string, content: Buffer): boolean {
  const [, expression = '', ...subs] = line.split(';')
  const text = content.toString('latin1')
  const counts: number[] = []
  for (const sub of subs) {
    counts.push(sub.includes('/') ? countRegex(sub, text, counts) : countFixed(sub, text))
  }
  return holds(expression, counts)
}

function countFixed(hex: string, text: string): number {
  const wanted = Buffer.from(hex, 'hex').toString('latin1')
  return [...text].filter((_, at) => text.startsWith(wanted, at)).length
}

function countRegex(sub: string, text: string, counts: readonly number[]): number {
  const [, place = '', trigger = '', body = '', flags = ''] =
    /^(?:([^:/]*):)?([^/]*)\/(.*)\/(\w*)$/s.exec(sub) ?? []
  if (!holds(trigger, counts)) return 0
  const [at = '', shift = '0'] = place.split(',')
  const from = at.startsWith('EOF') ? text.length - Number(at.slice(4)) : Number(at)
  if (from < 0 || (place !== '' && from >= text.length)) return 0
  const maxShift = Number(shift)
  const seen = maxShift > 0 && flags.includes('e') ? text.slice(from, from + maxShift) : text.slice(from)
  const isAnchored = place !== '' && maxShift === 0 && !flags.includes('r')
  // Without E the end is also before a line feed that ends the text; V8 knows no such thing.
  const written = flags.includes('m') ? body : body.replace(/\$$/, '(?=\\n?$(?![^]))')
  const options = `${isAnchored ? 'y' : 'g'}${flags.replace(/[gre]/g, '')}`
  let count = 0
  for (const regex = new RegExp(asciiSpace(written), options); ; ) {
    const match = regex.exec(seen)
    if (match === null || (maxShift > 0 && match.index > maxShift)) return count
    count += 1
    if (!flags.includes('g')) return count
  }
}

/** White space of ASCII alone, as in PCRE over bytes. */
function asciiSpace(body: string): string {
  return body.replaceAll('\\s', '[ \\t-\\r]')
}

/** Operands of one kind of operator, each a number and perhaps a comparison; or a group of two compared. */
function holds(expression: string, counts: readonly number[]): boolean {
  const group = /^\((\d+)\|(\d+)\)>1$/.exec(expression)
  if (group !== null) {
    const both = [...group.slice(1)].map((sub) => counts[Number(sub)] ?? 0)
    return (both[0] ?? 0) + (both[1] ?? 0) > 1
  }
  const operands = expression.split(/[&|]/).map((operand) => {
    const [, sub = '', relation = '>', bound = '0'] = /^(\d+)([=<>])?(\d+)?$/.exec(operand) ?? []
    const count = counts[Number(sub)] ?? 0
    if (relation === '=') return count === Number(bound)
    return relation === '>' ? count > Number(bound) : count < Number(bound)
  })
  return expression.includes('&') ? operands.every(Boolean) : operands.some(Boolean)
}
