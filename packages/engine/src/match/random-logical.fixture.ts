/** Random logical signatures over random patterns, for tests beside an oracle: the same seed gives the same. */
import {
  type Random,
  type RandomOptions,
  type RandomSignature,
  randomSignature,
} from './random-signatures.fixture.ts'

export interface RandomLogical {
  /** What follows the name in an .ldb line, without the sub-signatures. */
  readonly head: string
  readonly patterns: readonly RandomSignature[]
}

/** A logical signature of one to four patterns, each of which its expression speaks of. */
export function randomLogical(random: Random, options: RandomOptions): RandomLogical {
  const count = 1 + random.whole(4)
  const patterns = Array.from({ length: count }, () => randomSignature(random, options))
  const low = random.whole(100)
  const size = random.chance(0.2) ? `,FileSize:${low}-${low + random.whole(2000)}` : ''
  let expression = randomExpression(random, count, 2)
  // Stock ClamAV wants the highest sub-signature to be spoken of.
  if (!new RegExp(`(?:^|[(&|])${count - 1}`).test(expression)) {
    expression = `${expression}${random.pick(['&', '|'])}${count - 1}`
  }
  return { head: `Engine:51-255,Target:0${size};${expression}`, patterns }
}

/** Groups have two operands at least: stock ClamAV takes no comparison behind one. */
function randomExpression(random: Random, subs: number, depth: number): string {
  const operands = Array.from({ length: (depth < 2 ? 2 : 1) + random.whole(2) }, () => {
    if (depth === 0 || random.chance(0.6)) {
      const sub = random.whole(subs)
      return random.chance(0.4) ? `${sub}${random.pick(['=', '>', '<'])}${random.whole(3)}` : `${sub}`
    }
    const group = `(${randomExpression(random, subs, depth - 1)})`
    if (random.chance(0.4)) return group
    const distinct = random.pick(['', '', ',1', ',2', ',3'])
    return `${group}${random.pick(['=', '>', '<'])}${random.whole(5)}${distinct}`
  })
  const operator = random.pick(['&', '|'])
  return operands.reduce(
    (text, operand) => `${text}${random.chance(0.8) ? operator : random.pick(['&', '|'])}${operand}`,
  )
}
