/**
 * Logical signatures (ldb): hex sub-signatures with modifiers, gaps and places, regular expressions that wait for them, and
 * expressions over all of these, in the shares of proportions.ts. Each requires at least one sub-signature that no file holds.
 */
import type { LineSource } from './hash-lines.ts'
import { body, commonBody, commonWords, hex, madeUpWord } from './pattern-body.ts'
import { anyGap, boundedGap, fixedPlaceFor } from './pattern-lines.ts'
import { logicalShares, subsignatureCounts, targetShares } from './proportions.ts'
import { between, byShare, chance, pick, type Random } from './random-choices.ts'
import type { TextWriter } from './text-writer.ts'

/** Of sub-signatures beside the first: those that are a word of harmless files too, in percent. */
const COMMON = 10

/** Writes the lines and answers with the number of hex sub-signatures in them. */
export function writeLogicals(
  writer: TextWriter,
  count: number,
  { random, stem, firstNumber }: LineSource,
): number {
  let patterns = 0
  for (let index = 0; index < count; index++) {
    const target = byShare(random, targetShares)
    const hexes = hexSubsignatures(random, target)
    const others = otherSubsignatures(random)
    patterns += hexes.length
    writer.raw(stem())
    writer.text(
      `${firstNumber + index}-1;${description(random, target)};${expression(random, hexes.length, others.length)};`,
    )
    writer.text(`${[...hexes, ...others].join(';')}\n`)
  }
  return patterns
}

function description(random: Random, target: number): string {
  const parts = ['Engine:150-255', `Target:${target}`]
  if (chance(random, logicalShares.fileSize))
    parts.push(`FileSize:${between(random, 64, 4096)}-${between(random, 100_000, 9_000_000)}`)
  if (target === 1 && chance(random, logicalShares.numberOfSections))
    parts.push(`NumberOfSections:${between(random, 1, 4)}-8`)
  if (target === 0 && chance(random, logicalShares.container)) parts.push('Container:CL_TYPE_ZIP')
  return parts.join(',')
}

/** The first one is always made up; the expression asks for it. */
function hexSubsignatures(random: Random, target: number): string[] {
  const count = pick(random, subsignatureCounts)
  const bodies = Array.from({ length: count }, (_, index) =>
    index > 0 && target !== 1 && chance(random, COMMON) ? commonBody(random, target) : body(random, target),
  )
  if (chance(random, logicalShares.boundedGap)) bodies[0] = boundedGap(random, target)
  else if (chance(random, (logicalShares.anyGap * 100) / (100 - logicalShares.boundedGap)))
    bodies[0] = anyGap(random, target)
  if (chance(random, logicalShares.place)) bodies[0] = `${fixedPlaceFor(random, target)}:${bodies[0]}`
  if (!chance(random, logicalShares.anyCase)) return bodies
  return bodies.map((text, index) => (index === 0 || chance(random, 80) ? text + modifiers(random) : text))
}

function modifiers(random: Random): string {
  return byShare(random, [
    ['::i', 70],
    ['::iw', 8],
    ['::iwa', 12],
    ['::if', 5],
    ['::ia', 5],
  ] as const)
}

/** What waits for the first sub-signature: regular expressions, comparisons of bytes, images. */
function otherSubsignatures(random: Random): string[] {
  const others: string[] = []
  if (chance(random, logicalShares.pcre)) {
    others.push(regularExpression(random))
    if (chance(random, 20)) others.push(regularExpression(random))
  }
  if (chance(random, logicalShares.byteCompare))
    others.push(`0(>>${between(random, 4, 64)}#ile4#>${between(random, 10, 60_000)})`)
  if (chance(random, logicalShares.fuzzyImage)) others.push(`fuzzy_img#${hex(random, 8)}#0`)
  return others
}

/** In the manner of published ones: a word, white space and classes with bounds, something made up. */
function regularExpression(random: Random): string {
  const word = pick(random, commonWords).replace(
    /[^\w ]/g,
    (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  const strange = madeUpWord(random)
  const text = pick(random, [
    `${word}\\s*\\(\\s*[\\x22\\x27]${strange}`,
    `${strange}\\s{0,8}=\\s{0,8}[\\x22\\x27][a-z0-9]{8,64}[\\x22\\x27]`,
    `(?:${word}|${strange})[^\\r\\n]{0,40}${strange}`,
    `\\b${strange}\\w{3,12}\\.${madeUpWord(random)}\\b`,
    `[A-F0-9]{16,32}\\x00{1,8}${strange}`,
    `(\\w+)\\s*=\\s*${strange}\\x28\\1`,
    `^.{0,256}${strange}(?=[\\s\\x3b])`,
  ])
  return `0/${text}/${pick(random, ['', 'i', 'i', 'i', 's', 'si', 'm', 'g'])}`
}

/** All of them, a choice among some, or more than so many; always with the first. */
function expression(random: Random, hexes: number, others: number): string {
  const rest = Array.from({ length: hexes - 1 }, (_, index) => index + 1)
  const tail = Array.from({ length: others }, (_, index) => hexes + index)
  const wanted = rest.length === 0 ? [] : [restOf(random, rest)]
  const first = chance(random, logicalShares.more) ? `0>${between(random, 1, 4)}` : '0'
  return [first, ...wanted, ...tail].join('&')
}

function restOf(random: Random, rest: readonly number[]): string {
  if (rest.length === 1) return String(rest[0])
  return byShare(random, [
    [rest.join('&'), 60],
    [`(${rest.join('|')})`, 28],
    [`(${rest.join('|')})>1`, 6],
    [`(${rest.join('|')})>1,2`, 6],
  ] as const)
}
