/** How many bytes a pattern's steps can consume, least and most. */
import type { PatternElement } from './parse/pattern.ts'

export interface Span {
  readonly min: number
  readonly max: number
}

/** The bytes that `elements` consume in a row. */
export function spanOf(elements: readonly PatternElement[]): Span {
  let min = 0
  let max = 0
  for (const element of elements) {
    const span = elementSpan(element)
    min += span.min
    max += span.max
  }
  return { min, max }
}

function elementSpan(element: PatternElement): Span {
  switch (element.kind) {
    case 'literal':
    case 'folded':
      return fixed(element.bytes.length)
    case 'masked':
      return fixed(element.values.length)
    case 'fixed':
      return fixed(element.alternatives[0]?.length ?? 0)
    case 'branch': {
      const lengths = element.alternatives.map(({ values }) => values.length)
      return { min: Math.min(...lengths), max: Math.max(...lengths) }
    }
    case 'class':
      // CRLF is a line's end of two bytes.
      return element.characterClass === 'line' && !element.negated ? { min: 1, max: 2 } : fixed(1)
  }
}

function fixed(length: number): Span {
  return { min: length, max: length }
}
