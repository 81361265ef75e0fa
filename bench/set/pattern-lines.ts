/**
 * Signatures by bytes (ndb), and what logical signatures take over from them: where a pattern may begin, and gaps in it.
 */
import type { LineSource } from './hash-lines.ts'
import { body, hex } from './pattern-body.ts'
import { executableOffsets, executableTargets, otherOffsets, targetShares } from './proportions.ts'
import { between, byShare, chance, type Random } from './random-choices.ts'
import type { TextWriter } from './text-writer.ts'

/** `Name:Target:Offset:Hex`. */
export function writePatterns(
  writer: TextWriter,
  count: number,
  { random, stem, firstNumber }: LineSource,
): void {
  for (let index = 0; index < count; index++) {
    const target = byShare(random, targetShares)
    writer.raw(stem())
    writer.text(`${firstNumber + index}:${target}:${placeFor(random, target)}:${withGaps(random, target)}\n`)
  }
}

/** Where a pattern for this target may begin, as ClamAV writes it. */
function placeFor(random: Random, target: number): string {
  return chance(random, sumOf(offsetsFor(target))) ? fixedPlaceFor(random, target) : '*'
}

/** The same, and never anywhere. */
export function fixedPlaceFor(random: Random, target: number): string {
  const offsets = offsetsFor(target)
  const shares = Object.entries(offsets).map(
    ([kind, percent]) => [kind, (percent * 100) / sumOf(offsets)] as const,
  )
  const shift = chance(random, 30) ? `,${between(random, 1, 512)}` : ''
  switch (byShare(random, shares)) {
    case 'end':
      return `EOF-${between(random, 32, 4096)}${shift}`
    case 'entryPoint':
      return `EP${chance(random, 85) ? '+' : '-'}${between(random, 0, 512)}${shift}`
    case 'section':
      return `S${between(random, 0, 4)}+${between(random, 0, 4096)}${shift}`
    case 'lastSection':
      return `SL+${between(random, 0, 4096)}${shift}`
    case 'wholeSection':
      return `SE${between(random, 0, 4)}`
    default:
      return `${between(random, 0, 64)}${shift}`
  }
}

const offsetsFor = (target: number) => (executableTargets.includes(target) ? executableOffsets : otherOffsets)
const sumOf = (shares: object) =>
  Object.values(shares).reduce((sum: number, percent: number) => sum + percent, 0)

/** A gap of bounded width between two bodies. */
export function boundedGap(random: Random, target: number): string {
  const least = between(random, 0, 16)
  const gap = chance(random, 30) ? `{${least + 1}}` : `{${least}-${least + between(random, 1, 200)}}`
  return body(random, target) + gap + body(random, target)
}

/** A gap of any width. */
export function anyGap(random: Random, target: number): string {
  return `${body(random, target)}*${body(random, target)}`
}

function withGaps(random: Random, target: number): string {
  const kind = byShare(random, [
    ['plain', 74],
    ['bounded', 10],
    ['any', 10],
    ['choice', 4],
    ['nibble', 2],
  ] as const)
  const plain = () => body(random, target)
  if (kind === 'bounded') return boundedGap(random, target)
  if (kind === 'any') return anyGap(random, target)
  if (kind === 'choice') return `${plain()}(${hex(random, 2)}|${hex(random, 2)}|${hex(random, 2)})${plain()}`
  if (kind === 'nibble') return `${plain()}${hex(random, 1)[0]}?${plain()}`
  return plain()
}
