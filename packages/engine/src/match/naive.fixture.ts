/**
 * The oracle of the matcher's tests: what ClamAV's manual says of a body signature, in the most obvious way, over a whole
 * content in memory. It reads the hexadecimal text itself and shares no code with the matcher or the compiler. Slow.
 */

type Step = (content: Uint8Array, place: number) => number[]

interface NaivePart {
  readonly gap: readonly [min: number, max: number]
  readonly endsFrom: (content: Uint8Array, start: number) => number[]
}

const startsWord = ' -/_.<@'
const endsWord = ' -/_\n\r"\'=>'

function characterAt(content: Uint8Array, place: number): string | undefined {
  const byte = content[place]
  return byte === undefined ? undefined : String.fromCharCode(byte)
}

function byteTest(hex: string): (byte: number | undefined) => boolean {
  const expression = new RegExp(`^${hex.replaceAll('?', '.')}$`, 'i')
  return (byte) => byte !== undefined && expression.test(byte.toString(16).padStart(2, '0'))
}

function textStep(hex: string): Step {
  const tests = (hex.match(/../g) ?? []).map(byteTest)
  return (content, place) =>
    tests.every((fits, index) => fits(content[place + index])) ? [place + tests.length] : []
}

function groupStep(text: string, negated: boolean): Step {
  if (text === 'B' || text === 'W' || text === 'L') return classStep(text, negated)
  const alternatives = topLevel(text, /\|/)
  const steps = alternatives.map((alternative) => rowStep(tokensOf(alternative).map(tokenStep)))
  if (!negated) return (content, place) => steps.flatMap((step) => step(content, place))
  const length = (alternatives[0] ?? '').length / 2
  return (content, place) =>
    place + length <= content.length && steps.every((step) => step(content, place).length === 0)
      ? [place + length]
      : []
}

/** Cuts where the expression matches outside all parentheses; what it matches is left out. */
function topLevel(text: string, at: RegExp): string[] {
  const pieces = ['']
  let depth = 0
  for (const character of text) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth === 0 && at.test(character)) pieces.push('')
    else pieces[pieces.length - 1] += character
  }
  return pieces
}

/** Groups with all that is in them, and the runs of digits between. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  let depth = 0
  for (const character of text) {
    const begins = depth === 0 && (character === '!' || (character === '(' && tokens.at(-1) !== '!'))
    const goesOn = depth > 0 || character === '(' || /^[^(!]/.test(tokens.at(-1) ?? '(')
    if (begins || !goesOn) tokens.push('')
    tokens[tokens.length - 1] += character
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
  }
  return tokens
}

function tokenStep(token: string): Step {
  const group = /^(!?)\((.*)\)$/.exec(token)
  return group === null ? textStep(token) : groupStep(group[2] ?? '', group[1] === '!')
}

function rowStep(steps: readonly Step[]): Step {
  return (content, start) => {
    let places = [start]
    for (const step of steps) places = [...new Set(places.flatMap((place) => step(content, place)))]
    return places
  }
}

function classStep(name: string, negated: boolean): Step {
  return (content, place) => {
    const character = characterAt(content, place)
    if (character === undefined) return []
    if (name === 'L') {
      const length =
        character === '\n' ? 1 : character === '\r' && characterAt(content, place + 1) === '\n' ? 2 : 0
      if (negated) return length === 0 ? [place + 1] : []
      return length === 0 ? [] : [place + length]
    }
    const inClass =
      name === 'W' ? /[^a-zA-Z0-9]/.test(character) : (startsWord + endsWord).includes(character)
    return inClass !== negated ? [place + 1] : []
  }
}

function edgeHolds(name: string, side: 'start' | 'end', content: Uint8Array, place: number): boolean {
  const character = characterAt(content, side === 'start' ? place - 1 : place)
  if (character === undefined) return true
  if (name === 'W') return /[^a-zA-Z0-9]/.test(character)
  if (name === 'B') return (side === 'start' ? startsWord : endsWord).includes(character)
  return (
    character === '\n' || (side === 'end' && character === '\r' && characterAt(content, place + 1) === '\n')
  )
}

function parsePart(text: string): NaivePart['endsFrom'] {
  let body = text
  const conditions: ((content: Uint8Array, start: number, end: number) => boolean)[] = []
  const near = (hex: string, range: string, side: 'start' | 'end') => {
    const [low = 0, high = low] = range.split('-').map(Number)
    const fits = byteTest(hex)
    conditions.push((content, start, end) => {
      for (let distance = low; distance <= high; distance += 1) {
        if (fits(content[side === 'start' ? start - 1 - distance : end + distance])) return true
      }
      return false
    })
  }
  body = body.replace(/^(..)\[([^\]]*)\]/, (_, hex: string, range: string) => {
    near(hex, range, 'start')
    return ''
  })
  body = body.replace(/\[([^\]]*)\](..)$/, (_, range: string, hex: string) => {
    near(hex, range, 'end')
    return ''
  })
  const steps: Step[] = []
  const tokens = tokensOf(body)
  tokens.forEach((token, index) => {
    const edge = /^(!?)\(([BLW])\)$/.exec(token)
    const side = index === tokens.length - 1 ? 'end' : index === 0 ? 'start' : undefined
    if (edge === null || side === undefined) steps.push(tokenStep(token))
    else {
      const [, not, name = ''] = edge
      conditions.push(
        (content, start, end) =>
          edgeHolds(name, side, content, side === 'start' ? start : end) !== (not === '!'),
      )
    }
  })
  const row = rowStep(steps)
  return (content, start) =>
    row(content, start).filter((end) => conditions.every((holds) => holds(content, start, end)))
}

function parseParts(hex: string): NaivePart[] {
  const expanded = hex.replace(/\{(\d+)\}/g, (gap, count: string) =>
    Number(count) > 0 && Number(count) < 128 ? '??'.repeat(Number(count)) : gap,
  )
  return expanded.split(/(?=\{)|(?=\*)/).map((piece) => {
    const gap = /^\*|^\{([^}]*)\}/.exec(piece)
    if (gap === null) return { gap: [0, Number.POSITIVE_INFINITY], endsFrom: parsePart(piece) }
    const endsFrom = parsePart(piece.slice(gap[0].length))
    const [low = '', high] = (gap[1] ?? '-').split('-')
    const min = Number(low)
    const max = high === undefined ? min : Number(high)
    return { gap: [min, max === 0 ? Number.POSITIVE_INFINITY : max], endsFrom }
  })
}

/** Whether a signature of this offset and pattern (fields 3 and 4 of an .ndb line) is found in the content. */
export function naiveMatch(offset: string, hex: string, content: Uint8Array): boolean {
  return naiveStarts(offset, hex, content).size > 0
}

/** Where the pattern's last part can begin: the places that a logical signature counts. */
export function naiveStarts(offset: string, hex: string, content: Uint8Array): Set<number> {
  let ends: number[] | undefined
  let starts = new Set<number>()
  for (const part of parseParts(hex)) {
    const next = new Set<number>()
    starts = new Set()
    for (let start = 0; start < content.length; start += 1) {
      const permitted =
        ends === undefined
          ? offsetHolds(offset, start, content.length)
          : ends.some((end) => start - end >= part.gap[0] && start - end <= part.gap[1])
      const reached = permitted ? part.endsFrom(content, start) : []
      for (const end of reached) next.add(end)
      if (reached.length > 0) starts.add(start)
    }
    ends = [...next]
  }
  return starts
}

function offsetHolds(offset: string, start: number, size: number): boolean {
  if (offset === '*') return true
  const [place = '', shift = '0'] = offset.split(',')
  const least = place.startsWith('EOF-') ? size - Number(place.slice(4)) : Number(place)
  return least >= 0 && start >= least && start <= least + Number(shift)
}
