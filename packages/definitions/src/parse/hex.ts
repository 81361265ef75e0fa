/**
 * ClamAV's hexadecimal pattern grammar (ClamAV manual, "Body-based Signature Content Format") → parts. Everything the
 * grammar has is read here: `??` `a?` `?a` `{n}` `{n-m}` `{-n}` `{n-}` `*` `(aa|bb)` `!(aa)` `(B)` `(L)` `(W)` `[x-y]`.
 * Whatever is not in it is refused with a reason; nothing is guessed.
 */
import { NEAR_MAX_DISTANCE } from '../layout.ts'
import { alternativesElement, closingParenthesis, parseMasked } from './alternatives.ts'
import {
  type CharacterClass,
  type Edge,
  type MaskedBytes,
  type NearByte,
  type PatternElement,
  type PatternPart,
  Refusal,
} from './pattern.ts'

/** `{n}` up to this is `n` times `??` within a part; a longer one separates parts. As in ClamAV. */
const INLINE_SKIP_MAX = 127

const classes: { readonly [letter: string]: CharacterClass } = { B: 'word', L: 'line', W: 'nonAlnum' }

/** Reads a whole pattern. Throws Refusal. */
export function parseHexPattern(text: string): PatternPart[] {
  if (text === '') throw new Refusal('the pattern is empty')
  const pieces = splitAtGaps(expandSkips(text))
  return pieces.map(({ gap, text: body }) =>
    gap === undefined ? parsePart(body) : { gap, ...parsePart(body) },
  )
}

function expandSkips(text: string): string {
  return text.replace(/\{(\d+)\}/g, (whole, digits: string) => {
    const count = Number(digits)
    return count >= 1 && count <= INLINE_SKIP_MAX ? '??'.repeat(count) : whole
  })
}

type Gap = NonNullable<PatternPart['gap']>

function splitAtGaps(text: string): { gap: Gap | undefined; text: string }[] {
  const pieces: { gap: Gap | undefined; text: string }[] = []
  let gap: Gap | undefined
  let from = 0
  for (const separator of text.matchAll(/\*|\{([^{}]*)\}/g)) {
    pieces.push({ gap, text: text.slice(from, separator.index) })
    gap = separator[1] === undefined ? { min: 0, max: undefined } : parseGap(separator[1])
    from = separator.index + separator[0].length
  }
  pieces.push({ gap, text: text.slice(from) })
  if (pieces.some((piece) => piece.text === '')) throw new Refusal('a gap with nothing before or after it')
  return pieces
}

function parseGap(text: string): Gap {
  const fields = /^(?:(\d+)|(\d*)-(\d*))$/.exec(text)
  if (fields === null || text === '-') throw new Refusal(`{${text}} is not a gap`)
  const [, exact, low, high] = fields
  const min = Number(exact ?? (low === '' ? 0 : low))
  const bound = exact !== undefined ? min : Number(high)
  // As in ClamAV an upper bound of 0 is none: {0-0}, {-0} and {0} are `*`.
  const max = bound === 0 ? undefined : bound
  if (min > 0x7fffffff || (max ?? 0) > 0x7fffffff) throw new Refusal(`the gap {${text}} is longer than 2 GiB`)
  if (max !== undefined && min > max) throw new Refusal(`the gap {${text}} ends before it begins`)
  return { min, max }
}

function parsePart(text: string): Omit<PatternPart, 'gap'> {
  const { body, nearStart, nearEnd } = takeNearBytes(text)
  const tokens = tokenize(body)
  const list: Edge[] = []
  const elements: PatternElement[] = []
  tokens.forEach((token, index) => {
    if (token.kind === 'bytes') elements.push(...runs(parseMasked(token.text)))
    else {
      const characterClass = classes[token.text]
      // At the end first: ClamAV looks there first, so a part that is one class alone would be an end.
      const side = index === tokens.length - 1 ? 'end' : index === 0 ? 'start' : undefined
      if (characterClass === undefined) elements.push(alternativesElement(token.text, token.negated))
      else if (side !== undefined) list.push({ side, negated: token.negated, characterClass })
      else elements.push({ kind: 'class', negated: token.negated, characterClass })
    }
  })
  if (elements.length === 0) throw new Refusal('a part with no bytes in it')
  return {
    elements,
    edges: list,
    ...(nearStart === undefined ? {} : { nearStart }),
    ...(nearEnd === undefined ? {} : { nearEnd }),
  }
}

/** ClamAV knows `[x-y]` at two places only: after a part's first byte and before its last. */
function takeNearBytes(text: string): { body: string; nearStart?: NearByte; nearEnd?: NearByte } {
  const start = /^([0-9a-f?]{2})\[([^\]]*)\]/i.exec(text)
  const rest = start === null ? text : text.slice(start[0].length)
  const end = /\[([^\]]*)\]([0-9a-f?]{2})$/i.exec(rest)
  const body = end === null ? rest : rest.slice(0, end.index)
  if (/[[\]]/.test(body))
    throw new Refusal('[x-y] stands elsewhere than after the first byte or before the last')
  if (body === '') throw new Refusal('[x-y] with nothing to stand beside')
  return {
    body,
    ...(start === null ? {} : { nearStart: nearByte(start[1] ?? '', start[2] ?? '') }),
    ...(end === null ? {} : { nearEnd: nearByte(end[2] ?? '', end[1] ?? '') }),
  }
}

function nearByte(hex: string, range: string): NearByte {
  const fields = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(range)
  const min = Number(fields?.[1])
  const max = Number(fields?.[2] ?? fields?.[1])
  if (fields === null || min > max || max > NEAR_MAX_DISTANCE) {
    throw new Refusal(`[${range}] is not a range from 0 to ${NEAR_MAX_DISTANCE}`)
  }
  const { values, masks } = parseMasked(hex)
  return { value: values[0] ?? 0, mask: masks[0] ?? 0, min, max }
}

type Token =
  | { readonly kind: 'bytes'; readonly text: string }
  | { readonly kind: 'group'; readonly negated: boolean; readonly text: string }

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('(', at)
    const bytesEnd = open === -1 ? text.length : open
    const negated = open > at && text[open - 1] === '!'
    const bytes = text.slice(at, negated ? bytesEnd - 1 : bytesEnd)
    if (bytes !== '') tokens.push({ kind: 'bytes', text: bytes })
    if (open === -1) break
    const close = closingParenthesis(text, open)
    tokens.push({ kind: 'group', negated, text: text.slice(open + 1, close) })
    at = close + 1
  }
  return tokens
}

/** Cuts masked bytes into exact runs and the rest. */
function runs({ values, masks }: MaskedBytes): PatternElement[] {
  const elements: PatternElement[] = []
  for (let from = 0; from < values.length; ) {
    const exact = masks[from] === 0xff
    let to = from + 1
    while (to < values.length && (masks[to] === 0xff) === exact) to += 1
    if (exact) elements.push({ kind: 'literal', bytes: values.slice(from, to) })
    else elements.push({ kind: 'masked', values: values.slice(from, to), masks: masks.slice(from, to) })
    from = to
  }
  return elements
}
